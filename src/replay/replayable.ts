import { z } from 'zod'
import { anyPrincipal, type DecisionLog, type DecisionRecord } from '../../memory/index.ts'
import { type RecordedStep, recordedStepSchema } from '../../policies/index.ts'

/** A recorded decision, as far as it is needed to make it again. */
export interface ReplayableDecision {
  readonly id: string
  readonly principal: string
  /** Epoch milliseconds. */
  readonly at: number
  /** Steps of one prompt-cache prefix: those of a thread, else of a loop. */
  readonly conversation: string
  /** The decision that began the loop it belongs to, or itself. */
  readonly loop: string
  readonly step: RecordedStep
  readonly resting: readonly string[]
  readonly policy: string
  readonly rule: string
  readonly pool: string | null
  readonly model: string | null
  readonly propensity: number
  readonly budget: {
    readonly usdPerCall: number | undefined
    readonly usdPerDay: number | undefined
    readonly spentTodayUsd: number | undefined
  }
  /** What came of it; `undefined` for a plan that nobody dispatched, and for a failure. */
  readonly outcome: RecordedOutcome | undefined
  /** 0–1, by whoever knows best: the harness before a person before a model; `undefined` without a verdict. */
  readonly reward: number | undefined
}

export interface RecordedOutcome {
  readonly model: string
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costUsd: number | null
  readonly latencyMs: number
}

const count = z.number().min(0)
const planSchema = z.object({
  policy: z.string(),
  rule: z.string(),
  pool: z.string().nullable(),
  candidates: z.array(z.object({ model: z.string() })),
  propensity: z.number().positive().max(1),
  budget: z.object({ usd_per_call: count.nullable(), usd_per_day: count.nullable(), spent_today_usd: count.nullable() }),
})
const outcomeSchema = z.object({
  model: z.string(),
  usage: z.object({ inputTokens: count, cacheReadTokens: count, cacheWriteTokens: count, outputTokens: count }),
  costUsd: count.nullable(),
  latencyMs: count,
  // A kept answer says nothing of what a model would have cost.
  cached: z.never().optional(),
})
const recordedSchema = z.object({ step: recordedStepSchema, resting: z.array(z.string()) })

/** Decisions of all callers from `since` on (epoch milliseconds), oldest first; `skipped` counts those that keep no step. */
export async function readReplayable(
  decisions: DecisionLog,
  { since, most, signal }: { since: number; most: number; signal: AbortSignal },
): Promise<{ decisions: ReplayableDecision[]; skipped: number; more: boolean }> {
  const found: ReplayableDecision[] = []
  let skipped = 0
  let cursor: string | undefined
  for (;;) {
    signal.throwIfAborted()
    const page = await decisions.list(anyPrincipal, { limit: 200, cursor })
    for (const record of page.decisions) {
      if (record.at < since) return { decisions: found.reverse(), skipped, more: false }
      if (found.length >= most) return { decisions: found.reverse(), skipped, more: true }
      const one = toReplayable(record)
      if (one === undefined) skipped += 1
      else found.push(one)
    }
    if (page.nextCursor === undefined) return { decisions: found.reverse(), skipped, more: false }
    cursor = page.nextCursor
  }
}

/** `undefined`: it keeps no step. */
export function toReplayable(record: DecisionRecord & { principal: string }): ReplayableDecision | undefined {
  const plan = planSchema.safeParse(record.plan).data
  const recorded = recordedSchema.safeParse(record.recorded).data
  if (plan === undefined || recorded === undefined) return undefined
  const outcome = outcomeSchema.safeParse(record.outcome).data
  const loop = record.parent ?? record.id
  const { budget } = plan
  return {
    id: record.id,
    principal: record.principal,
    at: record.at,
    conversation: record.thread ?? loop,
    loop,
    ...recorded,
    policy: plan.policy,
    rule: plan.rule,
    pool: plan.pool,
    model: outcome?.model ?? plan.candidates[0]?.model ?? null,
    propensity: plan.propensity,
    budget: {
      usdPerCall: budget.usd_per_call ?? undefined,
      usdPerDay: budget.usd_per_day ?? undefined,
      spentTodayUsd: budget.spent_today_usd ?? undefined,
    },
    outcome: outcome && {
      model: outcome.model,
      inputTokens: outcome.usage.inputTokens + outcome.usage.cacheReadTokens + outcome.usage.cacheWriteTokens,
      outputTokens: outcome.usage.outputTokens,
      costUsd: outcome.costUsd,
      latencyMs: outcome.latencyMs,
    },
    reward: rewardOf(record.verdicts),
  }
}

const rewards = { good: 1, overkill: 1, wrong: 0, failed: 0 } as const

function rewardOf(verdicts: DecisionRecord['verdicts']): number | undefined {
  for (const source of ['harness', 'person', 'model'] as const) {
    const last = verdicts.findLast(({ by }) => by === source)
    if (last !== undefined) return rewards[last.outcome]
  }
  return undefined
}
