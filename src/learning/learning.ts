import { randomUUID } from 'node:crypto'
import type { Store } from '../../memory/index.ts'
import type { Embedder } from '../../models/embedder.ts'
import { createLearned, type LearnedModel, type LearnedRanking, modelFormat } from '../../tools/learning/learned.ts'
import type { Catalogue } from '../../tools/tool.ts'
import type { Log } from '../log.ts'
import { createKeptModel, type ModelFacts } from './kept-model.ts'
import { type Learnt, runLearnJob } from './learn-job.ts'
import { outcomeStream } from './outcome-entry.ts'
import type { OutcomeRecorder } from './recorder.ts'

export interface LearningOptions {
  store: Store
  embedder: Embedder
  catalogue: () => Catalogue
  recorder: OutcomeRecorder
  enabled: () => boolean
  clock: () => number
  log: Log
  /** How often it is looked whether there is something to learn, or another process has learnt. */
  lookMs?: number | undefined
}

/** What learning found, and whether the ranking changed by it. */
export interface LearningReport extends Learnt {
  readonly applied: boolean
}

export interface LearnOptions {
  /** Changes nothing. */
  dryRun: boolean
  signal?: AbortSignal | undefined
  onProgress?: ((share: number) => void) | undefined
}

/** Learns the ranking of tools from outcomes, when nothing else is going on and at most once a day. */
export interface Learning {
  /** What ranks for this caller, when something was learnt. */
  ranking(principal: string): LearnedRanking | undefined
  /** @throws {Error} If another process learns now, or if there is nothing to compare with. */
  learn(options: LearnOptions): Promise<LearningReport>
  /** What was learnt from this caller's outcomes goes with them. */
  forget(principal: string): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

const dayMs = 86_400_000
const idleMs = 2 * 60_000
/** After a failure: vectors may be missing still, or the disk be full. */
const retryMs = 3_600_000
/** Longer than any learning takes; a process that died holds up the others no longer. */
const leaseMs = 15 * 60_000

interface Ranking {
  facts: ModelFacts
  model: LearnedModel
  learned: LearnedRanking
}

export function createLearning({ store, embedder, catalogue, recorder, enabled, clock, log, lookMs = 60_000 }: LearningOptions): Learning {
  const kept = createKeptModel(store.rows, clock)
  const owner = randomUUID()
  const closing = new AbortController()
  let current: Ranking | undefined
  let looking: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let retryAt = Number.NEGATIVE_INFINITY

  /** Takes up what this or another process has put in place. */
  async function takeUp(): Promise<void> {
    let { model: facts } = await kept.state()
    if (facts !== undefined && facts.format !== modelFormat) {
      log.info('What was learnt of tools is kept in a format that this version does not read: it is learnt anew', {
        format: facts.format ?? 0,
        expected: modelFormat,
      })
      await kept.drop(facts)
      facts = undefined
    }
    if (facts?.id === current?.facts.id && facts?.learnedAt === current?.facts.learnedAt) return
    const model = facts?.embedder === embedder.id ? await kept.load(facts) : undefined
    current = facts && model ? { facts, model, learned: createLearned(model) } : undefined
  }

  async function entriesNow(): Promise<number> {
    const principals = await store.logs.principals(outcomeStream)
    const lengths = await Promise.all(principals.map((principal) => store.logs.length(principal, outcomeStream)))
    return lengths.reduce((sum, length) => sum + length, 0)
  }

  async function work({ signal, onProgress }: Omit<LearnOptions, 'dryRun'>): Promise<Learnt> {
    const { dimensions } = embedder
    if (dimensions === undefined) throw new Error('Cannot learn: the embedder has not answered yet')
    await takeUp()
    const { location } = await store.info()
    // What ranks, and no more of a definition than that: all of it is copied into the thread.
    const tools = catalogue()
      .tools.filter((tool) => tool.quarantined === undefined)
      .map((tool) => ({ ...tool, definition: {}, outputSchema: undefined, annotations: undefined }))
    return runLearnJob(
      {
        databasePath: location,
        embedder: { id: embedder.id, dimensions },
        tools,
        current: current && { model: current.model, learnedAt: current.facts.learnedAt },
        now: clock(),
      },
      { signal: signal ? AbortSignal.any([signal, closing.signal]) : closing.signal, onProgress },
    )
  }

  /** Learns and puts it in place, if this process has or gets the right to. `undefined` when it has not. */
  async function learnNow(
    may: Parameters<typeof kept.take>[2],
    options: Omit<LearnOptions, 'dryRun'>,
  ): Promise<LearningReport | undefined> {
    if (!(await kept.take(owner, clock() + leaseMs, may))) return undefined
    const entries = await entriesNow()
    try {
      const learnt = await work(options)
      const facts = {
        id: learnt.candidate.id,
        format: modelFormat,
        embedder: embedder.id,
        learnedAt: clock(),
        principals: learnt.principals,
      }
      const promoted = learnt.verdict.decision === 'promote' ? { model: learnt.candidate, facts } : undefined
      const isDone = await kept.finish(owner, { entries, verdict: learnt.verdict, promoted })
      await takeUp()
      return { ...learnt, applied: isDone && learnt.verdict.decision !== 'keep' }
    } catch (error) {
      await kept.release(owner)
      throw error
    }
  }

  async function look(): Promise<void> {
    await takeUp()
    if (!enabled() || clock() < retryAt || clock() - recorder.lastActivity() < idleMs) return
    const state = await kept.state()
    if (clock() - state.learnedAt < dayMs || (await entriesNow()) === state.entries) return
    const report = await learnNow((now) => clock() - now.learnedAt >= dayMs, {})
    if (report === undefined) return
    const { verdict, outcomes, applied } = report
    log.info(`Learnt from ${outcomes} calls of tools: ${verdict.decision} (${verdict.reason})`, { gains: verdict.gains, applied })
  }

  function lookAgain(): void {
    if (looking !== undefined || closing.signal.aborted) return
    looking = look()
      .catch((error: unknown) => {
        if (closing.signal.aborted) return
        retryAt = clock() + retryMs
        log.warn('Cannot learn from the calls of tools', { error })
      })
      .finally(() => {
        looking = undefined
      })
  }

  return {
    ranking(principal) {
      if (current === undefined || !enabled()) return undefined
      const { principals } = current.facts
      return principals.length > 1 || principals[0] === principal ? current.learned : undefined
    },

    async learn({ dryRun, ...options }) {
      if (dryRun) return { ...(await work(options)), applied: false }
      const report = await learnNow(() => true, options)
      if (report === undefined) throw new Error('Cannot learn: another process of this data folder learns now')
      return report
    },

    async forget(principal) {
      await kept.forget(principal)
      await takeUp()
    },

    async start() {
      await takeUp().catch((error: unknown) => log.warn('Cannot read what was learnt of tools: they are ranked without', { error }))
      timer = setInterval(lookAgain, lookMs)
      timer.unref()
    },

    async close() {
      clearInterval(timer)
      closing.abort(new Error('Signalbox is stopping'))
      await looking
    },
  }
}
