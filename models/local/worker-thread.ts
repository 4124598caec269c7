import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'

export interface WorkerHandlers<Message> {
  message(message: Message): void
  /** With the error that ended it, or one that says its code. */
  exit(cause: unknown): void
}

/** A thread for one model, from its source or from what was built of it. */
export function startWorker<Message>(url: URL, name: string, settings: unknown, { message, exit }: WorkerHandlers<Message>): Worker {
  // ONNX Runtime would send how it is used to Microsoft, and asks for this when its library is loaded. A thread sees a copy of the
  // environment, and the library the process's own: so it is set here, and not in the thread.
  process.env['ORT_DISABLE_TELEMETRY'] = '1'
  // stdout belongs to the protocol of a stdio server: what a runtime prints there must not reach it. The stream is not read
  // either, since a read one keeps the process from ending.
  const worker = new Worker(url, {
    name,
    workerData: settings,
    stdout: true,
    // Node 22 wants it for source; later versions take it as said already.
    execArgv: url.pathname.endsWith('.ts') ? ['--experimental-strip-types'] : [],
  })
  let lastError: unknown
  worker.on('message', message)
  worker.on('error', (error) => {
    lastError = error
  })
  worker.on('exit', (code) => exit(lastError ?? new Error(`the worker ended with code ${code}`)))
  return worker
}

const endLimitMs = 5000

/** What is being computed is waited for: a worker that is ended inside the native library takes the process with it. */
export async function endGently(worker: Worker, message: unknown): Promise<void> {
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
