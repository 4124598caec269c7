/** How suspicious the messages of a session, or of a caller, have been so far. A few numbers, however long it lasts. */
export interface RiskTrack {
  /** The highest score of any message. */
  readonly peak: number
  /** Follows the scores, newest first: each step back counts 0.7 of the one after it. */
  readonly average: number
  /** How many messages were flagged, and how many there were. */
  readonly flagged: number
  readonly messages: number
  /** When the newest was seen, in epoch milliseconds; without it nothing fades. */
  readonly at?: number | undefined
}

export type RiskKind = 'jailbreak' | 'injection'

/** Of each kind that somebody looked for in this session, and of the caller over all of its sessions. */
export type SessionRisk = { readonly [Kind in RiskKind | 'caller']?: RiskTrack | undefined }

/** What was seen of one message. */
export interface RiskSeen {
  readonly kind: RiskKind
  /** 0–1 */
  readonly score: number
  readonly isFlagged: boolean
}

const kept = 0.7

export function nextTrack(before: RiskTrack | undefined, { score, isFlagged }: Omit<RiskSeen, 'kind'>, at?: number): RiskTrack {
  const { peak = 0, average = 0, flagged = 0, messages = 0 } = before ?? {}
  return {
    peak: Math.max(peak, score),
    // From 0 on: one message alone is no habit.
    average: average + (1 - kept) * (score - average),
    flagged: flagged + (isFlagged ? 1 : 0),
    messages: messages + 1,
    ...(at !== undefined && { at }),
  }
}

const dayMs = 86_400_000
/** After so long without a message half of it is forgiven. */
export const sessionHalfLifeMs = dayMs
export const callerHalfLifeMs = 7 * dayMs
/** Of a caller no more messages count than this, so that many harmless ones of long ago hide nothing. */
const mostCounted = 40

/** The same of a caller, whose account never ends: what is long ago fades before the next is added. */
export function nextCallerTrack(before: RiskTrack | undefined, seen: Omit<RiskSeen, 'kind'>, at: number): RiskTrack {
  const left = fadingOf(before, at, callerHalfLifeMs)
  const share = before === undefined || before.messages < mostCounted ? 1 : 0.5
  const faded = before && {
    peak: before.peak * left,
    average: before.average * left,
    flagged: before.flagged * left * share,
    messages: before.messages * share,
  }
  return nextTrack(faded, seen, at)
}

/**
 * 0–1: what the newest messages say, and so much of the worst one as there were others like it. One flagged message among many is
 * little, a habit is much; both fade with time.
 */
export function riskLevel(track: RiskTrack | undefined, now: number, halfLifeMs: number): number {
  if (track === undefined || track.messages === 0) return 0
  const { peak, average, flagged, messages } = track
  const habit = Math.min(1, flagged / messages)
  return Math.min(1, Math.max(average, average + (peak - average) * habit)) * fadingOf(track, now, halfLifeMs)
}

function fadingOf(track: RiskTrack | undefined, now: number, halfLifeMs: number): number {
  return track?.at === undefined ? 1 : 2 ** (-Math.max(0, now - track.at) / halfLifeMs)
}
