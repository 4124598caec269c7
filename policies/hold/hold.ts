import type { Step } from '../step.ts'
import type { GateVerdict } from './switch-gate.ts'

/** All that may take a step of a running tool loop off its model. */
export type HoldBreak =
  | 'failure'
  | 'context_overflow'
  | 'missing_modality'
  | 'budget_stop'
  | 'policy_denial'
  | 'safety_tier'
  | 'stage_escalation'
  | 'stall_escalation'
  | 'gate_win'

export interface Broken {
  readonly by: HoldBreak
  /** In a sentence. */
  readonly because: string
}

/** A model as the hold sees it. */
export interface HoldCandidate {
  readonly model: string
  /** Comparable between models: the price of output stands for it where nothing was measured. */
  readonly strength: number
}

export interface HoldInput {
  readonly kind: Step['kind']
  /** Why a switch would be unsafe, in a sentence; `undefined` when it would not. */
  readonly lock: string | undefined
  /** Who answered before, and whether it may answer this step as well. */
  readonly previous: HoldCandidate
  /** Why it may not. */
  readonly lost: Broken | undefined
  /** The safety rule that decides this step. */
  readonly safetyRule: string | undefined
  /** Whom the policy would choose if nobody had answered before; `undefined` when nobody can. */
  readonly wanted: HoldCandidate | undefined
  /** What goes wrong in the work, when its signals say so. */
  readonly trouble: Broken | undefined
  /** Steps since something last went wrong; `undefined` when nothing did. */
  readonly sinceTrouble: number | undefined
  /** For how many steps after that nothing weaker takes over. */
  readonly latchSteps: number
  readonly weigh: (wanted: string) => GateVerdict
}

export interface HoldDecision {
  /** Whether the model of the step before answers this one because of the hold. */
  held: boolean
  /** `hard` while a switch would be unsafe, `soft` while it would only cost; `null` where nothing is held. */
  kind: 'soft' | 'hard' | null
  model: string | null
  broken_by: HoldBreak | null
  because: string | null
  /** What a switch would cost and save, where it was weighed. */
  gate: GateVerdict | null
}

export const noHold: HoldDecision = Object.freeze({
  held: false,
  kind: null,
  model: null,
  broken_by: null,
  because: null,
  gate: null,
})

/**
 * Whether a step keeps the model of the step before.
 *
 * In a running tool loop it does, unless a named reason breaks the hold. A hard hold gives way to what leaves no choice
 * (`failure`, `context_overflow`, `missing_modality`, `budget_stop`, `policy_denial`, `safety_tier`) and to nothing else. A soft
 * one also to trouble, for a stronger model, and to a switch that pays for the cache it leaves behind. An upgrade stays for some
 * steps after its trouble is over, so that a model is not brought in and sent away at each step. At the user's turn the policy is
 * free to choose a model as strong or stronger; a weaker one has to pay for itself there, too.
 */
export function decideHold(input: HoldInput): HoldDecision {
  const { kind, lock, previous, lost, safetyRule, wanted } = input
  if (kind === 'background') return noHold
  if (kind === 'user_turn') return decideTurn(input)
  const shape = { kind: lock === undefined ? ('soft' as const) : ('hard' as const), model: previous.model, gate: null }
  const broken = (by: HoldBreak, because: string): HoldDecision => ({ ...shape, held: false, broken_by: by, because })
  const held = (because: string, gate: GateVerdict | null = null): HoldDecision => ({
    ...shape,
    held: true,
    broken_by: null,
    because,
    gate,
  })

  if (safetyRule !== undefined) {
    const isKept = wanted?.model === previous.model
    return isKept
      ? { ...shape, held: false, broken_by: null, because: null }
      : broken('safety_tier', `the safety rule ${safetyRule} decides`)
  }
  if (lost !== undefined) return broken(lost.by, lost.because)
  if (lock !== undefined) return held(lock)
  if (wanted === undefined || wanted.model === previous.model) return held('a step inside a running tool loop keeps its model')
  return decideSoft(input, wanted, { broken, held })
}

interface Answers {
  readonly broken: (by: HoldBreak, because: string) => HoldDecision
  readonly held: (because: string, gate?: GateVerdict) => HoldDecision
}

function decideSoft(input: HoldInput, wanted: HoldCandidate, { broken, held }: Answers): HoldDecision {
  const { previous, trouble, sinceTrouble, latchSteps, weigh } = input
  const isStronger = wanted.strength > previous.strength
  if (trouble !== undefined) {
    return isStronger ? broken(trouble.by, trouble.because) : held(`nothing weaker takes over while ${trouble.because}`)
  }
  if (isStronger) return held('a step inside a running tool loop keeps its model')
  if (sinceTrouble !== undefined && sinceTrouble < latchSteps) {
    return held(`something went wrong ${sinceTrouble} ${sinceTrouble === 1 ? 'step' : 'steps'} ago, and nothing weaker takes over so soon`)
  }
  const gate = weigh(wanted.model)
  return gate.wins
    ? { ...broken('gate_win', `${wanted.model} costs less over the steps that are expected, the lost cache included`), gate }
    : held(`going over to ${wanted.model} would not pay for the cache that it leaves behind`, gate)
}

/** At a user's turn nothing is broken: the policy chooses anew, and only a weaker model must be worth its way there. */
function decideTurn({ previous, lost, safetyRule, wanted, trouble, weigh }: HoldInput): HoldDecision {
  const isFree = lost !== undefined || safetyRule !== undefined || trouble !== undefined
  if (isFree || wanted === undefined || wanted.strength >= previous.strength) return noHold
  const gate = weigh(wanted.model)
  // What cannot be priced is no reason against the policy's own choice.
  if (gate.wins || gate.note !== null) return { ...noHold, gate: gate.note === null ? gate : null }
  const because = `going over to ${wanted.model} would not pay for the cache that it leaves behind`
  return { held: true, kind: 'soft', model: previous.model, broken_by: null, because, gate }
}
