import { cutTo, type SeenPrefixes, withPrompt } from '../../models/prompt-cache.ts'
import type { Pace } from './switch-gate.ts'

/** What is known of a conversation between two of its steps: enough to hold its model and to price a switch. No word of it. */
export interface Conversation {
  /** The deployment that answered last, `provider/model`. */
  readonly model: string
  /** When it was asked, epoch milliseconds. */
  readonly at: number
  /** A letter for the stage of each step so far, `x` where nobody looked; a capital begins a turn of the user. */
  readonly stages: string
  /** The number of the newest step in which something went wrong, from 0; `null` when nothing did. */
  readonly troubledAt: number | null
  /** Of the last prompt: what stands before the conversation itself, as a hash, and all its tokens. */
  readonly head: string
  readonly promptTokens: number
  readonly seen: SeenPrefixes
  readonly pace: Pace
}

/** A step that was answered. */
export interface AnsweredStep {
  readonly model: string
  readonly at: number
  readonly stage: string
  /** Whether a turn of the user begins with it. */
  readonly opens: boolean
  readonly troubled: boolean
  readonly head: string
  readonly promptTokens: number
  readonly outputTokens: number
}

/** Of the recorded session of a coding agent: medians. */
const usualPace: Pace = { newTokens: 240, outputTokens: 103, gapMs: 5800 }
const newest = 0.2
const mostStages = 1000
/** A prompt grows; one that lost so much of itself was summed up or cut. */
const keptShare = 0.9

export function nextConversation(before: Conversation | undefined, step: AnsweredStep): Conversation {
  const { model, at, head, promptTokens } = step
  return {
    model,
    at,
    stages: `${before?.stages ?? ''}${step.opens ? step.stage.toUpperCase() : step.stage}`.slice(-mostStages),
    troubledAt: step.troubled ? stepsOf(before) : (before?.troubledAt ?? null),
    head,
    promptTokens,
    seen: withPrompt(seenBy(before, step), model, promptTokens, at),
    pace: paceOf(before, step),
  }
}

export function stepsOf(conversation: Conversation | undefined): number {
  return conversation?.stages.length ?? 0
}

/** What each deployment has seen of a prompt that is about to be sent: nothing when its head is another one. */
export function seenBy(
  before: Conversation | undefined,
  { head, promptTokens }: Pick<AnsweredStep, 'head' | 'promptTokens'>,
): SeenPrefixes {
  if (before === undefined || before.head !== head) return {}
  return promptTokens < before.promptTokens * keptShare ? cutTo(before.seen, 0) : before.seen
}

/** Follows the conversation with a fifth of each new step. A pause of the person counts as no more than a minute. */
function paceOf(before: Conversation | undefined, { at, promptTokens, outputTokens }: AnsweredStep): Pace {
  const pace = before?.pace ?? usualPace
  const follow = (known: number, seen: number) => known + newest * (seen - known)
  if (before === undefined) return { ...pace, outputTokens: follow(pace.outputTokens, outputTokens) }
  const grown = promptTokens - before.promptTokens
  return {
    newTokens: grown > 0 ? follow(pace.newTokens, grown) : pace.newTokens,
    outputTokens: follow(pace.outputTokens, outputTokens),
    gapMs: follow(pace.gapMs, Math.min(60_000, Math.max(0, at - before.at))),
  }
}
