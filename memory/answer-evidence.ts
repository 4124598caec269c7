import type { SeenPair } from './answers.ts'

/**
 * How surely a kept answer fits another question, from how surely both ask the same and what was seen of pairs before.
 *
 * After vCache (arXiv 2502.03771), which learns a threshold for each kept prompt of what was observed of it: here the head's own
 * confidence is where one begins, and what was observed moves it, for the domain and for the kept answer each by itself.
 */
export interface Evidence {
  /** Of the kept answer. */
  readonly own: readonly SeenPair[]
  /** Of others of its domain. */
  readonly others: readonly SeenPair[]
}

/** How far the head may be off, in log-odds: in a domain, and for one answer beside that. */
const domainVariance = 0.25
const ownVariance = 0.25
const steps = 12
/** One that went wrong is not tried again until so many others went well. */
const rightForWrong = 20
const about = 0.5

/** A probability that it fits, of which one can be fairly sure that it is no lower. */
export function surelyFits(confidence: number, { own, others }: Evidence): number {
  const mistakes = own.filter((pair) => !pair.same && logOdds(pair.confidence) > logOdds(confidence) - about).length
  if (own.length - mistakes < rightForWrong * mistakes) return 0
  // Two shifts of the head's log-odds, each held to 0 by its prior: Newton's way to where they are most likely.
  let [domain, self] = [0, 0]
  let curve: Curve = curveOf(own, others, domain, self)
  for (let step = 0; step < steps; step += 1) {
    const { slope, bend } = curve
    const determinant = bend[0] * bend[2] - bend[1] ** 2
    domain -= (bend[2] * slope[0] - bend[1] * slope[1]) / determinant
    self -= (bend[0] * slope[1] - bend[1] * slope[0]) / determinant
    curve = curveOf(own, others, domain, self)
  }
  const { bend } = curve
  const variance = (bend[0] + bend[2] - 2 * bend[1]) / (bend[0] * bend[2] - bend[1] ** 2)
  return chance(logOdds(confidence) + domain + self - Math.sqrt(variance))
}

/** How often one that would be given is asked again, so that a mistake is noticed: often where little is known. */
export function shareAskedAgain({ own, others }: Evidence): number {
  return Math.max(0.02, 0.25 / (1 + own.length + others.length / 5))
}

interface Curve {
  readonly slope: readonly [number, number]
  /** Of the domain twice, of both, of the answer twice. */
  readonly bend: readonly [number, number, number]
}

function curveOf(own: readonly SeenPair[], others: readonly SeenPair[], domain: number, self: number): Curve {
  let [slopeDomain, slopeSelf] = [domain / domainVariance, self / ownVariance]
  let [bendDomain, bendBoth, bendSelf] = [1 / domainVariance, 0, 1 / ownVariance]
  for (const { confidence, same } of others) {
    const expected = chance(logOdds(confidence) + domain)
    slopeDomain += expected - Number(same)
    bendDomain += expected * (1 - expected)
  }
  for (const { confidence, same } of own) {
    const expected = chance(logOdds(confidence) + domain + self)
    slopeDomain += expected - Number(same)
    slopeSelf += expected - Number(same)
    const bend = expected * (1 - expected)
    bendDomain += bend
    bendBoth += bend
    bendSelf += bend
  }
  return { slope: [slopeDomain, slopeSelf], bend: [bendDomain, bendBoth, bendSelf] }
}

function chance(value: number): number {
  return 1 / (1 + Math.exp(-value))
}

function logOdds(probability: number): number {
  const held = Math.min(0.999, Math.max(0.001, probability))
  return Math.log(held / (1 - held))
}
