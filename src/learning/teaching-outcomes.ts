import { createHash } from 'node:crypto'
import type { LogEntry, LogStore } from '../../memory/index.ts'
import type { OutcomeClass, ToolOutcome } from '../../tools/learning/outcome.ts'
import { type CallEntry, fromBase64, isVerdict, type OutcomeEntry, type OutcomeSource, outcomeStream } from './outcome-entry.ts'

/** A call that may teach, and whether it is kept back to judge by. */
export interface TeachingOutcome extends ToolOutcome {
  readonly id: string
  readonly isHeldBack: boolean
}

export interface ReadOptions {
  logs: LogStore
  /** Vectors of other embedders are not comparable. */
  embedder: { readonly id: string; readonly dimensions: number }
  /** Epoch ms; what is older teaches nothing any more. */
  since: number
  /** Words that the catalogue itself uses: they tell nobody what another has asked. */
  publicWords: ReadonlySet<string>
}

export interface TeachingOutcomes {
  readonly outcomes: readonly TeachingOutcome[]
  /** Whose they are, sorted. */
  readonly principals: readonly string[]
}

/** Of each caller, the newest so many. */
const mostEntries = 50_000
/** A tool for which others have said less may still be learnt from one of them. */
const leastOfOne = 20
/** Of all outcomes, by a hash of their id: the same ones each time, so that no model has ever seen them. */
const heldBackShare = 0.25

/**
 * Reads what may teach from the logs of all callers: calls that a search had led to, with the newest verdict on each.
 *
 * As soon as several callers teach, no one of them has more than half of what is said of a tool, and words that only one of
 * them has used are left out: ranking must not tell one what another asked for.
 */
export async function readTeachingOutcomes({ logs, embedder, since, publicWords }: ReadOptions): Promise<TeachingOutcomes> {
  const outcomes: TeachingOutcome[] = []
  for (const principal of await logs.principals(outcomeStream)) {
    const entries = await logs.read<OutcomeEntry>(principal, outcomeStream, { last: mostEntries })
    outcomes.push(...outcomesOf(entries, principal, embedder).filter((one) => one.at >= since))
  }
  const principals = [...new Set(outcomes.map(({ principal }) => principal))].toSorted()
  if (principals.length < 2) return { outcomes, principals }
  return { outcomes: withSharedWords(shareOut(outcomes), publicWords), principals }
}

function outcomesOf(entries: readonly LogEntry<OutcomeEntry>[], principal: string, embedder: ReadOptions['embedder']): TeachingOutcome[] {
  const verdicts = new Map<string, { outcome: string; source: OutcomeSource }>()
  for (const { value } of entries) {
    if (!isVerdict(value)) continue
    // A person's word is not taken back by what a model or the next call makes of it.
    if (verdicts.get(value.of)?.source === 'person' && value.source !== 'person') continue
    verdicts.set(value.of, value)
  }
  const pieces = piecesOf(entries)
  return entries.flatMap(({ id, at, value }): TeachingOutcome[] => {
    if (isVerdict(value) || value.tainted === true) return []
    const { need, rank, propensity } = value
    if (need?.vector === undefined || need.embedder !== embedder.id || rank === undefined || propensity === undefined) return []
    const said = verdicts.get(id) ?? { outcome: value.outcome, source: 'harness' as const }
    const kind = classOf(said.outcome)
    if (kind === undefined) return []
    const vector = fromBase64(need.vector)
    if (vector.length !== embedder.dimensions) return []
    const { tool, hash, previousTool } = value satisfies CallEntry
    return [
      {
        id,
        isHeldBack: shareOf(id) < heldBackShare,
        need: { vector, words: need.words },
        tool,
        hash,
        class: kind,
        source: said.source,
        principal,
        at,
        rank: rank + 1,
        propensity,
        tainted: false,
        piece: pieces.get(id),
        previousTool,
      },
    ]
  })
}

/** Calls of a thread belong together, as long as no pause lies between them and they are not too many to be one piece of work. */
const pauseMs = 30 * 60_000
const mostOfPiece = 10

function piecesOf(entries: readonly LogEntry<OutcomeEntry>[]): Map<string, string> {
  const running = new Map<string, { name: string; last: number; calls: number }>()
  const pieces = new Map<string, string>()
  for (const { id, at, value } of entries) {
    if (isVerdict(value)) continue
    const thread = value.thread ?? ''
    const before = running.get(thread)
    const goesOn = before !== undefined && at - before.last <= pauseMs && before.calls < mostOfPiece
    const piece = goesOn ? { ...before, last: at, calls: before.calls + 1 } : { name: id, last: at, calls: 1 }
    running.set(thread, piece)
    pieces.set(id, piece.name)
  }
  return pieces
}

const classes: Readonly<Record<string, OutcomeClass>> = {
  accepted: 'accepted',
  edited: 'edited',
  tool_error: 'tool_error',
  schema: 'schema',
  auth: 'auth',
  quota: 'quota',
  timeout: 'timeout',
  transport: 'transport',
  unavailable: 'transport',
  drift: 'drift',
  cancelled: 'cancelled',
  denied: 'denied',
  internal: 'tool_error',
}

function classOf(outcome: string): OutcomeClass | undefined {
  return Object.hasOwn(classes, outcome) ? classes[outcome] : undefined
}

function shareOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32
}

/** Of each tool, a caller's newest outcomes up to as many as all others have together. */
function shareOut(outcomes: readonly TeachingOutcome[]): TeachingOutcome[] {
  return [...Map.groupBy(outcomes, ({ tool }) => tool).values()].flatMap((ofTool) =>
    [...Map.groupBy(ofTool, ({ principal }) => principal).values()].flatMap((own) => {
      const most = Math.max(leastOfOne, ofTool.length - own.length)
      return own.toSorted((a, b) => b.at - a.at).slice(0, most)
    }),
  )
}

function withSharedWords(outcomes: readonly TeachingOutcome[], publicWords: ReadonlySet<string>): TeachingOutcome[] {
  const users = new Map<string, Set<string>>()
  for (const { principal, need } of outcomes) {
    for (const word of need.words) users.set(word, (users.get(word) ?? new Set()).add(principal))
  }
  const isShared = (word: string) => publicWords.has(word) || (users.get(word)?.size ?? 0) > 1
  return outcomes.map((outcome) => ({ ...outcome, need: { ...outcome.need, words: outcome.need.words.filter(isShared) } }))
}
