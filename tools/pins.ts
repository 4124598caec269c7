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
}

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
function pinHash(tool: Definition, { name, transport }: PinnedServer): string {
  const whose = canonicalJson({ server: name, at: transport.kind === 'stdio' ? 'stdio' : placeOf(transport.url) })
  const known = pinHashes.get(tool)
  if (known?.whose === whose) return known.hash
  const hash = sha256(canonicalJson({ ...JSON.parse(whose), tool: hashesOf(tool).pinned }))
  pinHashes.set(tool, { whose, hash })
  return hash
}

const pinHashes = new WeakMap<Definition, { whose: string; hash: string }>()

function placeOf(url: string): string {
  const { protocol, hostname, host, pathname } = new URL(url)
  const isHere = hostname === 'localhost' || hostname === '[::1]' || hostname.startsWith('127.')
  return `${protocol}//${isHere ? hostname : host}${pathname}`
}

export function createPins({ keeper, log, clock }: { keeper: PinKeeper; log: Log; clock: () => number }): Pins {
  const kept = new Map<string, Map<string, Pin>>()
  const unreadable = new Map<string, string>()
  const writing = new Map<string, Promise<void>>()

  const pinsOf = (server: string): Map<string, Pin> => {
    const pins = kept.get(server) ?? new Map<string, Pin>()
    kept.set(server, pins)
    return pins
  }

  async function read(server: PinnedServer): Promise<boolean> {
    try {
      const stored = parsePins(await keeper.load(server.name), server)
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

  /** One write at a time for each server, each on top of what other processes wrote. */
  function write(server: PinnedServer): Promise<void> {
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
      if (unreadable.has(server.name)) await read(server)
      if (unreadable.has(server.name)) return
      const now = clock()
      const takeUpOne = (tool: Definition) => {
        const seen = { hash: pinHash(tool, server), definition: tool, at: now }
        return takeUp(pinsOf(server.name), seen, server.pin, suspicion(tool) !== undefined)
      }
      const changed = watched.filter(takeUpOne)
      // What cannot be written is told by `write`, and holds for this run.
      if (changed.length > 0) await write(server).catch(() => undefined)
    },

    verdict(server, tool, suspicion) {
      if (server.pin === 'off' && !suspicion) return { definition: tool }
      if (unreadable.has(server.name)) return { definition: suspicion ? withheld(tool) : tool, reason: 'its pin cannot be read' }
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
  }
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
