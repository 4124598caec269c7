import { parentPort, workerData } from 'node:worker_threads'
import Database from 'better-sqlite3'
import { wordsTable } from './principals.ts'
import type { RewriteSettings, Rewritten } from './rewrite.ts'
import { toWords } from './words.ts'

const { path, patienceMs } = workerData as RewriteSettings

// Waiting blocks nobody here, so SQLite may do it by itself.
const database = new Database(path, { fileMustExist: true, timeout: patienceMs })
try {
  database.pragma('synchronous = NORMAL')
  database.transaction(writeWordsAnew).immediate()
  database.exec('VACUUM')
  parentPort?.postMessage({ logIsEmpty: emptyLog() } satisfies Rewritten)
} catch (error) {
  if (!(error instanceof Database.SqliteError)) throw error
  parentPort?.postMessage({ failure: { code: error.code, message: error.message } } satisfies Rewritten)
} finally {
  database.close()
}

/** For readers SQLite waits by itself; beside another checkpoint it gives up at once. */
function emptyLog(): boolean {
  const until = Date.now() + patienceMs
  while (database.pragma('wal_checkpoint(TRUNCATE)', { simple: true }) !== 0) {
    if (Date.now() >= until) return false
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20)
  }
  return true
}

/**
 * A full-text table only marks removed words as removed, and none of its commands promises to drop the marks. So the table
 * of whoever had something removed is emptied and filled again from the documents that are there.
 */
function writeWordsAnew(): void {
  const principals = database.prepare<[], { id: number }>('SELECT id FROM principals WHERE unscrubbed').all()
  for (const { id } of principals) {
    const table = wordsTable(id)
    database.prepare(`INSERT INTO ${table} (${table}) VALUES ('delete-all')`).run()
    const insert = database.prepare(`INSERT INTO ${table} (rowid, words) VALUES (?, ?)`)
    const next = database.prepare<[number, number], { number: number; text: string }>(
      'SELECT number, text FROM documents WHERE principal = ? AND number > ? ORDER BY number LIMIT 1000',
    )
    for (let rows = next.all(id, 0); rows.length > 0; rows = next.all(id, rows.at(-1)?.number ?? 0)) {
      for (const { number, text } of rows) insert.run(number, toWords(text))
    }
    database.prepare('UPDATE principals SET unscrubbed = 0 WHERE id = ?').run(id)
  }
}
