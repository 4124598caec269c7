import { z } from 'zod'
import { anyPrincipal, type OwnedDecision } from '../../memory/index.ts'
import type { Attempt, Grounding } from '../../models/outcome.ts'
import { accountForRules, type Plan, type RecordedStep, recordedStepSchema, restoreStep } from '../../policies/index.ts'
import type { Services } from '../operations/services.ts'
import type { StepDetail, StepOutcome, StepPage, StepSummary } from './wire.ts'

const pageSize = 50
const shownText = 200
const shownArguments = 2000

/** Recorded by this version or an earlier one: what is not there is not said. */
const planSchema = z.looseObject({
  policy: z.string().catch(''),
  rule: z.string().catch(''),
  pool: z.string().nullable().catch(null),
  step: z.looseObject({ kind: z.string().catch(''), input_tokens: z.number().catch(0) }).catch({ kind: '', input_tokens: 0 }),
  candidates: z.array(z.looseObject({ model: z.string() })).catch([]),
  hold: z.looseObject({ held: z.boolean().catch(false) }).catch({ held: false }),
})
const tokens = z.number().catch(0)
const outcomeSchema = z.looseObject({
  model: z.string().optional().catch(undefined),
  servedModel: z.string().optional().catch(undefined),
  text: z.string().catch(''),
  error: z.string().optional().catch(undefined),
  finishReason: z.string().optional().catch(undefined),
  usage: z
    .object({ inputTokens: tokens, cacheReadTokens: tokens, cacheWriteTokens: tokens, outputTokens: tokens })
    .optional()
    .catch(undefined),
  costUsd: z.number().nullable().catch(null),
  latencyMs: z.number().optional().catch(undefined),
  firstContentMs: z.number().optional().catch(undefined),
  grounding: z
    .object({
      verdict: z.enum(['grounded', 'partly', 'ungrounded', 'unscored']),
      claims: z.number().optional(),
      share: z.number().optional(),
      unborne: z.array(z.object({ start: z.number(), end: z.number(), score: z.number(), why: z.enum(['exact', 'meaning']) })),
      truncated: z.literal(true).optional(),
      why: z.string().optional(),
    })
    .transform((found) => found as Grounding)
    .optional()
    .catch(undefined),
  toolCalls: z.array(z.looseObject({ name: z.string(), input: z.unknown() })).catch([]),
  attempts: z.array(z.custom<Attempt>((one) => typeof one === 'object' && one !== null)).catch([]),
})
const recordedSchema = z.object({ step: recordedStepSchema })

export async function listSteps({ decisions }: Pick<Services, 'decisions'>, cursor: string | undefined): Promise<StepPage> {
  const page = await decisions.list(anyPrincipal, { limit: pageSize, cursor })
  return { steps: page.decisions.map(summaryOf), next_cursor: page.nextCursor ?? null }
}

export async function readStep({ decisions, policy }: Pick<Services, 'decisions' | 'policy'>, id: string): Promise<StepDetail | undefined> {
  const record = await decisions.ofAnybody(id)
  if (record === undefined) return undefined
  const step = recordedSchema.safeParse(record.recorded).data?.step ?? null
  const plan = record.plan as Plan
  return {
    ...summaryOf(record),
    plan,
    step,
    outcome: outcomeOf(record.outcome),
    verdicts: record.verdicts,
    ...rulesOf(policy(), plan, step, record.principal),
  }
}

export function summaryOf(record: OwnedDecision): StepSummary {
  const plan = planSchema.parse(record.plan ?? {})
  const step = recordedSchema.safeParse(record.recorded).data?.step
  const outcome = outcomeSchema.safeParse(record.outcome).data
  return {
    id: record.id,
    at: record.at,
    updated_at: record.updatedAt,
    principal: record.principal,
    client: step?.client ?? null,
    thread: record.thread ?? null,
    parent: record.parent ?? null,
    kind: plan.step.kind,
    text: (step?.text ?? '').slice(0, shownText).toWellFormed(),
    policy: plan.policy,
    rule: plan.rule,
    pool: plan.pool,
    model: outcome?.model ?? plan.candidates[0]?.model ?? null,
    status: outcome === undefined ? 'planned' : outcome.error === undefined ? 'answered' : 'failed',
    input_tokens: outcome?.usage === undefined ? plan.step.input_tokens : inputOf(outcome.usage),
    output_tokens: outcome?.usage?.outputTokens ?? null,
    cost_usd: outcome?.costUsd ?? null,
    latency_ms: outcome?.latencyMs ?? null,
    attempts: outcome?.attempts.length ?? 0,
    held: plan.hold.held,
    verdict: record.verdicts.at(-1)?.outcome ?? null,
  }
}

function inputOf({ inputTokens, cacheReadTokens, cacheWriteTokens }: { [Key in `${'input' | 'cacheRead' | 'cacheWrite'}Tokens`]: number }) {
  return inputTokens + cacheReadTokens + cacheWriteTokens
}

function outcomeOf(given: unknown): StepOutcome | null {
  const outcome = outcomeSchema.safeParse(given).data
  if (outcome === undefined) return null
  const { usage } = outcome
  return {
    text: outcome.text,
    error: outcome.error ?? null,
    finish_reason: outcome.finishReason ?? null,
    served_model: outcome.servedModel ?? null,
    usage: usage === undefined ? null : usageOf(usage),
    first_content_ms: outcome.firstContentMs ?? null,
    tool_calls: outcome.toolCalls.map(({ name, input }) => ({ name, arguments: JSON.stringify(input ?? {}).slice(0, shownArguments) })),
    attempts: outcome.attempts,
    way: outcome['way'] ?? null,
    redacted: outcome['redacted'] ?? null,
    grounding: outcome.grounding ?? null,
  }
}

function usageOf(usage: { inputTokens: number; cacheReadTokens: number; cacheWriteTokens: number; outputTokens: number }) {
  return { input: usage.inputTokens, cache_read: usage.cacheReadTokens, cache_write: usage.cacheWriteTokens, output: usage.outputTokens }
}

/** By the values that the signals had then: nothing is computed again, so what fired is what fired. */
function rulesOf(
  policy: ReturnType<Services['policy']>,
  plan: Plan,
  step: RecordedStep | null,
  principal: string,
): Pick<StepDetail, 'rules' | 'rules_note'> {
  if (plan.policy !== policy.name) {
    const note = `The policy "${plan.policy}" decided, and "${policy.name}" is served now: its rules are not at hand.`
    return { rules: [], rules_note: note }
  }
  if (step === null) return { rules: [], rules_note: 'The step itself is not kept any more, so its rules cannot be accounted for.' }
  const fired = new Set(plan.fired.map(({ rule }) => rule))
  const known = new Set(policy.rules.map(({ name }) => name))
  const isSame = [...fired].every((rule) => known.has(rule))
  const choice = {
    name: plan.rule,
    why: plan.why,
    safety: false,
    action: policy.default,
    actionOf: plan.rule,
    fired: policy.rules.filter(({ name }) => fired.has(name)),
  }
  const readings = plan.trace.filter(({ error }) => error === undefined)
  const facts = { step: restoreStep(step, principal), readings, projected: plan.projections }
  return {
    rules: accountForRules(policy, facts, choice),
    rules_note: isSame ? null : 'The policy has changed since: some rules that fired then are gone.',
  }
}
