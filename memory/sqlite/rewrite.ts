import { Worker } from 'node:worker_threads'
import Database from 'better-sqlite3'

export interface RewriteSettings {
  path: string
  patienceMs: number
}

export type Rewritten = { logIsEmpty: boolean } | { failure: { code: string; message: string } }

/**
 * Writes the whole file anew and empties the write-ahead log, in a thread of its own. It takes about 10 ms a megabyte; others
 * read meanwhile, but wait to write.
 *
 * SQLite overwrites what it frees, but not what pages leave behind when their rows move to other pages. Only a new file
 * holds nothing but what is alive.
 *
 * @returns Whether the write-ahead log is empty: another process that reads can keep it from being emptied.
 * @throws {SqliteError} If the file cannot be written, or stays held by another process.
 */
export async function rewrite(settings: RewriteSettings): Promise<boolean> {
  const isSource = import.meta.url.endsWith('.ts')
  const worker = new Worker(new URL(isSource ? './rewrite-worker.ts' : './rewrite-worker.js', import.meta.url), {
    name: 'signalbox-rewrite',
    workerData: settings,
    execArgv: isSource && !process.features.typescript ? ['--experimental-strip-types'] : [],
  })
  const done = await new Promise<Rewritten>((resolve, reject) => {
    let answer: Rewritten | undefined
    worker.on('message', (message: Rewritten) => {
      answer = message
    })
    worker.on('error', reject)
    // Only then is the worker's connection closed.
    worker.on('exit', (code) =>
      answer === undefined ? reject(new Error(`The rewriting thread ended with code ${code}`)) : resolve(answer),
    )
  })
  if ('failure' in done) throw new Database.SqliteError(done.failure.message, done.failure.code)
  return done.logIsEmpty
}
