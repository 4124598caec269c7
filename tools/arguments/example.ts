import { asObject, canonicalJson } from '../definitions.ts'
import { faultsOf } from './faults.ts'
import {
  branchesOf,
  choicesOf,
  isOfType,
  itemsOf,
  listOf,
  otherKeys,
  propertiesOf,
  requiredOf,
  type Schema,
  typesOf,
  viewOf,
} from './view.ts'

const deepest = 8
const mostSteps = 3000
const longestKept = 200
/** How often another choice between forms is tried. */
const attempts = 6

/**
 * Whole arguments that are valid: what was given as far as it can stay, the rest made from the schema.
 *
 * Only what the validator has accepted is returned, so a schema that is not understood here gives no example.
 */
export function exampleOf(
  given: Readonly<Record<string, unknown>>,
  schema: Schema,
  isValid: (value: unknown) => boolean,
): Record<string, unknown> | undefined {
  for (const start of [given, {}]) {
    for (let choice = 0; choice < attempts; choice += 1) {
      const made = asObject(corrected(start, schema, { root: schema, name: 'arguments', choice, depth: 0, steps: { left: mostSteps } }))
      if (made && isValid(made)) return made
    }
  }
  return undefined
}

interface Place {
  readonly root: Schema
  /** Of the property, for a text that says what belongs there. */
  readonly name: string
  /** Which of several forms is taken. */
  readonly choice: number
  readonly depth: number
  readonly steps: { left: number }
}

function corrected(value: unknown, schema: unknown, place: Place): unknown {
  place.steps.left -= 1
  if (place.steps.left < 0 || place.depth > deepest) return value ?? null
  const view = viewOf(schema, place.root)
  if (value !== undefined && isKept(value, view, place)) return value
  const branches = branchesOf(view)
  if (branches.length > 0) {
    const { anyOf: _anyOf, oneOf: _oneOf, ...rest } = view
    const branch = branches[place.choice % branches.length]
    return corrected(value, { allOf: [rest, branch] }, { ...place, depth: place.depth + 1 })
  }
  const types = typesOf(view)
  const own = value !== undefined && isOfType(value, types) ? value : undefined
  const known = own === undefined ? knownValue(view) : undefined
  if (known !== undefined) return known
  const choices = choicesOf(view)
  if (choices) return choices[place.choice % Math.max(1, choices.length)]
  if (asObject(own) || (own === undefined && (types.includes('object') || types.length === 0)))
    return object(asObject(own) ?? {}, view, place)
  if (Array.isArray(own) || types[0] === 'array') return array(Array.isArray(own) ? own : [], view, place)
  return scalar(types, view, place)
}

/** A text that is long says nothing in an example. */
function isKept(value: unknown, view: Schema, { root, steps }: Place): boolean {
  if (typeof value === 'string' && value.length > longestKept) return false
  return typeof value !== 'object' || value === null ? faultsOf(value, view, root, steps).length === 0 && !breaksText(value, view) : false
}

/** What the schema itself proposes. */
function knownValue(view: Schema): unknown {
  return view['default'] ?? listOf(view['examples'])[0]
}

function object(given: Readonly<Record<string, unknown>>, view: Schema, place: Place): Record<string, unknown> {
  const properties = propertiesOf(view)
  const inside = (name: string) => ({ ...place, name, depth: place.depth + 1 })
  const made: Record<string, unknown> = {}
  const set = (key: string, value: unknown) =>
    Object.defineProperty(made, key, { value, enumerable: true, configurable: true, writable: true })
  for (const [key, value] of Object.entries(given)) {
    if (properties.has(key)) {
      if (value !== null || requiredOf(view).includes(key)) set(key, corrected(value, properties.get(key), inside(key)))
    } else if (otherKeys(view) !== false) {
      set(key, corrected(value, otherKeys(view), inside(key)))
    }
  }
  for (const key of requiredOf(view)) {
    if (!Object.hasOwn(made, key)) set(key, corrected(undefined, properties.get(key) ?? {}, inside(key)))
  }
  for (const key of properties.keys()) {
    if (Object.keys(made).length >= Number(view['minProperties'] ?? 0)) break
    if (!Object.hasOwn(made, key)) set(key, corrected(undefined, properties.get(key), inside(key)))
  }
  return made
}

function array(given: readonly unknown[], view: Schema, place: Place): unknown[] {
  const [fewest, most] = [Number(view['minItems'] ?? 0), Number(view['maxItems'] ?? 100)]
  const length = Math.max(Math.min(given.length, most, 20), Math.min(fewest, 100))
  const made = Array.from({ length }, (_, index) => {
    const choice = view['uniqueItems'] === true ? place.choice + index : place.choice
    return corrected(given[index], itemsOf(view, index), { ...place, choice, depth: place.depth + 1 })
  })
  if (view['uniqueItems'] !== true) return made
  // Made items are alike: texts and numbers are told apart by their place.
  const seen = new Set<string>()
  return made.map((item, index) => {
    const different = seen.has(canonicalJson(item)) ? apart(item, index) : item
    seen.add(canonicalJson(different))
    return different
  })
}

function apart(item: unknown, index: number): unknown {
  if (typeof item === 'string') return `${item}${index + 1}`
  return typeof item === 'number' ? item + index : item
}

function scalar(types: readonly string[], view: Schema, place: Place): unknown {
  switch (types.find((type) => type !== 'null') ?? types[0]) {
    case 'integer':
    case 'number':
      return number(view, types.includes('number') ? 'number' : 'integer')
    case 'boolean':
      return true
    case 'null':
      return null
    case 'string':
      return text(view, place)
    default:
      return {}
  }
}

function number(view: Schema, type: 'integer' | 'number'): number {
  const step = Number(view['multipleOf'] ?? (type === 'integer' ? 1 : 0))
  const gap = step > 0 ? step : type === 'integer' ? 1 : 0.5
  const low = Math.max(Number(view['minimum'] ?? -Infinity), Number(view['exclusiveMinimum'] ?? -Infinity) + gap)
  const high = Math.min(Number(view['maximum'] ?? Infinity), Number(view['exclusiveMaximum'] ?? Infinity) - gap)
  const wanted = Math.max(low, Math.min(high, 1))
  return step > 0 ? Math.ceil(wanted / step) * step : wanted
}

const formats: Readonly<Record<string, string>> = {
  date: '2026-01-31',
  'date-time': '2026-01-31T12:00:00Z',
  time: '12:00:00Z',
  duration: 'P1D',
  email: 'name@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  'uri-reference': '/path',
  uuid: '00000000-0000-4000-8000-000000000000',
  'json-pointer': '/path',
  regex: '.*',
}
/** What common patterns want: words, digits, versions, dates, paths, colours, addresses. */
const samples = [
  'name',
  'Name',
  'NAME',
  'a',
  'A',
  '1',
  '12',
  '123',
  '1234',
  '12345',
  '123456',
  'a1',
  'A1',
  'AB',
  'ABC',
  'ABC-123',
  'a-b',
  'a_b',
  'a/b',
  'owner/name',
  '/path',
  './path',
  '1.0',
  '1.0.0',
  'v1.0.0',
  '2026-01',
  '2026-01-31',
  '2026-01-31T12:00:00Z',
  '12:00',
  '12:00:00',
  '#000000',
  '0x1',
  '0000000000000000',
  'en',
  'en-US',
  'name@example.com',
  'https://example.com/',
  'example.com',
  '+15550100',
  '550e8400-e29b-41d4-a716-446655440000',
  'deadbeef',
  '0123456789abcdef0123456789abcdef01234567',
  '*',
  '@name',
  '#name',
  '$1.00',
  '1h',
  '10m',
  '100%',
]

function text(view: Schema, { name }: Place): string {
  const [fewest, most] = [Number(view['minLength'] ?? 0), Number(view['maxLength'] ?? Infinity)]
  const ofFormat = formats[String(view['format'])]
  const placeholder = `<${name.slice(0, 40)}>`
  const fits = (one: string) => one.length >= fewest && one.length <= most && !breaksText(one, view)
  const found = [...(ofFormat === undefined ? [] : [ofFormat]), placeholder, ...samples].find(fits)
  return found ?? placeholder.padEnd(Math.min(fewest, 1000), 'x').slice(0, Math.max(0, most))
}

/** A pattern is what a server sent, and can take long: it is tried on short texts only. */
function breaksText(value: unknown, view: Schema): boolean {
  if (typeof value !== 'string' || typeof view['pattern'] !== 'string') return false
  try {
    return value.length > longestKept || !new RegExp(view['pattern'], 'u').test(value)
  } catch {
    // The validator could not use it either.
    return false
  }
}
