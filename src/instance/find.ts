import { type ChildProcess, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { closeSync, openSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type AttachRequest, attach, type Difference, differences } from './attach.ts'
import { type InstanceRecord, isAlive, liveRecords, logFile, openRunFolder, PlaceError, removeLostLogs, removeRecord } from './place.ts'

export interface FindOptions {
  readonly env: Readonly<Record<string, string | undefined>>
  /** How an instance with this id is started: the program and its arguments. */
  command(id: string): readonly string[]
  /** Which request of the client has its answer by now; from then on no other gets one here. */
  answered(): AttachRequest['answered']
  /** Aborts when whoever started this process wants it to end. */
  readonly signal: AbortSignal
}

export type Found =
  | {
      readonly kind: 'attached'
      readonly socket: Socket
      readonly folder: string
      readonly record: InstanceRecord
      readonly apart: string | undefined
    }
  /** None will do and none could be started: the client is served by this process alone. */
  | { readonly kind: 'alone'; readonly why: string }
  /** This process is to end. */
  | { readonly kind: 'left' }

/** Who starts an instance holds this file, then the instance itself until it can be found; who comes meanwhile waits. */
const lockName = 'starting'
const lookEveryMs = 10
/** How often one that does not answer is looked at until it counts as alive. */
const lastLooks = 100
/** The longest that a start may take; a lock that is older belongs to nobody. */
const startMs = 30_000

/**
 * Finds an instance that takes this client, or starts one.
 *
 * Two that start at the same moment come to one instance: only who holds the lock starts one, and looks again before.
 */
export async function findInstance(request: AttachRequest, options: FindOptions): Promise<Found> {
  let folder: string
  try {
    folder = openRunFolder(request.dataFolder)
  } catch (error) {
    if (error instanceof PlaceError) return { kind: 'alone', why: error.message }
    return { kind: 'alone', why: `its folder cannot be used (${(error as NodeJS.ErrnoException).code ?? 'unknown reason'})` }
  }
  const search = createSearch(folder, request, options)
  const limit = performance.now() + startMs
  while (performance.now() < limit) {
    const found = await search.among(liveRecords(folder))
    if (found !== undefined) return found
    if (options.signal.aborted) return { kind: 'left' }
    if (!takeLock(folder)) {
      await pause(lookEveryMs)
      continue
    }
    try {
      // Another may have come to its end between the look and the lock.
      const found = (await search.among(liveRecords(folder))) ?? (await startInstance(folder, search, options))
      if (found !== undefined) return found
    } finally {
      releaseLock(folder)
    }
  }
  return { kind: 'alone', why: 'another start of an instance does not come to its end' }
}

interface Search {
  /** Each instance is asked once. */
  among(records: readonly InstanceRecord[]): Promise<Found | undefined>
}

function createSearch(folder: string, request: AttachRequest, { env, answered }: FindOptions): Search {
  const asked = new Set<string>()
  let apart: string | undefined
  let nearest = -1
  /** Of several that will not do, the one is told of that agrees in the most. */
  const refuse = ({ pid }: InstanceRecord, difference: Difference | undefined, words: string) => {
    const near = difference === undefined ? -1 : Object.keys(differences).indexOf(difference)
    if (apart !== undefined && near <= nearest) return
    nearest = near
    apart = `instance ${pid} ${words}`
  }
  return {
    async among(records) {
      for (const record of records) {
        if (asked.has(record.id)) continue
        asked.add(record.id)
        if (record.version !== request.version) {
          refuse(record, 'version', `has ${differences.version} (${record.version})`)
          continue
        }
        const answer = await attach(
          record,
          {
            ...request,
            apart,
            get answered() {
              return answered()
            },
          },
          env,
        )
        if (answer.kind === 'attached') return { kind: 'attached', socket: answer.socket, folder, record, apart }
        if (answer.kind === 'gone') removeRecord(folder, record)
        if (answer.kind === 'failed') refuse(record, undefined, `cannot be used: ${answer.reason}`)
        if (answer.kind === 'refused') {
          const detail = answer.detail === undefined ? '' : ` (${answer.detail})`
          refuse(record, answer.difference, `has ${differences[answer.difference]}${detail}`)
        }
      }
      return undefined
    },
  }
}

/**
 * `undefined`: it has ended in good order again, since another client had come to it and gone before this one.
 *
 * The instance lives on its own: nothing of whoever starts it is held open by it, and no Ctrl-C of theirs reaches it. It comes up
 * as well when this process is asked to end meanwhile: a client that only looks whether there is a server starts it again at once.
 */
async function startInstance(folder: string, search: Search, { env, command, signal }: FindOptions): Promise<Found | undefined> {
  const id = randomBytes(8).toString('hex')
  const log = logFile(folder, id)
  removeLostLogs(folder)
  const output = openSync(log, 'ax', 0o600)
  let child: ChildProcess
  try {
    child = spawn(process.execPath, [...process.execArgv, ...command(id)], {
      env,
      stdio: ['ignore', output, output],
      detached: true,
      windowsHide: true,
    })
  } finally {
    closeSync(output)
  }
  let ended: string | undefined
  child.once('error', (error) => {
    ended = error.message
  })
  let isOver = false
  child.once('exit', (code, signal) => {
    isOver = code === 0
    ended = `it ended with ${signal ?? `code ${code}`}`
  })
  child.unref()
  if (child.pid !== undefined) writeFileSync(join(folder, lockName), String(child.pid))

  const limit = performance.now() + startMs
  while (ended === undefined && performance.now() < limit) {
    const record = liveRecords(folder).find((one) => one.id === id)
    if (record === undefined) {
      if (signal.aborted) return { kind: 'left' }
      await pause(lookEveryMs)
      continue
    }
    releaseLock(folder, child.pid)
    const found = await search.among([record])
    if (found !== undefined) return found
    // One that ends is not there for anybody some moments before it is gone.
    for (let look = 0; ended === undefined && look < lastLooks; look += 1) await pause(lookEveryMs)
    break
  }
  releaseLock(folder, child.pid)
  if (isOver) return undefined
  // Its last words are said again by this process, which now tries the same.
  rmSync(log, { force: true })
  return { kind: 'alone', why: `no instance could be started: ${ended ?? 'it does not answer'}` }
}

/** Gives the lock back, if this process holds it or that one. */
export function releaseLock(folder: string, pid: number | undefined = process.pid): void {
  const path = join(folder, lockName)
  try {
    if (readFileSync(path, 'utf8') === String(pid)) rmSync(path, { force: true })
  } catch {
    // Nobody holds it.
  }
}

function takeLock(folder: string): boolean {
  const path = join(folder, lockName)
  try {
    writeFileSync(path, String(process.pid), { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  try {
    const holder = Number(readFileSync(path, 'utf8'))
    const isOld = Date.now() - statSync(path).mtimeMs > startMs
    // Two that take it away from a dead holder at once may start an instance each: later clients find the older one.
    if (isOld || (holder > 0 && !isAlive(holder))) rmSync(path, { force: true })
  } catch {
    // It has just been given back.
  }
  return false
}
