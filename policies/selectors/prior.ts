import type { Deployment } from '../../models/deployment.ts'
import type { SelectorFacts } from './selector.ts'

/** What is expected of the cheapest and of the dearest model while nothing was seen of either: a price is a weak sign of quality. */
const leastExpected = 0.6
const mostExpected = 0.9
/** So many verdicts does that expectation weigh. */
const priorWeight = 10
/** From so many on, what was seen stands by itself. */
const enoughSeen = 20

/** Expected quality by price tier, 0.6 to 0.9: the place among the candidates' prices; an unknown price stands in the middle. */
export function pricePrior({ id, price }: Deployment, candidates: readonly Deployment[]): number {
  const prices = [...new Set(candidates.flatMap((one) => one.price?.outputPerMillion ?? []))].toSorted((left, right) => left - right)
  const place = price === null ? -1 : prices.indexOf(price.outputPerMillion)
  if (place === -1 && price !== null) throw new RangeError(`Cannot tell the price tier of ${id}: it is not one of the candidates`)
  const share = prices.length < 2 || place === -1 ? 0.5 : place / (prices.length - 1)
  return leastExpected + share * (mostExpected - leastExpected)
}

export interface Expectation {
  /** 0–1. */
  readonly quality: number
  /** What one may count on: with few verdicts the mean, in which the price still weighs; with more, the lower bound. */
  readonly assured: number
  readonly seen: number
  /** What it was read from, in words. */
  readonly of: string
}

/** How well a deployment can be expected to do this step: by its tools where they are known, else by its domain, else by all that was seen of it. */
export function expect(deployment: Deployment, candidates: readonly Deployment[], facts: SelectorFacts): Expectation {
  const prior = pricePrior(deployment, candidates)
  const { knowledge, domain } = facts
  const about = (of: string, { good, bad, mean, lower }: ReturnType<typeof knowledge.reputation>): Expectation => {
    const seen = good + bad
    const quality = (priorWeight * prior + good) / (priorWeight + seen)
    return { quality, assured: seen < enoughSeen ? quality : Math.min(lower, mean), seen, of }
  }
  const tools = facts.tools
    .slice(0, toolsLookedAt)
    .map((tool) => about(tool, knowledge.reputation(deployment.id, { tool })))
    .filter(({ seen }) => seen >= leastSeen)
  const inDomain = domain === undefined || domain === '' ? [] : [about(domain, knowledge.reputation(deployment.id, { domain }))]
  const known = [...tools, ...inDomain.filter(({ seen }) => seen >= leastSeen)].toSorted((left, right) => left.assured - right.assured)
  return known[0] ?? about('all steps', knowledge.reputation(deployment.id))
}

/** The fittest tools of a step are those that it will most likely call. */
const toolsLookedAt = 3
/** Fewer verdicts of a tool or a domain say less than all verdicts together. */
const leastSeen = 5
