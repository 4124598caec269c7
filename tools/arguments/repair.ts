import { asObject, canonicalJson } from '../definitions.ts'
import { faultsOf, mostSteps } from './faults.ts'
import { branchesOf, choicesOf, isOfType, itemsOf, otherKeys, propertiesOf, requiredOf, type Schema, typesOf, viewOf } from './view.ts'

/** A value, and what was changed to come to it. */
export interface Repaired<Value = Record<string, unknown>> {
  readonly value: Value
  readonly repairs: readonly string[]
}

export interface RepairResult {
  /** What can be sent; `undefined` when nothing valid was found, or more than one thing. */
  readonly repaired?: Repaired | undefined
  /** What the example for the caller is made from. */
  readonly nearest: Readonly<Record<string, unknown>>
  /** That it could have been meant in more than one way. */
  readonly isAmbiguous: boolean
}

export const wrappers = ['arguments', 'parameters', 'input']
/** What a model writes beside a wrapper: the name of the tool. */
const besideWrapper = new Set(['name', 'tool_name', 'tool'])
const mostCandidates = 24
const deepest = 8
/** Of one object or list: what is larger is not gone through. */
const mostMembers = 200

/**
 * Mends what models get wrong, where it can be meant in one way only.
 *
 * What is valid is never changed. For the rest all ways to mend it are gone through, each of them a small known slip (a text
 * for a number, a wrapper, a level too many or too few, JSON in a text, one value for a list, the case of a choice, a key
 * that is nearly the one that is missing), and the validator judges each. Only if exactly one value comes out of it is that one taken.
 */
export function repairArguments(received: unknown, schema: Schema, isValid: (value: unknown) => boolean): RepairResult {
  const given = received ?? {}
  const direct = asObject(given)
  if (direct && isValid(direct)) return { repaired: { value: direct, repairs: [] }, nearest: direct, isAmbiguous: false }

  const starts = unwrapped(given, schema)
  const [read] = starts
  if (read && isValid(read.value)) return { repaired: read, nearest: read.value, isAmbiguous: false }
  const steps = { left: mostSteps }
  const found = new Map<string, Repaired>()
  for (const start of starts) {
    for (const shape of [start, ...moved(start, schema)]) {
      for (const { value, repairs } of mended(shape.value, schema, { root: schema, path: '', depth: 0, steps })) {
        const key = canonicalJson(value)
        if (!found.has(key) && asObject(value) && isValid(value)) {
          found.set(key, { value: value as Record<string, unknown>, repairs: [...shape.repairs, ...repairs] })
        }
      }
    }
  }
  const [first, ...others] = found.values()
  const nearest = starts.at(-1)?.value ?? {}
  // What was not gone through to its end may hold a second way.
  if (first === undefined || others.length > 0 || steps.left <= 0) return { nearest, isAmbiguous: found.size > 0 }
  return { repaired: first, nearest: first.value, isAmbiguous: false }
}

/** The arguments as they are, and as they are inside a text or a wrapper. */
function unwrapped(given: unknown, schema: Schema): Repaired[] {
  const start = objectIn(given)
  if (!start) return []
  const found: Repaired[] = [{ value: start, repairs: typeof given === 'string' ? ['the JSON text was read as an object'] : [] }]
  const properties = propertiesOf(viewOf(schema, schema))
  for (let depth = 0; depth < 2; depth += 1) {
    const { value, repairs } = found.at(-1) as Repaired
    const key = wrappers.find((one) => Object.hasOwn(value, one) && !properties.has(one))
    const inner = key === undefined ? undefined : objectIn(value[key])
    const others = Object.keys(value).filter((one) => one !== key)
    if (!inner || !others.every((one) => besideWrapper.has(one) && !properties.has(one))) break
    found.push({ value: inner, repairs: [...repairs, `taken out of "${key}"`] })
  }
  return found
}

function objectIn(value: unknown): Record<string, unknown> | undefined {
  if (typeof value !== 'string') return asObject(value)
  return value.trim() === '' ? {} : asObject(parsed(value))
}

/** The same members one level higher or lower. */
function moved({ value, repairs }: Repaired, schema: Schema): Repaired[] {
  const properties = propertiesOf(viewOf(schema, schema))
  const keys = Object.keys(value)
  const unknown = keys.filter((key) => !properties.has(key))
  const higher = unknown.flatMap((key): Repaired[] => {
    const inner = objectIn(value[key])
    if (!inner || Object.keys(inner).length === 0) return []
    if (!Object.keys(inner).every((one) => properties.has(one) && !Object.hasOwn(value, one))) return []
    const { [key]: _, ...rest } = value
    return [{ value: { ...rest, ...inner }, repairs: [...repairs, `what stood under "${shown(key)}" was moved up`] }]
  })
  const lower = [...properties].flatMap(([name, property]): Repaired[] => {
    if (unknown.length === 0 || Object.hasOwn(value, name)) return []
    const inside = propertiesOf(viewOf(property, schema))
    if (!unknown.every((key) => inside.has(key))) return []
    const rest = Object.fromEntries(keys.filter((key) => properties.has(key)).map((key) => [key, value[key]]))
    const below = Object.fromEntries(unknown.map((key) => [key, value[key]]))
    return [{ value: { ...rest, [name]: below }, repairs: [...repairs, `${unknown.map(quoted).join(', ')} moved under "${shown(name)}"`] }]
  })
  return [...higher, ...lower]
}

interface Place {
  readonly root: Schema
  readonly path: string
  readonly depth: number
  readonly steps: { left: number }
}

/** All ways in which a value could be mended at its place, the value itself among them where nothing is wrong with it. */
function mended(value: unknown, schema: unknown, place: Place): Repaired<unknown>[] {
  place.steps.left -= 1
  const same: Repaired<unknown> = { value, repairs: [] }
  if (place.depth > deepest || place.steps.left <= 0) return [same]
  const view = viewOf(schema, place.root)
  if (faultsOf(value, view, place.root, place.steps).length === 0) return [same]
  const inside = { ...place, depth: place.depth + 1 }
  const branches = branchesOf(view)
  if (branches.length > 0) {
    const { anyOf: _anyOf, oneOf: _oneOf, ...rest } = view
    return distinct(branches.flatMap((branch) => mended(value, { allOf: [rest, branch] }, inside)))
  }
  const types = typesOf(view)
  const object = asObject(value)
  if (object && isOfType(value, types)) return Object.keys(object).length > mostMembers ? [same] : members(object, view, inside)
  if (Array.isArray(value) && isOfType(value, types)) return value.length > mostMembers ? [same] : items(value, view, inside)
  const others = [...scalars(value, view, types, place.path), ...containers(value, view, types, inside)]
  return others.length > 0 ? distinct(others) : [same]
}

function scalars(value: unknown, view: Schema, types: readonly string[], path: string): Repaired<unknown>[] {
  const at = path === '' ? 'the arguments' : path.slice(1)
  const to = (made: unknown) => [{ value: made, repairs: [`${at}: ${brief(value)} was taken as ${brief(made)}`] }]
  const choices = choicesOf(view)
  if (choices) {
    const meant = choices.filter((choice) => plain(choice) === plain(value))
    return meant.length === 1 && typeof value !== 'object' ? to(meant[0]) : []
  }
  if (typeof value === 'string') {
    const text = value.trim()
    const isNumeric = /^-?(0|[1-9]\d{0,14})(\.\d{1,15})?([eE][+-]?\d{1,2})?$/.test(text)
    const number = Number(text)
    if (isNumeric && isOfType(number, types)) return to(number)
    if (types.includes('boolean') && /^(true|false)$/i.test(text)) return to(/^true$/i.test(text))
    return []
  }
  const isText = (typeof value === 'number' && Number.isFinite(value)) || typeof value === 'boolean'
  return isText && types.includes('string') ? to(String(value)) : []
}

/** JSON in a text, and one value for a list of such. A text that may be a list in words is neither. */
function containers(value: unknown, view: Schema, types: readonly string[], place: Place): Repaired<unknown>[] {
  const at = place.path === '' ? 'the arguments' : place.path.slice(1)
  if (typeof value === 'string' && (types.includes('object') || types.includes('array'))) {
    const inner = parsed(value)
    if (typeof inner === 'object' && inner !== null && isOfType(inner, types)) {
      return mended(inner, view, place).map((one) => ({ value: one.value, repairs: [`${at}: the JSON text was read`, ...one.repairs] }))
    }
  }
  if (!types.includes('array') || value === null || (typeof value === 'string' && /[,;\n[\]{}]/.test(value))) return []
  return mended(value, itemsOf(view, 0), { ...place, path: `${place.path}/0` }).map((one) => ({
    value: [one.value],
    repairs: [...one.repairs, `${at}: the one value was taken as a list`],
  }))
}

function members(object: Readonly<Record<string, unknown>>, view: Schema, place: Place): Repaired<unknown>[] {
  const renamed = withNearKeys(object, view)
  let made: Repaired<Record<string, unknown>>[] = [{ value: {}, repairs: renamed.repairs }]
  const properties = propertiesOf(view)
  const required = requiredOf(view)
  for (const [key, value] of Object.entries(renamed.value)) {
    const schema = properties.has(key) ? properties.get(key) : otherKeys(view)
    const path = `${place.path}/${shown(key)}`
    const isAbsent =
      value === null && properties.has(key) && !required.includes(key) && faultsOf(value, schema, place.root, place.steps).length > 0
    if (isAbsent) {
      made = made.map((one) => ({ ...one, repairs: [...one.repairs, `${path.slice(1)}: null was left out`] }))
      continue
    }
    const ways = schema === false ? [{ value, repairs: [] }] : mended(value, schema, { ...place, path })
    made = made
      .flatMap((one) => ways.map((way) => ({ value: withMember(one.value, key, way.value), repairs: [...one.repairs, ...way.repairs] })))
      .slice(0, limited(place, made.length * ways.length))
  }
  return made
}

function items(values: readonly unknown[], view: Schema, place: Place): Repaired<unknown>[] {
  let made: Repaired<unknown[]>[] = [{ value: [], repairs: [] }]
  for (const [index, value] of values.entries()) {
    const ways = mended(value, itemsOf(view, index), { ...place, path: `${place.path}/${index}` })
    made = made
      .flatMap((one) => ways.map((way) => ({ value: [...one.value, way.value], repairs: [...one.repairs, ...way.repairs] })))
      .slice(0, limited(place, made.length * ways.length))
  }
  return made
}

/** Too many ways are as bad as two: nothing is taken then. */
function limited({ steps }: Place, count: number): number {
  if (count > mostCandidates) steps.left = 0
  return mostCandidates
}

/** A key that is not known, and nearly the one and only key that is missing. */
function withNearKeys(object: Readonly<Record<string, unknown>>, view: Schema): Repaired {
  const properties = propertiesOf(view)
  const required = requiredOf(view)
  const isClosed = otherKeys(view) === false
  const unknown = Object.keys(object).filter((key) => !properties.has(key))
  const missing = [...properties.keys()].filter((key) => !Object.hasOwn(object, key) && (isClosed || required.includes(key)))
  const renames = new Map<string, string>()
  for (const key of unknown) {
    const meant = missing.filter((one) => isNear(key, one))
    const [name] = meant
    if (name === undefined || meant.length > 1 || unknown.some((other) => other !== key && isNear(other, name))) continue
    renames.set(key, name)
  }
  if (renames.size === 0) return { value: { ...object }, repairs: [] }
  const entries = Object.entries(object).map(([key, value]) => [renames.get(key) ?? key, value] as const)
  return {
    value: entries.reduce<Record<string, unknown>>((made, [key, value]) => withMember(made, key, value), {}),
    repairs: [...renames].map(([key, name]) => `"${shown(key)}" was taken as "${shown(name)}"`),
  }
}

/** The same but for case and separators, or but for one letter of a word that is long enough. */
function isNear(one: string, other: string): boolean {
  const [a, b] = [one, other].map((key) => key.toLowerCase().replace(/[^\p{L}\p{N}]/gu, '')) as [string, string]
  if (a === b) return a !== ''
  return Math.min(a.length, b.length) >= 4 && isOneEditApart(a, b)
}

function isOneEditApart(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false
  let start = 0
  while (start < a.length && a[start] === b[start]) start += 1
  const [restA, restB] = [a.slice(start), b.slice(start)]
  const isSwapped = restA.length > 1 && restA[0] === restB[1] && restA[1] === restB[0] && restA.slice(2) === restB.slice(2)
  return restA.slice(1) === restB.slice(1) || restA.slice(1) === restB || restA === restB.slice(1) || isSwapped
}

function withMember(object: Record<string, unknown>, key: string, value: unknown): Record<string, unknown> {
  // `__proto__` is a key like any other.
  return Object.defineProperty({ ...object }, key, { value, enumerable: true, configurable: true, writable: true })
}

function distinct(ways: readonly Repaired<unknown>[]): Repaired<unknown>[] {
  return [...new Map(ways.map((way) => [canonicalJson(way.value), way])).values()]
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function plain(value: unknown): string {
  return String(value).trim().toLowerCase()
}

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length <= 60 ? text : `${text.slice(0, 59)}…`
}

function shown(key: string): string {
  return key.length <= 60 ? key : `${key.slice(0, 59)}…`
}

function quoted(key: string): string {
  return `"${shown(key)}"`
}
