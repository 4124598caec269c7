import { asObject, canonicalJson } from '../definitions.ts'
import {
  branchesOf,
  choicesOf,
  isOfType,
  itemsOf,
  otherKeys,
  propertiesOf,
  requiredOf,
  type Schema,
  typeOf,
  typesOf,
  viewOf,
} from './view.ts'

/** One thing that is wrong with a value: where, which rule, and what stands there. */
export interface Fault {
  /** A JSON pointer; empty for the whole. */
  readonly path: string
  readonly rule: string
  readonly received?: string | undefined
}

/** A schema can name itself in many branches: what is not looked at in so many steps is not explained. */
export const mostSteps = 20_000
const deepest = 16
const shownChoices = 12
const shownValue = 60

/**
 * What is wrong with a value, in words for who sent it. Empty also where a rule is not understood here: the validator is
 * the judge, this explains.
 */
export function faultsOf(value: unknown, schema: unknown, root: Schema, steps = { left: mostSteps }): Fault[] {
  return faultsAt(value, schema, { root, path: '', depth: 0, steps })
}

interface Place {
  readonly root: Schema
  readonly path: string
  readonly depth: number
  readonly steps: { left: number }
}

function faultsAt(value: unknown, schema: unknown, place: Place): Fault[] {
  const { root, path, depth, steps } = place
  if (schema === false) return [{ path, rule: 'must not be given' }]
  if (depth > deepest || steps.left <= 0) return []
  steps.left -= 1
  const view = viewOf(schema, root)
  const types = typesOf(view)
  if (!isOfType(value, types)) return [fault(path, `must be ${orOf(types.map(articled))}`, value)]
  const choices = choicesOf(view)
  if (choices && !choices.some((choice) => canonicalJson(choice) === canonicalJson(value))) {
    const shown = choices.slice(0, shownChoices).map((choice) => shorten(JSON.stringify(choice)))
    return [fault(path, `must be ${orOf(choices.length > shownChoices ? [...shown, '…'] : shown)}`, value)]
  }
  return [
    ...boundFaults(value, view, path),
    ...branchFaults(value, view, place),
    ...itemFaults(value, view, place),
    ...memberFaults(value, view, place),
  ]
}

function memberFaults(value: unknown, view: Schema, place: Place): Fault[] {
  const { path } = place
  const object = asObject(value)
  if (!object) return []
  const properties = propertiesOf(view)
  const missing = requiredOf(view).filter((key) => !Object.hasOwn(object, key))
  const isClosed = otherKeys(view) === false && view['patternProperties'] === undefined
  return [
    ...missing.map((key) => ({ path, rule: `must have ${JSON.stringify(shorten(key))}` })),
    ...Object.entries(object).flatMap(([key, inner]) => {
      const at = `${path}/${shorten(key).replaceAll('~', '~0').replaceAll('/', '~1')}`
      if (properties.has(key)) return faultsAt(inner, properties.get(key), { ...place, path: at, depth: place.depth + 1 })
      if (!isClosed) return []
      const known = [...properties.keys()].slice(0, shownChoices).map(shorten)
      return [{ path: at, rule: known.length === 0 ? 'must not be given' : `is not known; known are ${known.join(', ')}` }]
    }),
  ]
}

function itemFaults(value: unknown, view: Schema, place: Place): Fault[] {
  if (!Array.isArray(value)) return []
  return value
    .slice(0, 100)
    .flatMap((item, index) => faultsAt(item, itemsOf(view, index), { ...place, path: `${place.path}/${index}`, depth: place.depth + 1 }))
}

/** Of several forms, the nearest is explained: the one that has the fewest faults. */
function branchFaults(value: unknown, view: Schema, place: Place): Fault[] {
  const { root, path } = place
  const found = branchesOf(view).map((branch) => faultsAt(value, branch, { ...place, depth: place.depth + 1 }))
  if (found.length === 0 || found.some((faults) => faults.length === 0)) return []
  const ofValue = branchesOf(view).filter((branch) => isOfType(value, typesOf(viewOf(branch, root))))
  if (ofValue.length === 0) {
    const types = branchesOf(view).flatMap((branch) => typesOf(viewOf(branch, root)))
    return [fault(path, `must be ${orOf([...new Set(types.map(articled))])}`, value)]
  }
  return found.toSorted((one, other) => one.length - other.length)[0] ?? []
}

const bounds: readonly [key: string, isBroken: (value: unknown, bound: unknown) => boolean, rule: (bound: unknown) => string][] = [
  ['minimum', (value, bound) => isNumber(value, bound) && value < Number(bound), (bound) => `must be at least ${bound}`],
  ['maximum', (value, bound) => isNumber(value, bound) && value > Number(bound), (bound) => `must be at most ${bound}`],
  ['exclusiveMinimum', (value, bound) => isNumber(value, bound) && value <= Number(bound), (bound) => `must be more than ${bound}`],
  ['exclusiveMaximum', (value, bound) => isNumber(value, bound) && value >= Number(bound), (bound) => `must be less than ${bound}`],
  [
    'minLength',
    (value, bound) => typeof value === 'string' && [...value].length < Number(bound),
    (bound) => `must have at least ${bound} characters`,
  ],
  [
    'maxLength',
    (value, bound) => typeof value === 'string' && [...value].length > Number(bound),
    (bound) => `must have at most ${bound} characters`,
  ],
  ['minItems', (value, bound) => Array.isArray(value) && value.length < Number(bound), (bound) => `must have at least ${bound} items`],
  ['maxItems', (value, bound) => Array.isArray(value) && value.length > Number(bound), (bound) => `must have at most ${bound} items`],
]

function boundFaults(value: unknown, view: Schema, path: string): Fault[] {
  return bounds.flatMap(([key, isBroken, rule]) => (key in view && isBroken(value, view[key]) ? [fault(path, rule(view[key]), value)] : []))
}

function isNumber(value: unknown, bound: unknown): value is number {
  return typeof value === 'number' && typeof bound === 'number'
}

function fault(path: string, rule: string, value: unknown): Fault {
  return { path, rule, received: receivedOf(value) }
}

function receivedOf(value: unknown): string {
  if (Array.isArray(value)) return `an array of ${value.length}`
  const object = asObject(value)
  if (object) return `an object with ${shorten(Object.keys(object).slice(0, 5).join(', ')) || 'nothing'}`
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length <= shownValue ? text : `${articled(typeOf(value))} of ${String(value).length} characters`
}

/** In words for who sent the value: each place with its rule and what stands there, the first few of them. */
export function describeFaults(faults: readonly Fault[], called: string): string {
  const shown = faults
    .slice(0, 6)
    .map(({ path, rule, received }) => `${called}${path} ${rule}${received === undefined ? '' : `, received ${received}`}`)
  return [...shown, ...(faults.length > 6 ? [`and ${faults.length - 6} more faults`] : [])].join('; ')
}

function articled(type: string): string {
  if (type === 'null') return 'null'
  return /^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`
}

function orOf(words: readonly string[]): string {
  return words.length < 2 ? (words[0] ?? 'something else') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`
}

function shorten(text: string): string {
  return text.length <= shownValue ? text : `${text.slice(0, shownValue - 1)}…`
}
