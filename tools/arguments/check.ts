import { asObject } from '../definitions.ts'
import type { CheckedArguments } from '../tool.ts'
import { exampleOf } from './example.ts'
import { describeFaults, faultsOf } from './faults.ts'
import { repairArguments, wrappers } from './repair.ts'
import { propertiesOf, type Schema, viewOf } from './view.ts'

/** The longest example that is shown: a longer one is made without what was given. */
const longestExample = 2000

/**
 * Arguments as they may be sent, or in words what is wrong with them, with an example that is valid.
 *
 * `validate` is the judge: what it says of a value, or `undefined`.
 */
export function checkArguments(
  received: unknown,
  schema: Schema,
  validate: (value: unknown) => string | undefined,
): CheckedArguments | { readonly fault: string } {
  const isValid = (value: unknown) => validate(value) === undefined
  const { repaired, nearest, isAmbiguous } = repairArguments(received, schema, isValid)
  if (repaired) {
    const { value, repairs } = repaired
    const warnings = repairs.length > 0 ? [`the arguments were mended before the call: ${repairs.join('; ')}`] : wrapperNote(value, schema)
    return { args: value, warnings }
  }
  const isReadable = typeof received !== 'object' || received === null || Array.isArray(received) ? Object.keys(nearest).length > 0 : true
  const faults = isReadable ? faultsOf(nearest, schema, schema) : []
  const kind = Array.isArray(received) ? 'a list' : `a ${typeof received}`
  const said = !isReadable ? `the arguments must be an object, received ${kind}` : describeFaults(faults, 'arguments') || validate(nearest)
  const unclear = isAmbiguous ? '. What was meant can be read in more than one way, so nothing was mended' : ''
  return { fault: `${said}${unclear}${exampleText(nearest, schema, isValid)}` }
}

function exampleText(given: Readonly<Record<string, unknown>>, schema: Schema, isValid: (value: unknown) => boolean): string {
  for (const start of [given, {}]) {
    const example = exampleOf(start, schema, isValid)
    const text = example && JSON.stringify(example)
    if (text !== undefined && text.length <= longestExample) return `. Arguments that would be valid: ${text}`
  }
  return ''
}

/** A valid call is passed on as it came; that a tool without such a parameter was given a wrapper is worth a word. */
function wrapperNote(value: Readonly<Record<string, unknown>>, schema: Schema): string[] {
  const properties = propertiesOf(viewOf(schema, schema))
  const key = wrappers.find((one) => Object.hasOwn(value, one) && !properties.has(one))
  const inner = key === undefined ? undefined : asObject(value[key])
  const known = Object.keys(inner ?? {}).filter((one) => properties.has(one))
  if (known.length === 0) return []
  return [
    `the tool has no parameter "${key}", and was given it as it came; ${known.slice(0, 5).join(', ')} may have been meant to stand beside it`,
  ]
}
