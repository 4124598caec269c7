import { fileURLToPath } from 'node:url'
import { OcrError } from '../../errors.ts'
import { createModelThread, outcomeOf, type Unit } from '../model-thread.ts'
import { signSide } from './icon-network.ts'
import type { IconAnswer, IconWorkerSettings, ToIconWorker } from './icon-protocol.ts'
import type { IconReader } from './icon-reader.ts'

export interface IconReaderOptions {
  /** After this long without a sign the worker ends and its memory is given back; the next sign starts it again. */
  idleMs?: number | undefined
  /** Of the weights. */
  path?: string | undefined
  /** Where the worker's file lies, when a bundler has moved it. */
  workerUrl?: URL | undefined
}

interface Job extends Unit<IconAnswer> {
  readonly inks: readonly Uint8Array[]
}

/** The shipped network on a worker thread. Nothing is loaded before the first sign. */
export function createIconReader({
  idleMs = 5 * 60_000,
  path = fileURLToPath(new URL('./icons.head', import.meta.url)),
  workerUrl = new URL(import.meta.url.endsWith('.ts') ? './icon-worker.ts' : './icon-worker.js', import.meta.url),
}: IconReaderOptions = {}): IconReader {
  let waiting: Job[] = []
  const thread = createModelThread<Job, IconAnswer>({
    name: 'signalbox-icons',
    workerUrl,
    settings: { path } satisfies IconWorkerSettings,
    end: { type: 'end' } satisfies ToIconWorker,
    idleMs,
    isWaiting: () => waiting.length > 0,
    next: () => waiting.shift(),
    messageFor: ({ inks }, unit) => ({ message: { type: 'read', unit, inks } satisfies ToIconWorker }),
    rejectWaiting(reason) {
      for (const job of waiting.splice(0)) job.reject(reason)
    },
    errorFor: (attempt, reason, options) =>
      new OcrError(`Cannot ${attempt === 'start' ? 'start the reader of signs' : 'read the sign on a target'}: ${reason}`, options),
    closedError: () => new OcrError('Cannot read the sign on a target: the reader of signs is closed'),
  })

  return {
    async read(inks, { signal } = {}) {
      const other = inks.find(({ length }) => length !== signSide * signSide)
      if (other) throw new RangeError(`Cannot read a sign: it must have ${signSide * signSide} values, received ${other.length}`)
      signal?.throwIfAborted()
      thread.requireUsable()
      if (inks.length === 0) return undefined

      return await outcomeOf<IconAnswer>(signal, (unit) => {
        const job: Job = { ...unit, inks }
        waiting.push(job)
        thread.proceed()
        // What the worker has already takes it a few milliseconds.
        return () => {
          waiting = waiting.filter((one) => one !== job)
        }
      })
    },

    close: () => thread.close(),
  }
}
