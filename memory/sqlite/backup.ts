import { randomBytes } from 'node:crypto'
import { closeSync, existsSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Database } from 'better-sqlite3'

/** So long one can go back to the Signalbox from before; what is forgotten meanwhile goes from there as well (`scrub`). */
const keptMs = 7 * 24 * 3600_000

/** Where the file is kept as it was before a newer schema. */
export function backupPath(path: string, schema: number): string {
  return `${path}.schema-${schema}.backup`
}

/** A whole copy, readable by its owner alone. One that is there already was made by a process that started at the same time. */
export function backUp(database: Database, path: string, schema: number): void {
  const backup = backupPath(path, schema)
  if (existsSync(backup)) return
  const unfinished = `${backup}.${randomBytes(6).toString('hex')}`
  try {
    // SQLite would make it readable for all, and takes an empty file as it is.
    closeSync(openSync(unfinished, 'wx', 0o600))
    database.prepare('VACUUM INTO ?').run(unfinished)
    // Whoever was first made it before anything was changed.
    if (!existsSync(backup)) renameSync(unfinished, backup)
  } finally {
    rmSync(unfinished, { force: true })
  }
}

/** Removes backups that have had their time; all of them unless told by when they must have been made. */
export function removeBackups(path: string, { madeBefore = Number.POSITIVE_INFINITY }: { madeBefore?: number } = {}): void {
  if (path === ':memory:') return
  const folder = dirname(path)
  for (const name of readdirSync(folder)) {
    const file = join(folder, name)
    if (!name.startsWith(`${basename(path)}.schema-`) || !/\.backup(\.[0-9a-f]+)?$/.test(name)) continue
    if ((statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0) < madeBefore) rmSync(file, { force: true })
  }
}

export function removeOldBackups(path: string, now: number): void {
  removeBackups(path, { madeBefore: now - keptMs })
}
