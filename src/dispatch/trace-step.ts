import type { Deployment } from '../../models/deployment.ts'
import type { Attempt, Outcome } from '../../models/outcome.ts'
import type { ModelFinish } from '../../models/provider.ts'
import { activeTrace } from '../telemetry/active.ts'
import type { Attributes, Span } from '../telemetry/tracer.ts'
import type { PlannedStep } from './plan-step.ts'

/** What a step is, once it is planned. From here on its log lines name its decision. */
export function tellOfPlan(span: Span, { plan, request }: PlannedStep): void {
  const active = activeTrace()
  if (active === undefined) return
  active.decision = plan.decision
  span.set({
    'signalbox.decision': plan.decision,
    'signalbox.kind': plan.step.kind,
    'signalbox.pool': plan.pool ?? undefined,
    'signalbox.rule': plan.rule,
    'signalbox.policy': plan.policy,
    'signalbox.held': plan.hold.held,
    'signalbox.input_tokens': plan.step.input_tokens,
    'gen_ai.conversation.id': request.thread ?? request.conversation,
  })
}

export function tellOfOutcome(span: Span, { pool, model, costUsd, attempts }: Outcome): void {
  span.set({
    'signalbox.pool': pool,
    'signalbox.model': model,
    'signalbox.cost_usd': costUsd ?? undefined,
    'signalbox.attempts': attempts.length,
  })
}

/** Of the conventions for calls of models. */
export function callAttributes({ provider, model }: Pick<Deployment, 'provider' | 'model'>): Attributes {
  return {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': provider,
    'gen_ai.request.model': model,
    'gen_ai.request.stream': true,
  }
}

export function tellOfAttempt(span: Span, { error, usage, costUsd, firstContentMs }: Attempt, finish: ModelFinish | undefined): void {
  span.set({
    'gen_ai.response.model': finish?.servedModel,
    'gen_ai.response.id': finish?.answerId,
    'gen_ai.response.finish_reasons': finish && [finish.finishReason],
    'gen_ai.response.time_to_first_chunk': firstContentMs === undefined ? undefined : firstContentMs / 1000,
    'gen_ai.usage.input_tokens': usage && usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens,
    'gen_ai.usage.cache_read.input_tokens': usage?.cacheReadTokens,
    'gen_ai.usage.cache_creation.input_tokens': usage?.cacheWriteTokens,
    'gen_ai.usage.output_tokens': usage?.outputTokens,
    'gen_ai.usage.reasoning.output_tokens': usage?.reasoningTokens,
    'signalbox.cost_usd': costUsd ?? undefined,
    'http.response.status_code': error?.status,
  })
  if (error !== undefined) span.fail(error.kind, error.message)
}
