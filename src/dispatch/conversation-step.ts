import { createHash } from 'node:crypto'
import type { Outcome } from '../../models/outcome.ts'
import { cutTo, type SeenPrefixes } from '../../models/prompt-cache.ts'
import { type Conversation, nextConversation, type Step, seenBy } from '../../policies/index.ts'
import type { StepContext } from './context.ts'
import type { Line } from './line.ts'
import type { PlannedStep } from './plan-step.ts'
import type { StepRequest } from './step-request.ts'

/** What was known of a step's conversation before it, and what the step adds. */
export interface ConversationStep {
  readonly before: Conversation | undefined
  readonly head: string
  /** The letter of its stage. */
  readonly stage: string
  readonly troubled: boolean
}

/** Which conversation a step belongs to: its thread's, else the one that the client's door found, else its loop's, which is named by the decision that began it. */
export function conversationKey({ thread, conversation, loop }: Pick<StepRequest, 'thread' | 'conversation' | 'loop'>): string | undefined {
  return thread ?? conversation ?? loop?.parent
}

/**
 * A hash of all that stands before the newest messages and changes by itself: system text, tools, what was recalled, and where
 * the thread's turns begin. Where it is another one, no prompt cache holds the beginning of the prompt.
 */
export function headOf({ system, tools = [] }: Pick<StepRequest, 'system' | 'tools'>, { turns, recalled }: StepContext): string {
  const head = [system, tools, recalled.map(({ id }) => id), turns[0]]
  return createHash('sha256').update(JSON.stringify(head)).digest('base64url').slice(0, 22)
}

/** What each deployment has seen of the prompt. A loop that is over comes back from memory as quotations: its prompt is not the same any more. */
export function seenBefore({ before, head }: ConversationStep, { kind, inputTokens }: Step): SeenPrefixes {
  const seen = seenBy(before, { head, promptTokens: inputTokens })
  const endsInLoop = /[a-z]$/.test(before?.stages ?? '')
  return kind === 'user_turn' && endsInLoop ? cutTo(seen, 0) : seen
}

/** After a step was answered; by whom, tells its outcome. */
export async function keepConversation(line: Pick<Line, 'conversations' | 'now'>, planned: PlannedStep, outcome: Outcome): Promise<void> {
  const { plan, step, request, conversation } = planned
  if (step.kind === 'background') return
  const { before, head, stage, troubled } = conversation
  const next = nextConversation(before && { ...before, seen: seenBefore(conversation, step) }, {
    model: outcome.model,
    at: line.now(),
    stage,
    opens: step.kind === 'user_turn',
    troubled,
    head,
    promptTokens: step.inputTokens,
    outputTokens: outcome.usage.outputTokens,
  })
  await line.conversations.keep(request.principal, conversationKey(request) ?? plan.decision, next)
}
