import { worstCaseCost } from '../../models/catalogue.ts'
import type { Pool } from '../../models/pool.ts'
import {
  assessStep,
  type Conversation,
  createPlan,
  nextConversation,
  type Plan,
  type Policy,
  restoreStep,
  seenBy,
  stageLetter,
  troubleOf,
} from '../../policies/index.ts'
import { extractivePool } from '../dispatch/line.ts'
import type { ReplayableDecision } from './replayable.ts'

export interface PlanAgainOptions {
  readonly policy: Policy
  readonly pools: readonly Pool[]
  readonly embedText: (text: string, signal: AbortSignal) => Promise<Float32Array | undefined>
  readonly signal: AbortSignal
}

/** As many as the product itself looks at. */
const mostPast = 50

/** How each conversation went so far under the other policy, by principal and conversation. */
export type Conversations = Map<string, Conversation>

export function createConversations(): Conversations {
  return new Map()
}

/** Makes one decision again, with what the other policy would have made of its conversation so far, and adds the step to that. */
export async function planAgain(decision: ReplayableDecision, conversations: Conversations, options: PlanAgainOptions): Promise<Plan> {
  const { policy, pools, signal } = options
  const key = `${decision.principal}\n${decision.conversation}`
  const before = conversations.get(key)
  const recorded = restoreStep(decision.step, decision.principal)
  const step = before === undefined ? recorded : { ...recorded, previousModel: before.model }
  const { budget, at: now } = decision
  const assessment = await assessStep(policy, step, { signal, live: { now, budget, pools, state: () => undefined } })
  const { readings, choice } = assessment
  const promptTokens = decision.outcome?.inputTokens ?? step.inputTokens
  // A prompt only grows: what was summed up or cut shows by its length.
  const prompt = { head: '', promptTokens }
  const plan = createPlan({
    decision: decision.id,
    step,
    policy,
    ...assessment,
    pools,
    availability: (id) => (decision.resting.includes(id) ? { state: 'cooling', until: now, reason: 'a failure' } : { state: 'ready' }),
    state: () => undefined,
    estimate: ({ price, maxOutputTokens }) =>
      price === null ? null : worstCaseCost(step.inputTokens, Math.min(step.maxOutputTokens, maxOutputTokens), price),
    vector: choice.action.selector.needsVector === true && step.text !== '' ? await options.embedText(step.text, signal) : undefined,
    budget,
    context: { turns: 0, recalled: 0, tokens: 0 },
    tools: decision.step.tools,
    cacheKey: step.thread,
    conversation: before && {
      conversation: before,
      seen: seenBy(before, prompt),
      past: [...conversations.values()].slice(-mostPast).map(({ stages }) => stages),
    },
    extractivePool,
    now,
  })
  const model = plan.candidates[0]?.model
  if (model !== undefined && decision.outcome !== undefined && step.kind !== 'background') {
    const next = nextConversation(before, {
      ...prompt,
      model,
      at: now,
      stage: stageLetter(policy, readings),
      opens: step.kind === 'user_turn',
      troubled: troubleOf(policy, readings) !== undefined,
      outputTokens: decision.outcome?.outputTokens ?? 0,
    })
    conversations.set(key, next)
  }
  return plan
}
