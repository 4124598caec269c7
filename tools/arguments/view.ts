import { asObject } from '../definitions.ts'

export type Schema = Readonly<Record<string, unknown>>

const mostParts = 40

/**
 * What a schema asks of a value at its own place: references into the schema itself followed, `allOf` merged.
 *
 * It serves to explain and to make proposals. Whether a value is valid is said by the validator alone, so what is not
 * understood here costs an explanation, never a check.
 */
export function viewOf(schema: unknown, root: Schema, parts = { left: mostParts }): Schema {
  const found = asObject(schema) ?? {}
  const ref = found['$ref']
  const others = [...(typeof ref === 'string' ? [targetOf(ref, root)] : []), ...listOf(found['allOf'])]
  return others.reduce<Schema>((view, part) => {
    // A schema may name itself.
    parts.left -= 1
    return parts.left < 0 ? view : merged(view, viewOf(part, root, parts))
  }, found)
}

function targetOf(ref: string, root: Schema): unknown {
  if (ref === '#') return root
  if (!ref.startsWith('#/')) return undefined
  const steps = ref.slice(2).split('/')
  return steps.reduce<unknown>((at, step) => member(at, step.replaceAll('~1', '/').replaceAll('~0', '~')), root)
}

function member(value: unknown, key: string): unknown {
  if (Array.isArray(value)) return value[Number(key)]
  const object = asObject(value)
  return object && Object.hasOwn(object, key) ? object[key] : undefined
}

function merged(one: Schema, other: Schema): Schema {
  return {
    ...other,
    ...one,
    properties: { ...asObject(other['properties']), ...asObject(one['properties']) },
    required: [...new Set([...listOf(other['required']), ...listOf(one['required'])])],
  }
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

export function propertiesOf(view: Schema): ReadonlyMap<string, unknown> {
  return new Map(Object.entries(asObject(view['properties']) ?? {}))
}

export function requiredOf(view: Schema): readonly string[] {
  return listOf(view['required']).filter((key) => typeof key === 'string')
}

export function branchesOf(view: Schema): readonly unknown[] {
  return [...listOf(view['anyOf']), ...listOf(view['oneOf'])].slice(0, 20)
}

/** The types that a view admits; empty when it does not say. */
export function typesOf(view: Schema): readonly string[] {
  const { type } = view
  if (typeof type === 'string') return [type]
  if (Array.isArray(type)) return type.filter((one) => typeof one === 'string')
  return view['properties'] !== undefined && Object.keys(asObject(view['properties']) ?? {}).length > 0 ? ['object'] : []
}

/** The values that a view admits by name, when it lists them. */
export function choicesOf(view: Schema): readonly unknown[] | undefined {
  if (Array.isArray(view['enum'])) return view['enum']
  return view['const'] === undefined ? undefined : [view['const']]
}

/** The schema of a key that `properties` does not name; `false` where none is allowed. */
export function otherKeys(view: Schema): unknown {
  return view['additionalProperties'] ?? view['unevaluatedProperties'] ?? true
}

export function itemsOf(view: Schema, index: number): unknown {
  const first = Array.isArray(view['items']) ? view['items'] : listOf(view['prefixItems'])
  if (index < first.length) return first[index]
  return Array.isArray(view['items']) ? (view['additionalItems'] ?? {}) : (view['items'] ?? {})
}

export function typeOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return typeof value === 'number' && Number.isInteger(value) ? 'integer' : typeof value
}

export function isOfType(value: unknown, types: readonly string[]): boolean {
  const type = typeOf(value)
  return types.length === 0 || types.includes(type) || (type === 'integer' && types.includes('number'))
}
