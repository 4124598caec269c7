import { asObject, type Definition, hashesOf } from './definitions.ts'
import type { Log } from './log.ts'
import { type Suspicion, suspicionOf } from './suspicion.ts'
import type { CatalogueKeeper, ServerOptions } from './tool.ts'

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
}

type PinPolicy = ServerOptions['pin']

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
  read(server: string): Promise<boolean>
  /** Takes up what a server lists now. */
  see(
    server: string,
    tools: readonly Definition[],
    policy: PinPolicy,
    suspicion: (tool: Definition) => Suspicion | undefined,
  ): Promise<void>
  verdict(server: string, tool: Definition, policy: PinPolicy, suspicion: Suspicion | undefined): PinVerdict
  waiting(server: string): WaitingPin[]
  /** Durable when it resolves. */
  accept(server: string, tool: string): Promise<void>
}

export function createPins({ keeper, log, clock }: { keeper: CatalogueKeeper; log: Log; clock: () => number }): Pins {
  const kept = new Map<string, Map<string, Pin>>()
  const unreadable = new Set<string>()
  const writing = new Map<string, Promise<void>>()

  const pinsOf = (server: string): Map<string, Pin> => {
    const pins = kept.get(server) ?? new Map<string, Pin>()
    kept.set(server, pins)
    return pins
  }

  async function read(server: string): Promise<boolean> {
    try {
      const stored = parsePins(await keeper.load(keyOf(server)))
      unreadable.delete(server)
      return merge(pinsOf(server), stored)
    } catch (error) {
      // A lost pin would accept whatever the server says now, so nothing is accepted.
      unreadable.add(server)
      log.error(`Pins of server "${server}" cannot be read: its tools are quarantined until they can`, { error })
      return false
    }
  }

  /** One write at a time for each server, each on top of what other processes wrote. */
  function write(server: string): Promise<void> {
    const next = (writing.get(server) ?? Promise.resolve()).then(async () => {
      await read(server)
      if (unreadable.has(server)) return
      await keeper.save(keyOf(server), Object.fromEntries(pinsOf(server)))
    })
    writing.set(
      server,
      next.catch((error: unknown) => log.error(`Pins of server "${server}" cannot be written`, { error })),
    )
    return next
  }

  return {
    read,

    async see(server, tools, policy, suspicion) {
      const watched = policy === 'off' ? tools.filter((tool) => suspicion(tool) !== undefined) : tools
      if (watched.length === 0) return
      if (unreadable.has(server)) await read(server)
      if (unreadable.has(server)) return
      const changed = watched.filter((tool) => takeUp(pinsOf(server), tool, policy, suspicion(tool) !== undefined, clock()))
      // What cannot be written is told by `write`, and holds for this run.
      if (changed.length > 0) await write(server).catch(() => undefined)
    },

    verdict(server, tool, policy, suspicion) {
      if (policy === 'off' && !suspicion) return { definition: tool }
      if (unreadable.has(server)) return { definition: suspicion ? withheld(tool) : tool, reason: 'its pin cannot be read' }
      const pinned = pinsOf(server).get(String(tool['name']))?.pinned
      const isPinned = pinned?.hash === hashesOf(tool).pinned
      if (isPinned && (!suspicion || pinned.accepted)) return { definition: tool }
      const changed = pinned && !isPinned ? 'its definition changed after it was accepted' : undefined
      if (suspicion) {
        const definition = changed !== undefined && isPresentable(pinned) ? pinned.definition : withheld(tool)
        return { definition, reason: changed === undefined ? suspicion.reason : `${changed}, and now ${suspicion.reason}` }
      }
      return pinned
        ? { definition: pinned.definition, reason: changed }
        : { definition: tool, reason: 'it is new and was not accepted yet' }
    },

    waiting(server) {
      return [...pinsOf(server)].flatMap(([tool, { pinned, offered }]) => {
        if (!offered) return []
        // Taken at first sight and suspected since: there is no other definition to compare it with.
        const compared = pinned?.hash === offered.hash ? undefined : pinned?.definition
        return [{ server, tool, pinned: compared, offered: offered.definition, hash: offered.hash, since: offered.at }]
      })
    },

    async accept(server, tool) {
      const pin = pinsOf(server).get(tool)
      if (!pin?.offered) return
      pin.pinned = { ...pin.offered, at: clock(), accepted: true }
      pin.offered = undefined
      await write(server)
    },
  }
}

function isPresentable(pinned: Seen | undefined): pinned is Seen {
  return pinned !== undefined && (pinned.accepted === true || suspicionOf(pinned.definition) === undefined)
}

/** What may be kept of a suspicious definition where others could read it: its name. */
function withheld(tool: Definition): Definition {
  return { name: tool['name'], inputSchema: { type: 'object' } }
}

/** @returns Whether something has to be kept. */
function takeUp(pins: Map<string, Pin>, tool: Definition, policy: PinPolicy, isSuspicious: boolean, now: number): boolean {
  const name = String(tool['name'])
  const hash = hashesOf(tool).pinned
  const pin = pins.get(name)
  if (pin?.pinned?.hash === hash && (!isSuspicious || pin.pinned.accepted)) {
    const withdrawn = pin.offered !== undefined
    pin.offered = undefined
    return withdrawn
  }
  const isTaken = policy === 'first-sight' && !isSuspicious && !pin?.pinned
  if (pin?.offered?.hash === hash && !isTaken) return false
  const seen = { hash, definition: tool, at: now }
  pins.set(name, isTaken ? { pinned: seen } : { pinned: pin?.pinned, offered: seen })
  return true
}

/** The later decision wins; what was offered here stays offered unless it has become the pinned one. */
function merge(pins: Map<string, Pin>, stored: ReadonlyMap<string, Pin>): boolean {
  let differs = false
  for (const [name, other] of stored) {
    const mine = pins.get(name)
    if (!mine) {
      pins.set(name, other)
      differs = true
    } else if (other.pinned && other.pinned.at > (mine.pinned?.at ?? -1)) {
      mine.pinned = other.pinned
      if (mine.offered?.hash === other.pinned.hash) mine.offered = undefined
      differs = true
    }
  }
  return differs
}

function keyOf(server: string): string {
  return `pins:${server}`
}

function parsePins(value: unknown): Map<string, Pin> {
  if (value === undefined || value === null) return new Map()
  const stored = asObject(value)
  if (!stored) throw new TypeError('stored pins must be an object')
  return new Map(
    Object.entries(stored).map(([name, pin]) => [
      name,
      { pinned: parseSeen(asObject(pin)?.['pinned']), offered: parseSeen(asObject(pin)?.['offered']) },
    ]),
  )
}

function parseSeen(value: unknown): Seen | undefined {
  const seen = asObject(value)
  const definition = asObject(seen?.['definition'])
  if (!seen || !definition || typeof seen['hash'] !== 'string' || typeof seen['at'] !== 'number') return undefined
  return { hash: seen['hash'], definition, at: seen['at'], ...(seen['accepted'] === true && { accepted: true }) }
}
