import type { Attempt } from '../../models/outcome.ts'
import type { Plan } from '../../policies/index.ts'
import type { Meter } from '../telemetry/meter.ts'
import * as metrics from '../telemetry/metrics.ts'

/** How a step ended. `kept`: with an earlier answer; `refused`: the policy had nobody for it; `left`: its caller did not wait. */
export type StepEnd = 'answered' | 'kept' | 'refused' | 'failed' | 'left'

/** Why a deployment was not called at all. */
const unsent = new Set(['cooling', 'probing', 'budget', 'not_sent'])

export function countPlan(meter: Meter, plan: Plan, ms: number): void {
  meter.observe(metrics.planDuration, { kind: plan.step.kind }, ms / 1000)
  meter.add(metrics.rules, { policy: plan.policy, rule: plan.rule })
  for (const { signal, ms: took } of plan.trace) meter.observe(metrics.signalDuration, { signal }, took / 1000)
  const { held, kind, broken_by: brokenBy } = plan.hold
  if (kind !== null) meter.add(metrics.holds, { held: held ? 'yes' : 'no', broken_by: brokenBy ?? '' })
}

export function countEnd(meter: Meter, plan: Plan, end: StepEnd, pool: string | null = plan.pool): void {
  meter.add(metrics.steps, { kind: plan.step.kind, pool: pool ?? 'none', end })
}

/** One attempt as it ends; also one that was never sent. */
export function countAttempt(meter: Meter, { deployment, durationMs, firstContentMs, error, usage, costUsd }: Attempt): void {
  meter.add(metrics.attempts, { model: deployment, end: error?.kind ?? 'answered' })
  if (error !== undefined && unsent.has(error.kind)) return
  const slash = deployment.indexOf('/')
  const call = {
    gen_ai_operation_name: 'chat',
    gen_ai_provider_name: deployment.slice(0, slash),
    gen_ai_request_model: deployment.slice(slash + 1),
  }
  meter.observe(metrics.operationDuration, { ...call, error_type: error?.kind ?? '' }, durationMs / 1000)
  if (firstContentMs !== undefined) meter.observe(metrics.firstChunk, call, firstContentMs / 1000)
  if (usage !== undefined) {
    const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens } = usage
    meter.observe(metrics.tokenUsage, { ...call, gen_ai_token_type: 'input' }, inputTokens + cacheReadTokens + cacheWriteTokens)
    meter.observe(metrics.tokenUsage, { ...call, gen_ai_token_type: 'output' }, outputTokens)
    if (cacheReadTokens > 0) meter.add(metrics.cacheTokens, { model: deployment, direction: 'read' }, cacheReadTokens)
    if (cacheWriteTokens > 0) meter.add(metrics.cacheTokens, { model: deployment, direction: 'write' }, cacheWriteTokens)
  }
  if (typeof costUsd === 'number') meter.add(metrics.spend, { model: deployment }, costUsd)
  else if (costUsd === null) meter.add(metrics.unpriced, { model: deployment })
}
