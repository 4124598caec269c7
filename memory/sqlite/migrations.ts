import type { Database } from 'better-sqlite3'
import { unavailable } from './failure.ts'
import { firstSchema, ledgerAccounts, ledgerDays, projects, sentenceVectors, statements } from './schema.ts'

/** One step from a schema to the next; its number is its place in the list, from 1. It never changes once released. */
export type Migration = (database: Database) => void

export const migrations: readonly Migration[] = [firstSchema, ledgerAccounts, ledgerDays, sentenceVectors, statements, projects].map(
  (schema) => (database) => database.exec(schema),
)

/** Marks a file as ours, so that a database of something else is not taken over. */
const applicationId = 0x53_67_62_78

/**
 * Brings the file to the newest schema, each step in a transaction of its own.
 *
 * Several processes may start at once: who comes second finds the step done, since the version is read inside the transaction.
 *
 * @throws {MemoryError} If the file was written by a newer Signalbox, or by something else.
 */
export function migrate(database: Database, path: string, steps: readonly Migration[]): void {
  const refuse = (reason: string) => {
    throw unavailable(path, 'open', reason)
  }

  const step = database.transaction((): boolean => {
    const version = versionOf(database)
    if (version === 0 && isUsed(database)) refuse('it is a database of another program; name another file')
    if (version > 0 && database.pragma('application_id', { simple: true }) !== applicationId) {
      refuse('it is a database of another program; name another file')
    }
    if (version > steps.length) {
      refuse(`its schema is ${version} and this Signalbox knows ${steps.length}; update Signalbox, or name another file`)
    }
    const migration = steps[version]
    if (migration === undefined) return false
    migration(database)
    database.pragma(`application_id = ${applicationId}`)
    database.pragma(`user_version = ${version + 1}`)
    return true
  })

  while (step.immediate()) {
    // Until no step is left.
  }
}

export function versionOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }))
}

function isUsed(database: Database): boolean {
  return database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() !== undefined
}
