import type { LogStore, WriteOptions } from '../../memory/index.ts'
import { createId } from '../../models/ids.ts'
import type { HostedTool } from '../../tools/tool.ts'
import { areEdited } from './edited-arguments.ts'
import {
  type CallEntry,
  isVerdict,
  type OutcomeEntry,
  type OutcomeSource,
  outcomeStream,
  type StoredNeed,
  toBase64,
  type VerdictEntry,
} from './outcome-entry.ts'

/** What a search showed to a caller. */
export interface Showing {
  readonly principal: string
  readonly thread?: string | undefined
  readonly need: { readonly vector?: Float32Array | undefined; readonly words: readonly string[] }
  readonly tools: readonly { readonly name: string; readonly propensity: number }[]
  readonly tainted: boolean
}

export interface CallStart {
  readonly principal: string
  readonly thread?: string | undefined
  readonly tool: HostedTool
  readonly args: Readonly<Record<string, unknown>>
  readonly door: CallEntry['door']
  readonly decision?: string | undefined
  readonly tainted: boolean
}

export interface RecordedCall {
  /** The tool itself begins only now: what came before was waiting for a person. */
  started(): void
  ended(outcome: string, options?: WriteOptions): Promise<void>
}

/** Joins what was shown with what was called, and keeps how it ended: one entry a call in the caller's own stream. */
export interface OutcomeRecorder {
  /** What chance hangs on: another one explores other searches. */
  readonly seed: string
  shown(showing: Showing): void
  begin(call: CallStart): RecordedCall
  /** A verdict on all calls of a decision. Resolves to how many there were. */
  rated(principal: string, decision: string, outcome: string, source: OutcomeSource): Promise<number>
  /** Removes the calls that are meant, with what is said of them, and what this process holds of the caller's recent searches. */
  forget(principal: string, isMeant: (call: CallEntry) => boolean): Promise<number>
  /** When something was last shown or called. */
  lastActivity(): number
}

/** A call belongs to a search of the last half hour, and to one of the last few. */
const showingLifeMs = 30 * 60_000
const keptShowings = 8
const keptCalls = 8
const keptPrincipals = 1000
/** A call that is corrected is corrected soon. */
const editWithinCalls = 3
const editWithinMs = 5 * 60_000
/** As many calls of one tool for one need are work on a list of things, not corrections. */
const callsOfList = 3

interface LiveShowing extends Showing {
  readonly at: number
  /** Calls of each tool for this need. */
  readonly calls: Map<string, LiveCall[]>
}

interface LiveCall {
  readonly id: string
  readonly tool: string
  readonly args: Readonly<Record<string, unknown>>
  readonly thread: string | undefined
  readonly at: number
  outcome?: string | undefined
  /** Whether a later call seemed to correct it. */
  edited: boolean
}

interface Recent {
  showings: LiveShowing[]
  calls: LiveCall[]
}

export interface RecorderOptions {
  logs: LogStore
  clock: () => number
  /** The id of the embedder whose vectors needs have. */
  embedder: string
  seed: string
  /** Whether anything is to be learnt: without, no need is kept. */
  enabled: () => boolean
}

/**
 * Searches are held in memory alone, and for half an hour: what nobody called on is never written.
 *
 * Only the first call of a tool for a need teaches, and the one that corrects it: the same tool on ten files is one success.
 */
export function createOutcomeRecorder({ logs, clock, embedder, seed, enabled }: RecorderOptions): OutcomeRecorder {
  const principals = new Map<string, Recent>()
  let activity = clock()

  function recentOf(principal: string): Recent {
    const recent = principals.get(principal) ?? { showings: [], calls: [] }
    // Newest last, so that the first is whoever has been silent longest.
    principals.delete(principal)
    principals.set(principal, recent)
    if (principals.size > keptPrincipals) principals.delete(principals.keys().next().value as string)
    activity = clock()
    const since = activity - showingLifeMs
    recent.showings = recent.showings.filter((showing) => showing.at > since)
    recent.calls = recent.calls.filter((call) => call.at > since)
    return recent
  }

  const append = (principal: string, entries: readonly { id: string; value: OutcomeEntry }[], options?: WriteOptions) =>
    logs.append(principal, outcomeStream, entries, options)

  const verdict = (of: string, outcome: string, source: OutcomeSource) => ({
    id: createId('outcome'),
    value: { of, outcome, source } satisfies VerdictEntry,
  })

  /** What the new call says of those before it, as entries to write. */
  function corrections(recent: Recent, showing: LiveShowing | undefined, call: LiveCall): { id: string; value: VerdictEntry }[] {
    const ofNeed = showing?.calls.get(call.tool) ?? []
    if (ofNeed.length + 1 >= callsOfList) {
      const wrong = ofNeed.filter((one) => one.edited)
      for (const one of wrong) one.edited = false
      return wrong.map((one) => verdict(one.id, 'accepted', 'harness'))
    }
    const former = recent.calls.slice(-editWithinCalls).findLast((one) => one.tool === call.tool && sameThread(one.thread, call.thread))
    if (former?.outcome !== 'accepted' || call.at - former.at > editWithinMs || !areEdited(former.args, call.args)) return []
    former.edited = true
    return [verdict(former.id, 'edited', 'harness')]
  }

  return {
    seed,

    shown(showing) {
      const recent = recentOf(showing.principal)
      if (!enabled()) return
      recent.showings = [...recent.showings, { ...showing, at: activity, calls: new Map() }].slice(-keptShowings)
    },

    begin({ principal, thread, tool, args, door, decision, tainted }) {
      const recent = recentOf(principal)
      const call: LiveCall = { id: createId('outcome'), tool: tool.name, args, thread, at: activity, edited: false }
      const showing = recent.showings.findLast(
        (one) => sameThread(one.thread, thread) && one.tools.some((shown) => shown.name === tool.name),
      )
      const corrected = corrections(recent, showing, call)
      const before = showing?.calls.get(tool.name) ?? []
      const teaches = showing !== undefined && (before.length === 0 || corrected.some(({ value }) => value.outcome === 'edited'))
      showing?.calls.set(tool.name, [...before, call])
      const previousTool = recent.calls.findLast((one) => one.outcome === 'accepted' && sameThread(one.thread, thread))?.tool
      recent.calls = [...recent.calls, call].slice(-keptCalls)
      const rank = showing?.tools.findIndex((shown) => shown.name === tool.name) ?? -1
      let startedAt = clock()

      return {
        started() {
          startedAt = clock()
        },
        async ended(outcome, options) {
          call.outcome = outcome
          const value: CallEntry = {
            tool: tool.name,
            server: tool.server,
            hash: tool.hash,
            door,
            outcome,
            ms: clock() - startedAt,
            decision,
            thread,
            ...((tainted || showing?.tainted === true) && { tainted: true }),
            previousTool,
            ...(teaches && showing && { need: storedNeed(showing, embedder), rank, propensity: showing.tools[rank]?.propensity }),
          }
          await append(principal, [...corrected, { id: call.id, value }], options)
        },
      }
    },

    async rated(principal, decision, outcome, source) {
      const entries = await logs.read<OutcomeEntry>(principal, outcomeStream, { last: ratedEntries })
      const calls = entries.filter(({ value }) => !isVerdict(value) && value.decision === decision)
      if (calls.length > 0)
        await append(
          principal,
          calls.map(({ id }) => verdict(id, outcome, source)),
        )
      return calls.length
    },

    async forget(principal, isMeant) {
      principals.delete(principal)
      const meant = new Set<string>()
      const removed: string[] = []
      for (let after = 0; ; ) {
        const page = await logs.read<OutcomeEntry>(principal, outcomeStream, { after, limit: entriesPerPage })
        for (const { id, value } of page) {
          if (isVerdict(value) ? !meant.has(value.of) : !isMeant(value)) continue
          meant.add(id)
          removed.push(id)
        }
        if (page.length < entriesPerPage) break
        after = page.at(-1)?.sequence ?? after
      }
      return removed.length === 0 ? 0 : logs.remove(principal, outcomeStream, removed)
    },
    lastActivity: () => activity,
  }
}

const entriesPerPage = 500
/** A verdict comes within so many calls. */
const ratedEntries = 1000

/** A search or a call without a thread may belong to any: clients name it at one place and leave it out at another. */
function sameThread(one: string | undefined, other: string | undefined): boolean {
  return one === undefined || other === undefined || one === other
}

function storedNeed({ need: { vector, words } }: Showing, embedder: string): StoredNeed {
  // Without order and repetition: enough to learn from, and not the sentence.
  return { words: [...new Set(words)].toSorted(), ...(vector && { vector: toBase64(vector), embedder }) }
}
