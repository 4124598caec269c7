import type { Price } from '../../models/deployment.ts'
import { costOf } from '../../models/prices.ts'
import { type CacheRule, expectUsage } from '../../models/prompt-cache.ts'

/** One side of a switch: what a step costs there. */
export interface GateSide {
  readonly model: string
  /** `null`: nobody knows. */
  readonly price: Price | null
  readonly cache: CacheRule | undefined
  /** Tokens of this step's prompt that are warm there now. */
  readonly warmTokens: number
}

export interface GateInput {
  readonly from: GateSide
  readonly to: GateSide
  readonly promptTokens: number
  readonly pace: Pace
  /** Steps that are expected from this one on, this one included. */
  readonly steps: number
  /** What a switch must save beyond its own price: a part of what staying costs, and dollars. */
  readonly margin: { readonly share: number; readonly usd: number }
}

/** How a conversation goes on: by step. */
export interface Pace {
  /** Tokens by which the prompt grows. */
  readonly newTokens: number
  readonly outputTokens: number
  /** Milliseconds from one step to the next. */
  readonly gapMs: number
}

/** Every figure in US dollars over the expected steps, so that a person can add them up. */
export interface GateVerdict {
  from: string
  to: string
  steps: number
  stay_usd: number
  switch_usd: number
  /** What the first step costs at the other side beyond what it would if its cache were as warm as it can be. */
  cache_loss_usd: number
  /** What a later return costs because the cache that is left behind expires, by the chance that it does. */
  return_usd: number
  margin_usd: number
  /** `stay - switch - return - margin`: the switch wins when it is above 0. */
  gain_usd: number
  wins: boolean
  /** Why nothing could be weighed. */
  note: string | null
}

/**
 * Whether going over to another model pays for the prompt cache that it leaves behind.
 *
 *     first(B) + (n - 1) warm(B) + P(A expires before the return) (w_A - r_A) L + margin < first(A) + (n - 1) warm(A)
 *
 * with `warm(m) = r L + w d + p o`: the prompt L is read, d new tokens are written, o tokens are answered. `first` is the
 * step at hand, with what is warm of it on each side; `cold(B)` is `first(B)` where nothing is. The return is at a moment of the
 * n steps of which each is as likely as another. What cannot be priced does not win.
 */
export function weighSwitch(input: GateInput): GateVerdict {
  const { from, to, promptTokens, pace, steps, margin } = input
  const unpriced = [from, to].find(({ price }) => price === null)
  if (unpriced !== undefined) return unweighed(from.model, to.model, `the price of ${unpriced.model} is not known`)

  const stay = stepCost(from, promptTokens, from.warmTokens, pace) + (steps - 1) * warmCost(from, promptTokens, pace)
  const first = stepCost(to, promptTokens, to.warmTokens, pace)
  const change = first + (steps - 1) * warmCost(to, promptTokens, pace)
  const back = expiryChance(from, pace, steps) * rewriteCost(from, promptTokens)
  const least = margin.share * stay + margin.usd
  const gain = stay - change - back - least
  return {
    from: from.model,
    to: to.model,
    steps,
    stay_usd: dollars(stay),
    switch_usd: dollars(change),
    cache_loss_usd: dollars(Math.max(0, first - warmCost(to, promptTokens - pace.newTokens, pace))),
    return_usd: dollars(back),
    margin_usd: dollars(least),
    gain_usd: dollars(gain),
    wins: gain > 0,
    note: null,
  }
}

/** What cannot be weighed does not win. */
export function unweighed(from: string, to: string, note: string): GateVerdict {
  const none = { stay_usd: 0, switch_usd: 0, cache_loss_usd: 0, return_usd: 0, margin_usd: 0, gain_usd: 0 }
  return { from, to, steps: 0, ...none, wins: false, note }
}

function stepCost({ price, cache }: GateSide, promptTokens: number, warm: number, { outputTokens }: Pace): number {
  return price === null ? 0 : costOf(expectUsage(cache, promptTokens, warm, outputTokens), price)
}

/** A later step: all but the newest tokens is read. */
function warmCost(side: GateSide, promptTokens: number, pace: Pace): number {
  const isKept = side.cache !== undefined && promptTokens >= side.cache.minTokens
  return stepCost(side, promptTokens + pace.newTokens, isKept ? promptTokens : 0, pace)
}

function rewriteCost({ price, cache }: GateSide, promptTokens: number): number {
  if (price === null || cache === undefined || promptTokens < cache.minTokens) return 0
  const written = costOf(expectUsage(cache, promptTokens, 0, 0), price)
  return Math.max(0, written - costOf(expectUsage(cache, promptTokens, promptTokens, 0), price))
}

/** What is cold by now stays so unless this step warms it. */
function expiryChance({ cache, warmTokens }: GateSide, { gapMs }: Pace, steps: number): number {
  if (cache === undefined || warmTokens === 0) return 1
  const horizonMs = steps * gapMs
  return horizonMs <= cache.ttlMs ? 0 : 1 - cache.ttlMs / horizonMs
}

/** To a hundred-thousandth of a cent. */
function dollars(usd: number): number {
  return Math.round(usd * 1e7) / 1e7
}
