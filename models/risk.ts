/** How suspicious the messages of a session have been so far. Three numbers and a count, however long it lasts. */
export interface RiskTrack {
  /** The highest score of any message. */
  readonly peak: number
  /** Follows the scores, newest first: each step back counts 0.7 of the one after it. */
  readonly average: number
  /** How many messages were flagged, and how many there were. */
  readonly flagged: number
  readonly messages: number
}

export type RiskKind = 'jailbreak' | 'injection'

/** Of each kind that somebody looked for. */
export type SessionRisk = { readonly [Kind in RiskKind]?: RiskTrack | undefined }

/** What was seen of one message. */
export interface RiskSeen {
  readonly kind: RiskKind
  /** 0–1 */
  readonly score: number
  readonly isFlagged: boolean
}

const kept = 0.7

export function nextTrack(before: RiskTrack | undefined, { score, isFlagged }: Omit<RiskSeen, 'kind'>): RiskTrack {
  const { peak = 0, average = 0, flagged = 0, messages = 0 } = before ?? {}
  return {
    peak: Math.max(peak, score),
    // From 0 on: one message alone is no habit.
    average: average + (1 - kept) * (score - average),
    flagged: flagged + (isFlagged ? 1 : 0),
    messages: messages + 1,
  }
}
