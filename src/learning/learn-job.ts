import { Worker } from 'node:worker_threads'
import type { LearnedModel, Verdict } from '../../tools/learning/learned.ts'
import type { HostedTool } from '../../tools/tool.ts'

/** What the learning thread is given: the file it reads outcomes and vectors from, and what is ranked. */
export interface LearnSettings {
  readonly databasePath: string
  readonly embedder: { readonly id: string; readonly dimensions: number }
  readonly tools: readonly HostedTool[]
  /** What ranks now, and when it was learnt. */
  readonly current?: { readonly model: LearnedModel; readonly learnedAt: number } | undefined
  readonly now: number
}

export interface Learnt {
  readonly candidate: LearnedModel
  readonly verdict: Verdict
  /** Whose outcomes it was learnt from. */
  readonly principals: readonly string[]
  /** Outcomes that may teach, those held back among them. */
  readonly outcomes: number
  readonly heldBack: number
  readonly tools: readonly ToolMove[]
  /** The tools that the candidate knows to serve together, the surest first. */
  readonly together: readonly { readonly tool: string; readonly along: string; readonly lower: number }[]
  /** What a tool gets that always comes along with the one that stands first; 0 where that did not help on needs set aside. */
  readonly togetherSay: number
}

/** What was seen of a tool, and how its place changes for the needs that it was called for. */
export interface ToolMove {
  readonly name: string
  readonly accepted: number
  readonly failed: number
  /** Ended in a way that says nothing of the tool. */
  readonly other: number
  /** Mean place for the needs that it served, from 1: without what was learnt, and with the candidate. `undefined` where it served none. */
  readonly before?: number | undefined
  readonly after?: number | undefined
}

export type LearnMessage = { readonly kind: 'progress'; readonly share: number } | { readonly kind: 'learnt'; readonly learnt: Learnt }

export interface LearnJobOptions {
  signal?: AbortSignal | undefined
  onProgress?: ((share: number) => void) | undefined
}

/** Learns in a thread of its own, which reads the file by itself: the event loop is not held up. */
export async function runLearnJob(settings: LearnSettings, { signal, onProgress }: LearnJobOptions = {}): Promise<Learnt> {
  signal?.throwIfAborted()
  const isSource = import.meta.url.endsWith('.ts')
  const worker = new Worker(new URL(isSource ? './learn-worker.ts' : './learn-worker.js', import.meta.url), {
    name: 'signalbox-learn',
    workerData: settings,
    execArgv: isSource && !process.features.typescript ? ['--experimental-strip-types'] : [],
  })
  const stop = () => void worker.terminate()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    return await new Promise<Learnt>((resolve, reject) => {
      let learnt: Learnt | undefined
      worker.on('message', (message: LearnMessage) => {
        if (message.kind === 'progress') onProgress?.(message.share)
        else learnt = message.learnt
      })
      worker.on('error', reject)
      worker.on('exit', (code) => {
        if (signal?.aborted) reject(signal.reason)
        else if (learnt === undefined) reject(new Error(`The learning thread ended with code ${code}`))
        else resolve(learnt)
      })
    })
  } finally {
    signal?.removeEventListener('abort', stop)
  }
}
