import type { NumberFact } from '../vocabulary.ts'
import { type Range, valueIn } from './numbers.ts'

/** The sum of the terms is `<= limit`, `<` when strict. `because` names what it came from. */
export interface Constraint {
  readonly terms: ReadonlyMap<string, number>
  readonly limit: number
  readonly strict: boolean
  readonly because: ReadonlySet<number>
}

export type LinearAnswer =
  | { readonly kind: 'possible'; readonly values: ReadonlyMap<string, number> }
  /** What cannot hold together. */
  | { readonly kind: 'impossible'; readonly because: ReadonlySet<number> }
  | { readonly kind: 'unknown' }

const maxConstraints = 3000
const maxBranches = 24
/** Sums of decimals differ from what they stand for by less than this share. */
const precision = 1e-12

/**
 * Whether weighted sums can meet all their limits, by Fourier and Motzkin's elimination: a number is taken out by adding each
 * constraint from above to each from below. Whole numbers are found by branching, and given up on after a while.
 */
export function solveLinear(
  constraints: readonly Constraint[],
  factOf: (name: string) => NumberFact,
  branches = maxBranches,
): LinearAnswer {
  const steps: { name: string; bounds: readonly Constraint[] }[] = []
  let open: Constraint[] = []
  for (const one of constraints) {
    if (isBroken(one)) return { kind: 'impossible', because: one.because }
    if (one.terms.size > 0) open.push(one)
  }
  while (open.length > 0) {
    const name = cheapest(open)
    const bounds = open.filter(({ terms }) => terms.has(name))
    const next = open.filter(({ terms }) => !terms.has(name))
    for (const upper of bounds) {
      const above = upper.terms.get(name) ?? 0
      if (above < 0) continue
      for (const lower of bounds) {
        const below = lower.terms.get(name) ?? 0
        if (below > 0) continue
        const sum = added(upper, 1 / above, lower, -1 / below, name)
        if (isBroken(sum)) return { kind: 'impossible', because: sum.because }
        if (sum.terms.size > 0) next.push(sum)
        if (next.length > maxConstraints) return { kind: 'unknown' }
      }
    }
    steps.push({ name, bounds })
    open = withoutDoubles(next)
  }
  return valuesOf(steps, constraints, factOf, branches)
}

function valuesOf(
  steps: readonly { name: string; bounds: readonly Constraint[] }[],
  constraints: readonly Constraint[],
  factOf: (name: string) => NumberFact,
  branches: number,
): LinearAnswer {
  const values = new Map<string, number>()
  for (const { name, bounds } of steps.toReversed()) {
    const range = rangeOf(name, bounds, values)
    const fact = factOf(name)
    const value = valueIn(range, fact)
    if (value !== undefined) {
      values.set(name, value)
      continue
    }
    const middle = valueIn(range, { ...fact, integer: false }) ?? range.from
    if (!fact.integer || branches === 0 || !Number.isFinite(middle)) return { kind: 'unknown' }
    const whole = Math.floor(middle)
    const below: Constraint = { terms: new Map([[name, 1]]), limit: whole, strict: false, because: new Set() }
    const above: Constraint = { terms: new Map([[name, -1]]), limit: -whole - 1, strict: false, because: new Set() }
    const because = new Set<number>()
    for (const branch of [below, above]) {
      const answer = solveLinear([...constraints, branch], factOf, branches - 1)
      if (answer.kind !== 'impossible') return answer
      for (const one of answer.because) because.add(one)
    }
    return { kind: 'impossible', because }
  }
  return { kind: 'possible', values }
}

function rangeOf(name: string, bounds: readonly Constraint[], values: ReadonlyMap<string, number>): Range {
  let range: Range = { from: -Infinity, fromOpen: false, to: Infinity, toOpen: false }
  for (const { terms, limit, strict } of bounds) {
    const factor = terms.get(name) ?? 0
    let rest = limit
    for (const [other, weight] of terms) if (other !== name) rest -= weight * (values.get(other) ?? 0)
    const end = rest / factor
    if (factor > 0 && (end < range.to || (end === range.to && strict))) range = { ...range, to: end, toOpen: strict }
    if (factor < 0 && (end > range.from || (end === range.from && strict))) range = { ...range, from: end, fromOpen: strict }
  }
  return range
}

function isBroken({ terms, limit, strict }: Constraint): boolean {
  return terms.size === 0 && (strict ? limit <= 0 : limit < 0)
}

/** The number whose elimination makes the fewest new constraints. */
function cheapest(constraints: readonly Constraint[]): string {
  const counts = new Map<string, { above: number; below: number }>()
  for (const { terms } of constraints) {
    for (const [name, factor] of terms) {
      const count = counts.get(name) ?? { above: 0, below: 0 }
      if (factor > 0) count.above += 1
      else count.below += 1
      counts.set(name, count)
    }
  }
  let best = ''
  let least = Infinity
  for (const [name, { above, below }] of counts) {
    const made = above * below - above - below
    if (made < least) {
      best = name
      least = made
    }
  }
  return best
}

function added(left: Constraint, leftFactor: number, right: Constraint, rightFactor: number, gone: string): Constraint {
  const terms = new Map<string, number>()
  const sizes = new Map<string, number>()
  for (const [{ terms: all }, factor] of [
    [left, leftFactor],
    [right, rightFactor],
  ] as const) {
    for (const [name, weight] of all) {
      terms.set(name, (terms.get(name) ?? 0) + weight * factor)
      sizes.set(name, Math.max(sizes.get(name) ?? 0, Math.abs(weight * factor)))
    }
  }
  terms.delete(gone)
  for (const [name, weight] of terms) if (Math.abs(weight) <= precision * (sizes.get(name) ?? 0)) terms.delete(name)
  const limits = [left.limit * leftFactor, right.limit * rightFactor] as const
  const sum = limits[0] + limits[1]
  const limit = Math.abs(sum) <= precision * Math.max(Math.abs(limits[0]), Math.abs(limits[1])) ? 0 : sum
  return { terms, limit, strict: left.strict || right.strict, because: new Set([...left.because, ...right.because]) }
}

function withoutDoubles(constraints: readonly Constraint[]): Constraint[] {
  const kept = new Map<string, Constraint>()
  for (const one of constraints) {
    const [first] = one.terms
    if (first === undefined) continue
    const unit = Math.abs(first[1])
    const key = [...one.terms]
      .map(([name, factor]) => `${name} ${(factor / unit).toPrecision(12)}`)
      .toSorted()
      .join(' ')
    const other = kept.get(key)
    const limit = one.limit / unit
    const others = other === undefined ? Infinity : other.limit / Math.abs([...other.terms][0]?.[1] ?? 1)
    if (other === undefined || limit < others || (limit === others && one.strict)) kept.set(key, one)
  }
  return [...kept.values()]
}
