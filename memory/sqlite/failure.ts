import Database from 'better-sqlite3'
import { MemoryError } from '../errors.ts'

/** How long a call waits for others on the file: longer than it takes to write a large one anew (`rewrite.ts`). */
export const patienceMs = 60_000

/** Whether another process, or connection, holds what is wanted. */
export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && (error.code.startsWith('SQLITE_BUSY') || error.code.startsWith('SQLITE_LOCKED'))
}

/** What a person can do about it, by the beginning of SQLite's code. */
const mends: readonly (readonly [string, string])[] = [
  ['SQLITE_NOTADB', 'it is not a Signalbox memory; move it away, or name another file'],
  ['SQLITE_CORRUPT', 'the file is damaged; stop Signalbox, move it away with its -wal and -shm files, and put a backup in its place'],
  ['SQLITE_BUSY', `another process has held it for ${patienceMs / 1000} s; end that process`],
  ['SQLITE_LOCKED', `another process has held it for ${patienceMs / 1000} s; end that process`],
  ['SQLITE_FULL', 'the disk is full; free some space'],
  ['SQLITE_READONLY', 'it cannot be written; check the permissions of the file and its folder'],
  ['SQLITE_CANTOPEN', 'it cannot be opened; check that its folder exists and can be written'],
  ['SQLITE_IOERR', 'the disk reports an error; check the disk and its free space'],
  ['EACCES', 'it cannot be written; check the permissions of the file and its folder'],
  ['EPERM', 'it cannot be written; check the permissions of the file and its folder'],
  ['EROFS', 'its file system is read-only; choose another folder'],
  ['ENOTDIR', 'a part of its path is not a folder; choose another path'],
  ['EEXIST', 'a part of its path is not a folder; choose another path'],
  ['ENOSPC', 'the disk is full; free some space'],
]

/** An error of SQLite or of the file system as one that names the file and the mend. Others are bugs and stay what they are. */
export function toMemoryError(error: unknown, operation: string, path: string): unknown {
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
  if (code === undefined || error instanceof MemoryError || !(error instanceof Database.SqliteError || 'syscall' in (error as Error)))
    return error
  const mend = mends.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'the file could not be used'
  return unavailable(path, operation, `${mend} (${code})`, error)
}

/** The one form of a failure of the file: what was attempted, which file, and what to do. */
export function unavailable(path: string, operation: string, mend: string, cause?: unknown): MemoryError {
  const attempt = operation === 'open' ? 'open memory' : `${operation} in memory`
  return new MemoryError(`Cannot ${attempt} "${path}": ${mend}`, { code: 'memory_unavailable', operation, cause })
}
