import { checkedBy } from './checked.ts'
import { asObject, canonicalJson, type Definition, hashesOf, sha256 } from './definitions.ts'
import type { Log } from './log.ts'
import { type Suspicion, suspicionOf } from './suspicion.ts'
import type { CatalogueKeeper, PinKeeper, ServerOptions } from './tool.ts'

/** What is known of one tool's definition: the pinned one, and another that waits for a decision. */
interface Pin {
  pinned?: Seen | undefined
  offered?: Seen | undefined
}

interface Seen {
  hash: string
  definition: Definition
  at: number
  /** A person has read and accepted exactly this. A pin without it was taken at first sight, and answers no suspicion. */
  accepted?: boolean | undefined
  /** It was read from where pins are kept, or written there: what is kept there now counts more. */
  isKept?: boolean | undefined
  /** The hash that was kept is not that of the definition beside it: it holds for nothing. */
  isBroken?: boolean | undefined
}

type PinPolicy = ServerOptions['pin']
type PinnedServer = Pick<ServerOptions, 'name' | 'pin' | 'transport'>

/** What a tool may be shown as: with `reason` it may not be called, and `definition` is the last one that a person knows. */
export interface PinVerdict {
  readonly definition: Definition
  readonly reason?: string | undefined
}

export interface WaitingPin {
  readonly server: string
  readonly tool: string
  readonly pinned?: Definition | undefined
  readonly offered: Definition
  readonly hash: string
  readonly since: number
}

/**
 * Remembers which definition of a tool was accepted, because a server can change one after it was trusted.
 *
 * `first-sight` accepts what it sees first; `ask` waits for a person even then. A changed description, schema or annotation
 * quarantines the tool until it is accepted; a tool that comes back after it was gone is held to its old pin.
 * A suspicious definition waits for a person under every policy, `off` too, and one that a person has accepted is suspected no more.
 */
export interface Pins {
  /** Reads what was kept, again too: another process may have accepted something. Resolves to whether anything differs. */
  read(server: PinnedServer): Promise<boolean>
  /** Takes up what a server lists now. */
  see(server: PinnedServer, tools: readonly Definition[], suspicion: (tool: Definition) => Suspicion | undefined): Promise<void>
  verdict(server: PinnedServer, tool: Definition, suspicion: Suspicion | undefined): PinVerdict
  waiting(server: string): WaitingPin[]
  /** Durable when it resolves. */
  accept(server: PinnedServer, tool: string): Promise<void>
  close(): void
}

/** A pin that was found whole in an earlier run, when nothing of the server waited: its definition need not be read. */
interface Recalled {
  /** Of the pinned definition alone: whose it is was compared before. */
  readonly hash: string
  readonly accepted: boolean
}

/** After a change: others may follow, and what is found out is for the next start. */
const rememberAfterMs = 2000

/** Pins among the rows of the catalogue, for who has no lock file. */
export function pinRows(keeper: CatalogueKeeper): PinKeeper {
  return {
    load: (server) => keeper.load(keyOf(server)),
    update: async (server, change) => keeper.save(keyOf(server), change(await keeper.load(keyOf(server)))),
  }
}

/**
 * Whose tool it is counts too: another address under the same key is another server. A program is its key alone, since its
 * paths differ from machine to machine, and so is the port of a server on this one.
 */
function pinHash(tool: Definition, server: PinnedServer): string {
  const whose = whoseTools(server)
  const known = pinHashes.get(tool)
  if (known?.whose === whose) return known.hash
  const hash = sha256(canonicalJson({ ...JSON.parse(whose), tool: hashesOf(tool).pinned }))
  pinHashes.set(tool, { whose, hash })
  return hash
}

const pinHashes = new WeakMap<Definition, { whose: string; hash: string }>()

function whoseTools(server: PinnedServer): string {
  const { name, transport } = server
  const whose = owners.get(server) ?? canonicalJson({ server: name, at: transport.kind === 'stdio' ? 'stdio' : placeOf(transport.url) })
  owners.set(server, whose)
  return whose
}

const owners = new WeakMap<PinnedServer, string>()

function placeOf(url: string): string {
  const { protocol, hostname, host, pathname } = new URL(url)
  const isHere = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
  return `${protocol}//${isHere ? hostname : host}${pathname}`
}

export function createPins({ keeper, log, clock }: { keeper: PinKeeper; log: Log; clock: () => number }): Pins {
  const kept = new Map<string, Map<string, Pin>>()
  const unreadable = new Map<string, string>()
  const writing = new Map<string, Promise<void>>()
  /** Of servers whose pins were not read in this run. */
  const recalled = new Map<string, ReadonlyMap<string, Recalled>>()
  const changed = new Map<string, PinnedServer>()
  let remembering: NodeJS.Timeout | undefined

  const pinsOf = (server: string): Map<string, Pin> => {
    const pins = kept.get(server) ?? new Map<string, Pin>()
    kept.set(server, pins)
    return pins
  }

  async function read(server: PinnedServer): Promise<boolean> {
    if (!kept.has(server.name)) {
      const found = parseRecalled(await keeper.recall?.(server.name).catch(() => undefined), server)
      const before = recalled.get(server.name)
      if (found) recalled.set(server.name, found)
      if (found) return before === undefined || !isSameRecalled(before, found)
    }
    return readWhole(server)
  }

  async function readWhole(server: PinnedServer): Promise<boolean> {
    recalled.delete(server.name)
    try {
      const loaded = await keeper.load(server.name)
      const stored = parsePins(loaded, server)
      await remember(server, loaded, stored)
      const wasUnreadable = unreadable.delete(server.name)
      return merge(pinsOf(server.name), stored) || wasUnreadable
    } catch (error) {
      // A lost pin would accept whatever the server says now, so nothing is accepted.
      const reason = error instanceof Error ? error.message : String(error)
      if (unreadable.get(server.name) !== reason)
        log.error(`Pins of server "${server.name}" cannot be read: its tools are quarantined until they can`, { error })
      unreadable.set(server.name, reason)
      return false
    }
  }

  /** For the next start. It is a matter of speed alone: what cannot be kept is read. */
  async function remember(server: PinnedServer, loaded: unknown, stored: ReadonlyMap<string, Pin>): Promise<void> {
    const pins = [...stored].map(([tool, { pinned, offered }]) =>
      pinned && !pinned.isBroken && !offered ? [tool, hashesOf(pinned.definition).pinned, pinned.accepted === true] : undefined,
    )
    if (pins.length === 0 || pins.includes(undefined)) return
    const found = { by: checkedBy(), whose: whoseTools(server), pins }
    await keeper.remember?.(server.name, loaded, found).catch((error: unknown) => log.debug('Checked pins cannot be kept', { error }))
  }

  function rememberLater(server: PinnedServer): void {
    if (!keeper.remember) return
    changed.set(server.name, server)
    clearTimeout(remembering)
    remembering = setTimeout(async () => {
      const servers = [...changed.values()]
      changed.clear()
      for (const one of servers) {
        try {
          const loaded = await keeper.load(one.name)
          await remember(one, loaded, parsePins(loaded, one))
        } catch {
          // Whoever needs them reads them, and says what is wrong.
        }
      }
    }, rememberAfterMs).unref()
  }

  /** Whether all of them are pinned as they are, as far as that is known from an earlier run. */
  function areRecalled(
    server: PinnedServer,
    tools: readonly Definition[],
    suspicion: (tool: Definition) => Suspicion | undefined,
  ): boolean {
    const known = recalled.get(server.name)
    return known !== undefined && tools.every((tool) => isRecalled(known, tool, suspicion(tool)))
  }

  /** One write at a time for each server, each on top of what other processes wrote. */
  function write(server: PinnedServer): Promise<void> {
    rememberLater(server)
    const pins = pinsOf(server.name)
    const next = (writing.get(server.name) ?? Promise.resolve()).then(() =>
      keeper.update(server.name, (stored) => {
        merge(pins, parsePins(stored, server))
        for (const { pinned } of pins.values()) if (pinned) pinned.isKept = true
        return Object.fromEntries(
          [...pins].map(([tool, { pinned, offered }]) => [tool, { pinned: keptOf(pinned), offered: keptOf(offered) }]),
        )
      }),
    )
    writing.set(
      server.name,
      next.catch((error: unknown) => log.error(`Pins of server "${server.name}" cannot be written`, { error })),
    )
    return next
  }

  return {
    read,

    async see(server, tools, suspicion) {
      const watched = server.pin === 'off' ? tools.filter((tool) => suspicion(tool) !== undefined) : tools
      if (watched.length === 0) return
      if (areRecalled(server, watched, suspicion)) return
      if (recalled.has(server.name) || unreadable.has(server.name)) await readWhole(server)
      if (unreadable.has(server.name)) return
      const now = clock()
      const takeUpOne = (tool: Definition) => {
        const seen = { hash: pinHash(tool, server), definition: tool, at: now }
        return takeUp(pinsOf(server.name), seen, server.pin, suspicion(tool) !== undefined)
      }
      const news = watched.filter(takeUpOne)
      // What cannot be written is told by `write`, and holds for this run.
      if (news.length > 0) await write(server).catch(() => undefined)
    },

    verdict(server, tool, suspicion) {
      if (server.pin === 'off' && !suspicion) return { definition: tool }
      if (unreadable.has(server.name)) return { definition: suspicion ? withheld(tool) : tool, reason: 'its pin cannot be read' }
      const known = recalled.get(server.name)
      if (known && isRecalled(known, tool, suspicion)) return { definition: tool }
      const pinned = pinsOf(server.name).get(String(tool['name']))?.pinned
      const isPinned = holds(pinned, pinHash(tool, server))
      if (isPinned && (!suspicion || pinned?.accepted)) return { definition: tool }
      const changed = pinned && !isPinned ? changeOf(pinned) : undefined
      if (suspicion) {
        const definition = changed !== undefined && isPresentable(pinned) ? pinned.definition : withheld(tool)
        return { definition, reason: changed === undefined ? suspicion.reason : `${changed}, and now ${suspicion.reason}` }
      }
      return pinned
        ? { definition: pinned.isBroken ? withheld(tool) : pinned.definition, reason: changed }
        : { definition: tool, reason: 'it is new and was not accepted yet' }
    },

    waiting(server) {
      return [...pinsOf(server)].flatMap(([tool, { pinned, offered }]) => {
        if (!offered) return []
        // Taken at first sight and suspected since: there is no other definition to compare it with.
        const compared = pinned?.hash === offered.hash && !pinned.isBroken ? undefined : pinned?.definition
        return [{ server, tool, pinned: compared, offered: offered.definition, hash: offered.hash, since: offered.at }]
      })
    },

    async accept(server, tool) {
      const pin = pinsOf(server.name).get(tool)
      if (!pin?.offered) return
      pin.pinned = { ...pin.offered, at: clock(), accepted: true, isKept: false }
      pin.offered = undefined
      await write(server)
    },

    close: () => clearTimeout(remembering),
  }
}

function isRecalled(known: ReadonlyMap<string, Recalled>, tool: Definition, suspicion: Suspicion | undefined): boolean {
  const pin = known.get(String(tool['name']))
  return pin?.hash === hashesOf(tool).pinned && (!suspicion || pin.accepted)
}

function isSameRecalled(before: ReadonlyMap<string, Recalled>, now: ReadonlyMap<string, Recalled>): boolean {
  const isSame = ([tool, { hash, accepted }]: readonly [string, Recalled]) =>
    before.get(tool)?.hash === hash && before.get(tool)?.accepted === accepted
  return before.size === now.size && [...now].every(isSame)
}

/** @returns `undefined` for what was found by other rules, or of another server. */
function parseRecalled(value: unknown, server: PinnedServer): ReadonlyMap<string, Recalled> | undefined {
  const found = asObject(value)
  if (!Array.isArray(found?.['pins']) || found['by'] !== checkedBy() || found['whose'] !== whoseTools(server)) return undefined
  const pins = found['pins'] as [tool: string, hash: string, accepted: boolean][]
  return new Map(pins.map(([tool, hash, accepted]) => [tool, { hash, accepted }]))
}

function isPresentable(pinned: Seen | undefined): pinned is Seen {
  return pinned !== undefined && !pinned.isBroken && (pinned.accepted === true || suspicionOf(pinned.definition) === undefined)
}

function holds(pinned: Seen | undefined, hash: string): boolean {
  return pinned?.hash === hash && !pinned.isBroken
}

function keyOfSeen({ hash, isBroken, accepted }: Seen): string {
  return `${hash} ${isBroken === true} ${accepted === true}`
}

function changeOf(pinned: Seen): string {
  return pinned.isBroken
    ? 'what is kept as its accepted definition does not match its hash'
    : 'its definition changed after it was accepted'
}

/** What may be kept of a suspicious definition where others could read it: its name. */
function withheld(tool: Definition): Definition {
  return { name: tool['name'], inputSchema: { type: 'object' } }
}

/** @returns Whether something has to be kept. */
function takeUp(pins: Map<string, Pin>, seen: Seen, policy: PinPolicy, isSuspicious: boolean): boolean {
  const name = String(seen.definition['name'])
  const pin = pins.get(name)
  if (holds(pin?.pinned, seen.hash) && (!isSuspicious || pin?.pinned?.accepted)) {
    const withdrawn = pin?.offered !== undefined
    if (pin) pin.offered = undefined
    return withdrawn
  }
  const isTaken = policy === 'first-sight' && !isSuspicious && !pin?.pinned
  if (pin?.offered?.hash === seen.hash && !isTaken) return false
  pins.set(name, isTaken ? { pinned: seen } : { pinned: pin?.pinned, offered: seen })
  return true
}

/**
 * The later decision wins, and what is kept wins over what was read from there before: it may have been edited, or checked out anew.
 * What was offered here stays offered unless it has become the pinned one.
 */
function merge(pins: Map<string, Pin>, stored: ReadonlyMap<string, Pin>): boolean {
  let differs = false
  for (const [name, mine] of pins) {
    if (!mine.pinned?.isKept || stored.get(name)?.pinned) continue
    mine.pinned = undefined
    differs = true
  }
  for (const [name, other] of stored) {
    const mine = pins.get(name)
    if (!mine) {
      pins.set(name, other)
      differs = true
    } else if (
      other.pinned &&
      (mine.pinned?.isKept ? keyOfSeen(other.pinned) !== keyOfSeen(mine.pinned) : other.pinned.at > (mine.pinned?.at ?? -1))
    ) {
      mine.pinned = other.pinned
      if (mine.offered?.hash === other.pinned.hash) mine.offered = undefined
      differs = true
    } else if (other.pinned?.accepted && mine.pinned?.hash === other.pinned.hash && !mine.pinned.accepted) {
      mine.pinned = other.pinned
      differs = true
    }
  }
  return differs
}

function keyOf(server: string): string {
  return `pins:${server}`
}

function keptOf(seen: Seen | undefined) {
  if (!seen) return undefined
  const { hash, definition, at, accepted } = seen
  return { hash, definition, at, ...(accepted === true && { accepted }) }
}

function parsePins(value: unknown, server: PinnedServer): Map<string, Pin> {
  if (value === undefined || value === null) return new Map()
  const stored = asObject(value)
  if (!stored) throw new TypeError('stored pins must be an object')
  return new Map(
    Object.entries(stored).map(([name, pin]) => [
      name,
      { pinned: parseSeen(name, asObject(pin)?.['pinned'], server), offered: parseSeen(name, asObject(pin)?.['offered'], server) },
    ]),
  )
}

function parseSeen(name: string, value: unknown, server: PinnedServer): Seen | undefined {
  const seen = asObject(value)
  const definition = asObject(seen?.['definition'])
  if (!seen || !definition || typeof seen['hash'] !== 'string' || typeof seen['at'] !== 'number') return undefined
  const hash = pinHash(definition, server)
  // Rows of earlier versions have the hash of the definition alone.
  const isWhole = definition['name'] === name && (seen['hash'] === hash || seen['hash'] === hashesOf(definition).pinned)
  return {
    hash: isWhole ? hash : seen['hash'],
    definition,
    at: seen['at'],
    isKept: true,
    ...(seen['accepted'] === true && { accepted: true }),
    ...(!isWhole && { isBroken: true }),
  }
}
