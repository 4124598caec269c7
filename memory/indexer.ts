import { setTimeout as wait } from 'node:timers/promises'
import type { Embedder } from '../models/embedder.ts'
import { sentencesOf } from './sentences.ts'
import type { Store } from './store.ts'

export interface Indexer {
  /** Begins to look for documents that have no vector, now and from time to time. */
  start(): void
  /** Resolves when there is nothing left to do. Rejects with the embedder's reason when it cannot run. */
  catchUp(): Promise<void>
  /** Resolves when the batch under way has ended. */
  close(): Promise<void>
}

export interface IndexerOptions {
  log?: IndexerLog | undefined
  /** How often new documents are looked for. */
  everyMs?: number | undefined
  batch?: number | undefined
}

export interface IndexerLog {
  warn(message: string, facts?: Readonly<Record<string, unknown>>): void
}

const maxPauseMs = 10 * 60_000

/**
 * Gives vectors to documents that have none, off the request path: in small batches, at the embedder's lower priority.
 *
 * What is done stands in the store, so it goes on where it was after a restart, and several processes may do it at once.
 * An embedder that fails is asked again after a pause that grows, and said once.
 */
export function createIndexer(
  store: Pick<Store, 'documents'>,
  embedder: Embedder,
  { log, everyMs = 5_000, batch = 16 }: IndexerOptions = {},
): Indexer {
  const closing = new AbortController()
  let running: Promise<void> | undefined
  let loop: Promise<void> | undefined

  const fill = async () => {
    while (!closing.signal.aborted) {
      const documents = await store.documents.withoutVector(embedder.id, batch)
      if (documents.length === 0) return
      const vectors = await embedAll(documents.map((document) => document.text))
      const sentences = documents.map((document) => sentencesOf(document.text))
      const ofSentences = sentences.flat().length === 0 ? [] : await embedAll(sentences.flat())
      let at = 0
      await store.documents.setVectors(
        embedder.id,
        documents.map(({ key }, index) => {
          const from = at
          at += sentences[index]?.length ?? 0
          const own = ofSentences.slice(from, at).filter((vector) => vector !== undefined)
          return { key, vector: vectors[index] ?? new Float32Array(embedder.dimensions ?? 0), sentences: own }
        }),
      )
    }
  }

  /** A text that the embedder refuses gets no direction at all, so that it is like nothing and is not tried for ever. */
  const embedAll = async (texts: readonly string[]): Promise<(Float32Array | undefined)[]> => {
    try {
      return await embedder.embed(texts, { priority: 'index', signal: closing.signal })
    } catch (error) {
      if (!(error instanceof RangeError) || embedder.dimensions === undefined) throw error
      if (texts.length === 1) return [undefined]
      const each: (Float32Array | undefined)[] = []
      for (const text of texts) each.push(...(await embedAll([text])))
      return each
    }
  }

  const catchUp = () => {
    running ??= fill().finally(() => {
      running = undefined
    })
    return running
  }

  const rest = (ms: number) => wait(ms, undefined, { ref: false, signal: closing.signal }).catch(() => undefined)

  const run = async () => {
    let failures = 0
    while (!closing.signal.aborted) {
      try {
        await catchUp()
        failures = 0
        await rest(everyMs)
      } catch (error) {
        if (closing.signal.aborted) return
        failures += 1
        if (failures === 1) log?.warn('Cannot give vectors to memories; they are found by words until it works', { error })
        await rest(Math.min(everyMs * 2 ** failures, maxPauseMs))
      }
    }
  }

  return {
    start() {
      loop ??= run()
    },
    catchUp,
    async close() {
      closing.abort()
      await loop
      await running?.catch(() => undefined)
    },
  }
}
