import { asObject, type Definition, hashesOf } from './definitions.ts'
import type { Log } from './log.ts'
import type { CatalogueKeeper, ServerOptions } from './tool.ts'

/** What is known of one tool's definition: the pinned one, and another that waits for a decision. */
interface Pin {
  pinned?: { hash: string; definition: Definition; at: number } | undefined
  offered?: { hash: string; definition: Definition; at: number } | undefined
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
 */
export interface Pins {
  /** Reads what was kept, again too: another process may have accepted something. Resolves to whether anything differs. */
  read(server: string): Promise<boolean>
  /** Takes up what a server lists now. */
  see(server: string, tools: readonly Definition[], policy: PinPolicy): Promise<void>
  verdict(server: string, tool: Definition, policy: PinPolicy): PinVerdict
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

    async see(server, tools, policy) {
      if (policy === 'off') return
      if (unreadable.has(server)) await read(server)
      if (unreadable.has(server)) return
      const changed = tools.filter((tool) => takeUp(pinsOf(server), tool, policy, clock()))
      // What cannot be written is told by `write`, and holds for this run.
      if (changed.length > 0) await write(server).catch(() => undefined)
    },

    verdict(server, tool, policy) {
      if (policy === 'off') return { definition: tool }
      if (unreadable.has(server)) return { definition: tool, reason: 'its pin cannot be read' }
      const pin = pinsOf(server).get(String(tool['name']))
      if (!pin?.pinned) return { definition: tool, reason: 'it is new and was not accepted yet' }
      if (pin.pinned.hash === hashesOf(tool).pinned) return { definition: tool }
      return { definition: pin.pinned.definition, reason: 'its definition changed after it was accepted' }
    },

    waiting(server) {
      return [...pinsOf(server)].flatMap(([tool, { pinned, offered }]) =>
        offered ? [{ server, tool, pinned: pinned?.definition, offered: offered.definition, hash: offered.hash, since: offered.at }] : [],
      )
    },

    async accept(server, tool) {
      const pin = pinsOf(server).get(tool)
      if (!pin?.offered) return
      pin.pinned = { ...pin.offered, at: clock() }
      pin.offered = undefined
      await write(server)
    },
  }
}

/** @returns Whether something has to be kept. */
function takeUp(pins: Map<string, Pin>, tool: Definition, policy: PinPolicy, now: number): boolean {
  const name = String(tool['name'])
  const hash = hashesOf(tool).pinned
  const pin = pins.get(name)
  if (pin?.pinned?.hash === hash) {
    const withdrawn = pin.offered !== undefined
    pin.offered = undefined
    return withdrawn
  }
  if (pin?.offered?.hash === hash) return false
  const seen = { hash, definition: tool, at: now }
  pins.set(name, policy === 'first-sight' && !pin?.pinned ? { pinned: seen } : { pinned: pin?.pinned, offered: seen })
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

function parseSeen(value: unknown): Pin['pinned'] {
  const seen = asObject(value)
  const definition = asObject(seen?.['definition'])
  if (!seen || !definition || typeof seen['hash'] !== 'string' || typeof seen['at'] !== 'number') return undefined
  return { hash: seen['hash'], definition, at: seen['at'] }
}
