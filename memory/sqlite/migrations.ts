import { existsSync } from 'node:fs'
import { basename } from 'node:path'
import type { Database } from 'better-sqlite3'
import { backUp, backupPath } from './backup.ts'
import { unavailable } from './failure.ts'
import { firstSchema, ledgerAccounts, ledgerDays, projects, sentenceVectors, statements, turnsHeld } from './schema.ts'

/** One step from a schema to the next; its number is its place in the list, from 1. It never changes once released. */
export type Migration = (database: Database) => void

export const migrations: readonly Migration[] = [
  firstSchema,
  ledgerAccounts,
  ledgerDays,
  sentenceVectors,
  statements,
  projects,
  turnsHeld,
].map((schema) => (database) => database.exec(schema))

/** Marks a file as ours, so that a database of something else is not taken over. */
const applicationId = 0x53_67_62_78

/**
 * Brings the file to the newest schema, each step in a transaction of its own. What it was before is kept beside it for a week;
 * where that cannot be, nothing is changed.
 *
 * Several processes may start at once: who comes second finds the step done, since the version is read inside the transaction.
 *
 * @throws {MemoryError} If the file was written by a newer Signalbox, or by something else.
 */
export function migrate(database: Database, path: string, steps: readonly Migration[]): void {
  const step = database.transaction((): boolean => {
    const version = usableVersion(database, path, steps)
    const migration = steps[version]
    if (migration === undefined) return false
    migration(database)
    database.pragma(`application_id = ${applicationId}`)
    database.pragma(`user_version = ${version + 1}`)
    return true
  })

  const version = usableVersion(database, path, steps)
  if (version > 0 && version < steps.length && path !== ':memory:') backUp(database, path, version)
  while (step.immediate()) {
    // Until no step is left.
  }
}

/**
 * The schema of a file that these steps can go on from. Nothing is written, not even what SQLite notes of who opened a file.
 *
 * @throws {MemoryError} As `migrate`.
 */
export function usableVersion(database: Database, path: string, steps: readonly Migration[]): number {
  const refuse = (reason: string) => {
    throw unavailable(path, 'open', reason)
  }
  const version = versionOf(database)
  const isForeign = version === 0 ? isUsed(database) : database.pragma('application_id', { simple: true }) !== applicationId
  if (isForeign) refuse('it is a database of another program; name another file')
  if (version > steps.length) {
    const backup = backupPath(path, steps.length)
    const back = existsSync(backup) ? `, or stop it and put ${basename(backup)} in its place, as it was before the update` : ''
    refuse(`its schema is ${version} and this Signalbox knows ${steps.length}; update Signalbox, or name another file${back}`)
  }
  return version
}

export function versionOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }))
}

function isUsed(database: Database): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined
}
