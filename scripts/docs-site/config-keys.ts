/** What the JSON Schema of the configuration says of one key, in the words of `docs/configuration.md`. */
export interface ConfigKey {
  /** `pools.<name>.models`. */
  readonly path: string
  readonly type: string
  readonly byDefault: string
  readonly limits: string
}

type Schema = Readonly<Record<string, unknown>>

/** Every key that holds a value of its own, in the order of the schema. */
export function configKeys(schema: Schema, path = ''): ConfigKey[] {
  const properties = Object.entries(asSchema(schema['properties']))
  const entries = asSchema(schema['additionalProperties'])
  const required = [schema['required'] ?? []].flat()
  const isMap = properties.length === 0 && schema['type'] === 'object'
  if (isMap && entries['properties'] !== undefined) return configKeys(entries, `${path}.<name>`)
  return properties.flatMap(([name, value]) => {
    const property = asSchema(value)
    const own = path === '' ? name : `${path}.${name}`
    if (property['properties'] !== undefined || asSchema(property['additionalProperties'])['properties'] !== undefined)
      return configKeys(property, own)
    const items = asSchema(property['items'])
    if (items['properties'] !== undefined) return configKeys(items, `${own}[]`)
    return [{ path: own, type: typeOf(property), byDefault: defaultOf(property, required.includes(name)), limits: limitsOf(property) }]
  })
}

function typeOf(schema: Schema): string {
  const choices = schema['enum']
  if (Array.isArray(choices)) return choices.join(', ')
  const branches = schema['anyOf']
  if (Array.isArray(branches)) return branches.map((branch) => typeOf(asSchema(branch))).join(' or ')
  if (schema['type'] === 'array') return `list of ${typeOf(asSchema(schema['items']))}`
  if (schema['type'] === 'object') return mappings[String(asSchema(schema['additionalProperties'])['type'])] ?? 'mapping of texts'
  return { string: 'text', integer: 'whole number', number: 'number', boolean: 'true or false' }[String(schema['type'])] ?? 'any'
}

const mappings: Readonly<Record<string, string>> = { array: 'mapping of lists', number: 'mapping of numbers' }

function defaultOf(schema: Schema, isRequired: boolean): string {
  if (isRequired) return 'required'
  if (schema['default'] === undefined) return 'none'
  return schema['default'] === '' ? 'empty' : JSON.stringify(schema['default']).replaceAll('"', '')
}

function limitsOf(schema: Schema): string {
  const said = [
    range(schema['minItems'], schema['maxItems'], 'items'),
    range(schema['exclusiveMinimum'] === undefined ? schema['minimum'] : `more than ${schema['exclusiveMinimum']}`, schema['maximum'], ''),
    range(schema['minLength'], schema['maxLength'], 'characters'),
  ]
  return said.filter((one) => one !== '').join('; ')
}

function range(least: unknown, given: unknown, unit: string): string {
  const most = given === Number.MAX_SAFE_INTEGER ? undefined : given
  if (least === undefined && most === undefined) return ''
  const words = least === undefined ? `at most ${most}` : most === undefined ? `at least ${least}` : `${least} to ${most}`
  return `${words} ${unit}`.trim()
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : {}
}
