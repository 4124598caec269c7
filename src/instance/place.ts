import { randomBytes } from 'node:crypto'
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { hostname, tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'

/** A running instance, as it has written itself down for those who come later: a file that only its user can read. */
export interface InstanceRecord {
  readonly id: string
  readonly pid: number
  readonly host: string
  readonly version: string
  readonly since: string
  readonly workingFolder: string
  /** A socket, or the name of a pipe. */
  readonly address: string
  /** Whoever can read this is the user; both sides prove it. */
  readonly secret: string
  readonly clients: readonly AttachedClient[]
}

/** A client of an instance, as `status` tells of it. */
export interface AttachedClient {
  readonly pid: number
  readonly since: string
  readonly name?: string | undefined
  readonly profile?: string | undefined
  /** Why the client is not on an instance that ran before it. */
  readonly apart?: string | undefined
}

/** Files or folders that others could have made or changed: nothing is shared over them. */
export class PlaceError extends Error {
  override readonly name = 'PlaceError'
  readonly code = 'place_unsafe'
}

/** The most that fits everywhere: macOS has 104 bytes for the path of a socket, with its end. */
const longestSocketPath = 103
const temporaryPrefix = 'signalbox-'

/**
 * The folder in which the instances of a data folder are found.
 *
 * @throws {PlaceError} If it is not the user's own, or others can enter it. It is not mended: what lies in it may be theirs.
 */
export function openRunFolder(dataFolder: string): string {
  const folder = join(dataFolder, 'run')
  mkdirSync(dataFolder, { recursive: true, mode: 0o700 })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  // The data folder itself may be a link to where there is room.
  checkOwn(realpathSync(dataFolder), 'directory', 0o022)
  checkOwn(folder, 'directory', 0o077)
  return folder
}

/** Where a new instance listens: beside its record, or in a folder of its own where that path is too long for a socket. */
export function createAddress(folder: string, id: string): string {
  if (process.platform === 'win32') return `\\\\.\\pipe\\signalbox-${randomBytes(16).toString('hex')}`
  const near = join(folder, `${id}.sock`)
  if (Buffer.byteLength(near) <= longestSocketPath) return near
  const name = `${id}.sock`
  const room = join(tmpdir(), `${temporaryPrefix}XXXXXX`, name)
  return join(mkdtempSync(join(Buffer.byteLength(room) <= longestSocketPath ? tmpdir() : '/tmp', temporaryPrefix)), name)
}

/** @throws {PlaceError} If a record names a socket that others could have put there. */
export function checkAddress(address: string): void {
  if (process.platform === 'win32') {
    if (!/^\\\\\.\\pipe\\signalbox-[0-9a-f]{32}$/.test(address)) throw new PlaceError('the name of its pipe is not one of ours')
    return
  }
  checkOwn(dirname(address), 'directory', 0o077)
  checkOwn(address, 'socket', 0)
}

export function writeRecord(folder: string, record: InstanceRecord): void {
  const temporary = join(folder, `.${record.id}.tmp`)
  writeFileSync(temporary, JSON.stringify(record), { mode: 0o600 })
  renameSync(temporary, recordFile(folder, record.id))
}

/** Instances that live, the oldest first. What those have left behind that were killed is removed. */
export function liveRecords(folder: string): InstanceRecord[] {
  const records = readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => {
      const record = readRecord(join(folder, file))
      return record === undefined || record.host !== hostname() ? [] : [record]
    })
  const [living, dead] = [records.filter(({ pid }) => isAlive(pid)), records.filter(({ pid }) => !isAlive(pid))]
  for (const record of dead) removeRecord(folder, record)
  return living.toSorted((left, right) => (left.since < right.since ? -1 : 1))
}

/** With all that belongs to it: its socket, and what it last said. */
export function removeRecord(folder: string, { id, address }: Pick<InstanceRecord, 'id' | 'address'>): void {
  rmSync(recordFile(folder, id), { force: true })
  try {
    rmSync(logFile(folder, id), { force: true })
  } catch {
    // On Windows nobody removes what a process still writes to; who comes later does it.
  }
  if (process.platform === 'win32') return
  const isNear = dirname(address) === folder
  if (!isNear && !basename(dirname(address)).startsWith(temporaryPrefix)) return
  try {
    checkAddress(address)
    rmSync(address, { force: true })
  } catch {
    // It is gone already, or not ours to remove.
  }
  try {
    if (!isNear) rmdirSync(dirname(address))
  } catch {
    // As above.
  }
}

/** What has no record belongs to nobody, while nobody else is starting. */
export function removeLostLogs(folder: string): void {
  const files = new Set(readdirSync(folder))
  const lost = [...files].filter((file) => file.endsWith('.log') && !files.has(file.replace(/log$/, 'json')))
  for (const file of lost) {
    try {
      rmSync(join(folder, file), { force: true })
    } catch {
      // On Windows, its process still writes to it.
    }
  }
}

function recordFile(folder: string, id: string): string {
  return join(folder, `${id}.json`)
}

/** What an instance says that nobody hears: its last words, if it crashes. */
export function logFile(folder: string, id: string): string {
  return join(folder, `${id}.log`)
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** A record that somebody else wrote, or that is none, is passed over. */
function readRecord(path: string): InstanceRecord | undefined {
  try {
    checkOwn(path, 'file', 0o077)
    const record = JSON.parse(readFileSync(path, 'utf8')) as InstanceRecord
    const texts = [record.id, record.host, record.version, record.since, record.workingFolder, record.address, record.secret]
    const isWhole = texts.every((text) => typeof text === 'string') && Number.isInteger(record.pid) && Array.isArray(record.clients)
    return isWhole && recordFile(dirname(path), record.id) === path && record.secret.length >= 32 ? record : undefined
  } catch {
    return undefined
  }
}

/** Not through a link: what it leads to may change between two looks. On Windows the user's profile around it keeps others out. */
function checkOwn(path: string, kind: 'directory' | 'file' | 'socket', forbidden: number): void {
  if (process.platform === 'win32') return
  const facts = lstatSync(path)
  const isKind = kind === 'directory' ? facts.isDirectory() : kind === 'file' ? facts.isFile() : facts.isSocket()
  if (!isKind) throw new PlaceError(`${path} must be a ${kind}`)
  if (facts.uid !== process.getuid?.())
    throw new PlaceError(`${path} must belong to the user who starts this, and belongs to user ${facts.uid}`)
  const open = facts.mode & forbidden
  if (open !== 0)
    throw new PlaceError(`${path} must be closed to others, and has mode ${(facts.mode & 0o777).toString(8).padStart(4, '0')}`)
}
