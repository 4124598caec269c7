import type { Ledger } from '../../memory/index.ts'
import { worstCaseCost } from '../../models/catalogue.ts'
import type { Deployment } from '../../models/deployment.ts'
import type { Step } from '../../policies/index.ts'
import type { Log } from '../log.ts'

/** Money for one attempt, reserved until it is settled once. */
export interface Hold {
  /** `null`: the price is not known. Never rejects: what was answered is not lost over its bill, which then counts at its worst case. */
  settle(actualUsd: number | null): Promise<void>
}

type Priced = Pick<Deployment, 'id' | 'price' | 'maxOutputTokens'>

export interface Budget {
  /** The most that the step can cost there, in US dollars; `null` when the price is unknown. */
  estimate(deployment: Priced, inputTokens: number, maxOutputTokens: number): number | null
  limits(): Promise<{ usdPerCall: number | undefined; usdPerDay: number | undefined; spentTodayUsd: number | undefined }>
  /** What is left of the scantiest cap, in US dollars; `undefined` without caps. */
  left(caps: readonly SpendCap[]): Promise<number | undefined>
  /** `undefined` when the budget, or a cap, has no room for the worst case. */
  reserve(attempt: {
    principal: string
    caps?: readonly SpendCap[] | undefined
    decision: string
    deployment: Priced
    step: Pick<Step, 'inputTokens' | 'maxOutputTokens'>
    maxCostUsd: number | undefined
  }): Promise<Hold | undefined>
}

export interface BudgetLimits {
  readonly usdPerDay: number | undefined
  readonly usdPerCall: number | undefined
}

/** What may be spent in all under one name, by whomever: a minted key is bound by its own cap and by those of all that it was minted from. */
export interface SpendCap {
  readonly account: string
  readonly limitUsd: number
}

/** An attempt that neither ended nor was settled by then counts at its worst case. */
const holdMs = 15 * 60_000

/** Budgets a call and a UTC day, over parallel calls and several processes on one ledger. Without limits a ledger that fails stops nothing. */
export function createBudget(ledger: Ledger, limits: () => BudgetLimits, clock: () => number, log: Pick<Log, 'warn'>): Budget {
  const estimate: Budget['estimate'] = (deployment, inputTokens, maxOutputTokens) =>
    deployment.price === null ? null : worstCaseCost(inputTokens, Math.min(maxOutputTokens, deployment.maxOutputTokens), deployment.price)
  const told = (verb: string) => (error: unknown) => log.warn(`Cannot ${verb} the cost of a call`, { error })

  return {
    estimate,

    async limits() {
      const { usdPerCall, usdPerDay } = limits()
      if (usdPerDay === undefined) return { usdPerCall, usdPerDay, spentTodayUsd: undefined }
      const { usd, reservedUsd } = await ledger.spent({ since: startOfDay(clock()) })
      return { usdPerCall, usdPerDay, spentTodayUsd: usd + reservedUsd }
    },

    async left(caps) {
      if (caps.length === 0) return undefined
      const left = caps.map(async ({ account, limitUsd }) => {
        const { usd, reservedUsd } = await ledger.spent({ since: 0, account })
        return Math.max(0, limitUsd - usd - reservedUsd)
      })
      return Math.min(...(await Promise.all(left)))
    },

    async reserve({ principal, caps = [], decision, deployment, step, maxCostUsd }) {
      const { usdPerCall, usdPerDay } = limits()
      const worstCaseUsd = estimate(deployment, step.inputTokens, step.maxOutputTokens)
      const perCall = Math.min(maxCostUsd ?? Number.POSITIVE_INFINITY, usdPerCall ?? Number.POSITIVE_INFINITY)
      const limited = perCall !== Number.POSITIVE_INFINITY || usdPerDay !== undefined || caps.length > 0
      if (!limited) {
        const entry = { principal, decision, deployment: deployment.id }
        return { settle: (actualUsd) => ledger.book({ ...entry, actualUsd }).catch(told('book')) }
      }
      if (worstCaseUsd === null || worstCaseUsd > perCall) return undefined
      const reservation = await ledger.reserve({
        principal,
        decision,
        deployment: deployment.id,
        worstCaseUsd,
        limitUsd: worstCaseUsd === 0 ? undefined : usdPerDay,
        accounts: caps,
        expiresAt: clock() + holdMs,
      })
      return reservation && { settle: (actualUsd) => ledger.settle(reservation, actualUsd).catch(told('settle')) }
    },
  }
}

function startOfDay(now: number): number {
  return new Date(now).setUTCHours(0, 0, 0, 0)
}
