import type { NumberFact } from '../vocabulary.ts'

/** `number <= limit`, or `<` when strict. */
export interface Bound {
  readonly limit: number
  readonly strict: boolean
}

/** The same for bounds that the same values meet: of whole numbers, all are `<=` a whole one. */
export function settled({ limit, strict }: Bound, { integer }: NumberFact): Bound {
  if (!integer || !Number.isFinite(limit)) return { limit, strict }
  const whole = Math.floor(limit)
  return { limit: strict && whole === limit ? whole - 1 : whole, strict: false }
}

/** As `settled`, for a sum: one of whole numbers with whole factors lies on multiples of their greatest common divisor. */
export function settledSum(
  { terms, limit, strict }: Bound & { readonly terms: ReadonlyMap<string, number> },
  factOf: (name: string) => NumberFact,
): Bound {
  if (![...terms.keys()].every((name) => factOf(name).integer)) return { limit, strict }
  const factors = [...terms.values()]
  const scale = [1, 2, 4, 5, 10, 100, 1000].find((one) => factors.every((factor) => Number.isSafeInteger(factor * one)))
  if (scale === undefined) return { limit, strict }
  const unit = factors.map((factor) => Math.abs(factor * scale)).reduce(commonDivisor) / scale
  const bound = settled({ limit: limit / unit, strict }, { integer: true, least: -Infinity, most: Infinity, usual: 0 })
  return { limit: bound.limit * unit, strict: false }
}

function commonDivisor(left: number, right: number): number {
  return right === 0 ? left : commonDivisor(right, left % right)
}

/** What every value that the number can take says of the bound; `undefined` when it can go either way. */
export function toldByRange({ limit, strict }: Bound, { least, most }: NumberFact): boolean | undefined {
  if (strict ? most < limit : most <= limit) return true
  if (strict ? least >= limit : least > limit) return false
  return undefined
}

/** Ascending: who meets one meets each that follows. */
export function byReach(left: Bound, right: Bound): number {
  return left.limit - right.limit || Number(right.strict) - Number(left.strict)
}

/** The values that meet each bound that is to hold, and none that is not. */
export interface Range {
  readonly from: number
  readonly fromOpen: boolean
  readonly to: number
  readonly toOpen: boolean
}

export function rangeOf(bounds: readonly (Bound & { readonly holds: boolean })[], { least, most }: NumberFact): Range {
  let range: Range = { from: least, fromOpen: false, to: most, toOpen: false }
  for (const { limit, strict, holds } of bounds) {
    if (holds && (limit < range.to || (limit === range.to && strict))) range = { ...range, to: limit, toOpen: strict }
    if (!holds && (limit > range.from || (limit === range.from && !strict))) range = { ...range, from: limit, fromOpen: !strict }
  }
  return range
}

/** A value of the range, the usual one where it lies in it; `undefined` when it holds none. */
export function valueIn({ from, fromOpen, to, toOpen }: Range, { integer, usual }: NumberFact): number | undefined {
  const lies = (value: number) => (fromOpen ? value > from : value >= from) && (toOpen ? value < to : value <= to) && Number.isFinite(value)
  const whole = (value: number) => !integer || Number.isInteger(value)
  // Near the ends first, since those are the numbers that people wrote; in between for what has no whole number there.
  const proposals = [
    usual,
    from,
    Math.floor(from) + 1,
    to,
    Math.ceil(to) - 1,
    from + 1,
    to - 1,
    from + (to - from) / 2,
    (from * 3 + to) / 4,
  ]
  const decimals = [1, 10, 100, 1000].flatMap((unit) => [(Math.floor(from * unit) + 1) / unit, (Math.ceil(to * unit) - 1) / unit])
  return [...proposals, ...decimals].find((value) => whole(value) && lies(value))
}
