import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { asObject, canonicalJson, sha256 } from '../tools/definitions.ts'
import { pinRows } from '../tools/pins.ts'
import type { CatalogueKeeper, PinKeeper } from '../tools/tool.ts'
import { holdFile } from './config/hold-file.ts'
import { writePrivateFile } from './config/private-file.ts'
import type { Log } from './log.ts'

const lockFileName = 'tools.lock'

const entrySchema = z.strictObject({
  sha256: z.string(),
  accepted: z.enum(['first-sight', 'person']),
  at: z.iso.datetime(),
  definition: z.record(z.string(), z.unknown()),
})
const lockSchema = z.strictObject({
  version: z.literal(1),
  servers: z.record(z.string(), z.record(z.string(), entrySchema)),
})
type LockFile = z.infer<typeof lockSchema>
type LockEntry = z.infer<typeof entrySchema>

interface Kept {
  readonly pinned?: {
    readonly hash: string
    readonly definition: Record<string, unknown>
    readonly at: number
    readonly accepted?: boolean
  }
  readonly offered?: unknown
}

interface Change {
  readonly server: string
  change(stored: unknown): unknown
  resolve(): void
  reject(error: unknown): void
}

const holding = { staleMs: 10_000, waitMs: 20_000 }
const everybodyReads = 0o644

/**
 * Pins in a file beside the configuration: which definition of each tool was accepted, for a repository to keep.
 *
 * JSON, sorted, a line for each fact, so that a change is read where other changes are read. What only waits for a decision
 * stands among the rows: it is nobody's accepted text. A file that cannot be used accepts nothing; one that cannot be written,
 * because its folder may not be, is replaced by the rows, and that is said.
 */
export function toolsLock(path: string, rows: CatalogueKeeper, log: Log): PinKeeper {
  const inRows = pinRows(rows)
  let hashed: { readonly stamp: string; readonly hash: Promise<string> } | undefined
  let parsed: { readonly stamp: string; readonly file: Promise<ReadLock> } | undefined
  /** The state of what was loaded, for what is found out about it. */
  const states = new WeakMap<object, string>()
  const remembered = new Map<string, string>()
  let changes: Change[] = []
  let queue: Promise<unknown> = Promise.resolve()
  let isTold = false

  /** Once for all that ask at the same time: at a start every server does. */
  async function read(): Promise<ReadLock> {
    const stamp = await stampOf(path)
    if (stamp === undefined) return { hash: absent, servers: {} }
    if (parsed?.stamp !== stamp) parsed = { stamp, file: readLock(path) }
    try {
      return await parsed.file
    } catch (error) {
      parsed = undefined
      throw error
    }
  }

  async function hashNow(): Promise<string> {
    const stamp = await stampOf(path)
    if (stamp === undefined) return absent
    if (hashed?.stamp !== stamp) hashed = { stamp, hash: readFile(path).then(hashOfBytes) }
    try {
      return await hashed.hash
    } catch (error) {
      hashed = undefined
      throw error
    }
  }

  async function load(server: string): Promise<Record<string, Kept>> {
    const [file, kept] = [await read(), asObject(await inRows.load(server)) ?? {}]
    const loaded = joined(Object.hasOwn(file.servers, server) ? file.servers[server] : undefined, kept)
    states.set(loaded, stateOf(file.hash, kept))
    return loaded
  }

  /** One write of the file for all: at a start every server has something to keep, and the file holds the tools of all. */
  async function write(changes: readonly Change[]): Promise<void> {
    const release = await holdFile(`${path}.busy`, holding)
    try {
      let { servers } = await read()
      let isSame = true
      const waiting: [string, Record<string, unknown>][] = []
      for (const { server, change } of changes) {
        const next = change(await load(server)) as Record<string, Kept>
        const entries = toEntries(next)
        if (canonicalJson(entries) !== canonicalJson(servers[server] ?? {})) {
          servers = { ...servers, [server]: entries }
          isSame = false
        }
        const offered = Object.entries(next).flatMap(([tool, one]) =>
          one.offered === undefined ? [] : [[tool, { offered: one.offered }] as const],
        )
        waiting.push([server, Object.fromEntries(offered)])
      }
      if (!isSame) {
        const text = `${JSON.stringify(sorted({ servers, version: 1 }), null, 2)}\n`
        await writePrivateFile(path, text, everybodyReads)
        // While the file is held nobody else writes it by the same rules; whoever edits it by hand changes its stamp.
        parsed = { stamp: (await stampOf(path)) ?? '', file: Promise.resolve({ hash: sha256(text), servers }) }
      }
      for (const [server, offered] of waiting) await inRows.update(server, () => offered)
    } finally {
      await release()
    }
  }

  async function writeOrKeep(changes: readonly Change[]): Promise<void> {
    try {
      await write(changes)
    } catch (error) {
      if (!isReadOnly(error)) throw error
      if (!isTold) log.warn(`${path} cannot be written: accepted definitions of tools are kept in the data folder only`, { error })
      isTold = true
      for (const { server, change } of changes) {
        const current = await load(server)
        await inRows.update(server, () => change(current))
      }
    }
  }

  /** Of each server one change: its next one builds on what this one leaves. */
  function takeChanges(): Change[] {
    const first = new Map<string, Change>()
    for (const change of changes) if (!first.has(change.server)) first.set(change.server, change)
    changes = changes.filter((change) => first.get(change.server) !== change)
    return [...first.values()]
  }

  return {
    load,

    async recall(server) {
      const kept = asObject(await rows.load(foundKey(server)))
      if (kept === undefined) return undefined
      const state = stateOf(await hashNow(), asObject(await inRows.load(server)) ?? {})
      return kept['state'] === state ? kept['found'] : undefined
    },

    async remember(server, loaded, found) {
      const state = states.get(loaded as object)
      if (state === undefined || remembered.get(server) === state) return
      await rows.save(foundKey(server), { state, found })
      remembered.set(server, state)
    },

    update(server, change) {
      const { promise, resolve, reject } = Promise.withResolvers<void>()
      changes.push({ server, change, resolve, reject })
      queue = queue.then(async () => {
        const taken = takeChanges()
        if (taken.length === 0) return
        try {
          await writeOrKeep(taken)
          for (const one of taken) one.resolve()
        } catch (error) {
          for (const one of taken) one.reject(error)
        }
      })
      return promise
    },
  }
}

interface ReadLock {
  readonly hash: string
  readonly servers: LockFile['servers']
}

const absent = 'absent'

async function readLock(path: string): Promise<ReadLock> {
  const bytes = await readFile(path)
  return { hash: hashOfBytes(bytes), servers: parseLock(bytes.toString('utf8')).servers }
}

function hashOfBytes(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** Of all that the pins of a server are read from. */
function stateOf(fileHash: string, kept: Readonly<Record<string, unknown>>): string {
  return sha256(canonicalJson([fileHash, kept]))
}

function foundKey(server: string): string {
  return `pins-found:${server}`
}

/** What waits comes from the rows, and so does what could not be written to the file. */
function joined(entries: Readonly<Record<string, LockEntry>> | undefined, kept: Readonly<Record<string, unknown>>): Record<string, Kept> {
  const names = new Set([...Object.keys(entries ?? {}), ...Object.keys(kept)])
  return Object.fromEntries(
    [...names].flatMap((name): [string, Kept][] => {
      const row = asObject(kept[name]) as Kept | undefined
      const entry = entries !== undefined && Object.hasOwn(entries, name) ? entries[name] : undefined
      const pinned = entry === undefined ? row?.pinned : fromEntry(entry)
      return [[name, { ...(pinned !== undefined && { pinned }), offered: row?.offered }]]
    }),
  )
}

function fromEntry({ sha256, definition, at, accepted }: LockEntry): NonNullable<Kept['pinned']> {
  return { hash: sha256, definition, at: Date.parse(at), ...(accepted === 'person' && { accepted: true }) }
}

function toEntries(pins: Readonly<Record<string, Kept>>): Record<string, LockEntry> {
  return Object.fromEntries(
    Object.entries(pins).flatMap(([name, { pinned }]): [string, LockEntry][] => {
      if (pinned === undefined) return []
      const { name: own, title, description, inputSchema, outputSchema, annotations } = pinned.definition
      const definition = JSON.parse(JSON.stringify({ name: own, title, description, inputSchema, outputSchema, annotations }))
      const at = new Date(pinned.at).toISOString()
      return [[name, { sha256: pinned.hash, accepted: pinned.accepted === true ? 'person' : 'first-sight', at, definition }]]
    }),
  )
}

function parseLock(text: string): LockFile {
  const mend = 'restore it from version control, or remove it to begin anew'
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (cause) {
    throw new TypeError(`${lockFileName} must be JSON; ${mend}`, { cause })
  }
  const found = lockSchema.safeParse(data)
  if (found.success) return found.data
  const [issue] = found.error.issues
  throw new TypeError(`${lockFileName} is not one that Signalbox wrote: ${issue?.path.join('.')}: ${issue?.message}; ${mend}`)
}

async function stampOf(path: string): Promise<string | undefined> {
  try {
    const { mtimeMs, size, ino } = await stat(path)
    return `${mtimeMs} ${size} ${ino}`
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function isReadOnly(error: unknown): boolean {
  return ['EACCES', 'EROFS', 'EPERM'].includes(String((error as NodeJS.ErrnoException).code))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  const object = asObject(value)
  if (!object) return value
  return Object.fromEntries(
    Object.entries(object)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

/** Where the lock of a configuration lies. */
export function lockFileOf(configFile: string): string {
  return join(dirname(configFile), lockFileName)
}
