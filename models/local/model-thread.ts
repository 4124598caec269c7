import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import type { OnnxRuntime } from './minilm-protocol.ts'

/** What the thread says of itself and of the unit of work that it has. */
export type FromModelThread<Result> =
  /** `runtime`: the one of ONNX that runs it, where one does. */
  | { type: 'ready'; runtime?: OnnxRuntime; skipped: { runtime: string; reason: string }[] }
  /** Nothing can run; the thread ends. */
  | { type: 'failed'; message: string }
  | { type: 'done'; unit: number; result: Result }
  | { type: 'error'; unit: number; message: string }

/** What the model does at one time. */
export interface Unit<Result> {
  done(result: Result): void
  reject(reason: unknown): void
}

/**
 * What comes of a unit of work. Whoever gives it up first gets the signal's reason.
 *
 * @param begin - Puts the unit where the thread takes it from, and returns what takes it back.
 */
export function outcomeOf<Result>(signal: AbortSignal | undefined, begin: (unit: Unit<Result>) => () => void): Promise<Result> {
  return new Promise((resolve, reject) => {
    let takeBack: (() => void) | undefined
    const end = () => signal?.removeEventListener('abort', abort)
    const unit: Unit<Result> = {
      done(result) {
        end()
        resolve(result)
      },
      reject(reason) {
        end()
        reject(reason)
      },
    }
    const abort = () => {
      takeBack?.()
      unit.reject(signal?.reason)
    }
    signal?.addEventListener('abort', abort, { once: true })
    takeBack = begin(unit)
  })
}

export interface ModelThreadOptions<Work extends Unit<Result>, Result> {
  /** Of the thread. */
  name: string
  workerUrl: URL
  settings: unknown
  /** The message at which the thread ends by itself: ending it inside the native library brings the process down. */
  end: unknown
  /** After this long without work the thread ends and its memory is given back; the next work starts it again. */
  idleMs: number
  isWaiting(): boolean
  /** Takes what comes next from what waits. */
  next(): Work | undefined
  /** The message that asks for it under this number, and what of its memory is handed over. */
  messageFor(work: Work, unit: number): { message: unknown; transfer?: ArrayBuffer[] }
  rejectWaiting(reason: Error): void
  /** In the words of what the model does. */
  errorFor(attempt: 'load' | 'start' | 'work', reason: string, options?: ErrorOptions): Error
  closedError(): Error
}

export interface ModelThread<Work> {
  readonly runtime: OnnxRuntime | undefined
  /** Which runtimes were tried before the one that runs, and why they did not work. */
  readonly skipped: readonly { runtime: string; reason: string }[]
  /** The number of this work while the thread has it. */
  numberOf(work: Work): number | undefined
  post(message: unknown): void
  /** @throws {Error} Once nothing can run any more, in the same words each time. */
  requireUsable(): void
  /** Work waits. */
  proceed(): void
  /** Resolves when the thread has ended. */
  close(): Promise<void>
}

/**
 * A model on a thread of its own that does one unit of work at a time.
 *
 * Nothing is loaded before the first work, and what comes next is chosen when the thread is free. A thread that dies is started again
 * once for the work it held; the second time that work fails. What cannot load or start fails all work without another try.
 */
export function createModelThread<Work extends Unit<Result>, Result>(options: ModelThreadOptions<Work, Result>): ModelThread<Work> {
  const { errorFor } = options
  let worker: Worker | undefined
  let ready = false
  let running: { work: Work; number: number; sent: boolean; crashes: number } | undefined
  let units = 0
  let crashesInStart = 0
  let failure: Error | undefined
  let runtime: OnnxRuntime | undefined
  let skipped: readonly { runtime: string; reason: string }[] = []
  let idleTimer: NodeJS.Timeout | undefined

  const start = () => {
    const started = startWorker<FromModelThread<Result>>(options, {
      message(message) {
        if (worker === started) receive(message)
      },
      exit(cause) {
        if (worker === started) crashed(cause)
      },
    })
    worker = started
    ready = false
  }

  const stop = async () => {
    clearTimeout(idleTimer)
    const stopped = worker
    worker = undefined
    ready = false
    if (stopped !== undefined) await endGently(stopped, options.end)
  }

  const receive = (message: FromModelThread<Result>) => {
    switch (message.type) {
      case 'ready':
        ready = true
        crashesInStart = 0
        runtime = message.runtime
        skipped = message.skipped
        break
      case 'failed':
        void failAll(errorFor('load', message.message))
        return
      case 'done':
        settled(message.unit)?.done(message.result)
        break
      case 'error':
        settled(message.unit)?.reject(errorFor('work', message.message))
        break
    }
    proceed()
  }

  const settled = (number: number): Work | undefined => {
    if (running?.number !== number) return undefined
    const { work } = running
    running = undefined
    return work
  }

  const crashed = (cause: unknown) => {
    worker = undefined
    if (!ready) {
      crashesInStart += 1
      if (crashesInStart > 1) {
        void failAll(errorFor('start', messageOf(cause), { cause }))
        return
      }
    }
    ready = false
    if (running) {
      running.crashes += 1
      running.sent = false
      if (running.crashes > 1) {
        settled(running.number)?.reject(errorFor('work', `the worker ended twice on it, ${messageOf(cause)}`, { cause }))
      }
    }
    proceed()
  }

  const failAll = (error: Error): Promise<void> => {
    failure = error
    if (running) settled(running.number)?.reject(error)
    options.rejectWaiting(error)
    return stop()
  }

  const proceed = () => {
    if (running?.sent) return
    if (!running && !options.isWaiting()) {
      rest()
      return
    }
    clearTimeout(idleTimer)
    if (!worker) start()
    worker?.ref()
    if (!ready) return
    const work = running === undefined ? options.next() : running.work
    if (work === undefined) return
    running ??= { work, number: ++units, sent: false, crashes: 0 }
    running.sent = true
    const { message, transfer = [] } = options.messageFor(work, running.number)
    worker?.postMessage(message, transfer)
  }

  /** An idle thread keeps nobody from ending, and leaves after a while. */
  const rest = () => {
    if (!worker || !ready) return
    worker.unref()
    clearTimeout(idleTimer)
    idleTimer = setTimeout(() => void stop(), options.idleMs)
    idleTimer.unref()
  }

  return {
    get runtime() {
      return runtime
    },
    get skipped() {
      return skipped
    },
    numberOf: (work) => (running?.work === work ? running.number : undefined),
    post: (message) => worker?.postMessage(message),
    requireUsable() {
      if (failure) throw failure
    },
    proceed,
    close: () => failAll(options.closedError()),
  }
}

interface WorkerHandlers<Message> {
  message(message: Message): void
  /** With the error that ended it, or one that says its code. */
  exit(cause: unknown): void
}

/** From its source or from what was built of it. */
function startWorker<Message>(
  { name, workerUrl, settings }: { name: string; workerUrl: URL; settings: unknown },
  { message, exit }: WorkerHandlers<Message>,
): Worker {
  // ONNX Runtime would send how it is used to Microsoft, and asks for this when its library is loaded. A thread sees a copy of the
  // environment, and the library the process's own: so it is set here, and not in the thread.
  process.env['ORT_DISABLE_TELEMETRY'] = '1'
  // stdout belongs to the protocol of a stdio server: what a runtime prints there must not reach it. The stream is not read
  // either, since a read one keeps the process from ending.
  const worker = new Worker(workerUrl, {
    name,
    workerData: settings,
    stdout: true,
    // Node 22 wants it for source; later versions take it as said already.
    execArgv: workerUrl.pathname.endsWith('.ts') ? ['--experimental-strip-types'] : [],
  })
  let lastError: unknown
  worker.on('message', message)
  worker.on('error', (error) => {
    lastError = error
  })
  worker.on('exit', (code) => exit(lastError ?? new Error(`the worker ended with code ${code}`)))
  return worker
}

const endLimitMs = 30_000

/** What is computed or loaded is waited for, on a busy machine as well: a worker that is ended inside the native library takes the process with it. */
async function endGently(worker: Worker, message: unknown): Promise<void> {
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  worker.ref()
  worker.postMessage(message)
  const limit = setTimeout(() => void worker.terminate(), endLimitMs)
  await ended
  clearTimeout(limit)
}

/** Of `onnxruntime-node`. */
export function defaultThreads(): number {
  const cores = availableParallelism()
  return Math.min(cores, 4, Math.max(2, Math.floor(cores / 2)))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
