import { createHash } from 'node:crypto'

/** What clients and model APIs take: with a client's own prefix before it, 40 characters stay below their 64. */
const budget = 40
const ownNameBudget = 64
const suffixLength = 6

export interface Named {
  /** Our id of the server. */
  readonly server: string
  /** The server's own name of the thing. */
  readonly original: string
  /** Whether the exposed name carries the server's name. */
  readonly prefix: boolean
}

/** Two or more things that asked for one exposed name, and the names they got instead. */
export interface NameClash {
  readonly wanted: string
  readonly names: readonly { readonly server: string; readonly original: string; readonly name: string }[]
}

/**
 * Gives each thing an exposed name of its own, in the order of `things`.
 *
 * A name depends on the thing alone, so it survives restarts and other servers: `<server>_<tool>`, or the tool's own name
 * without a prefix. Only where two want the same name, or one wants a reserved name, each of them gets its server's name
 * and, when that does not settle it, a hash.
 */
export function exposedNames(
  things: readonly Named[],
  reserved: ReadonlySet<string> = new Set(),
): { names: string[]; clashes: NameClash[] } {
  const wanted = things.map((thing) => (thing.prefix ? prefixed(thing) : own(thing)))
  const names = [...wanted]
  rename(names, things, reserved, prefixed)
  rename(names, things, reserved, hashed)
  return { names, clashes: clashesOf(things, wanted, names) }
}

/** `<server>_<tool>` within the budget, whether or not another thing has it. */
function prefixed({ server, original }: Pick<Named, 'server' | 'original'>): string {
  const head = plain(server)
  const tail = plain(original)
  const whole = tail === head || tail.startsWith(`${head}_`) || tail.startsWith(`${head}-`) ? tail : `${head}_${tail}`
  return whole.length <= budget && tail !== '' ? whole : withHash(whole, { server, original })
}

function own(thing: Named): string {
  const valid = /^[a-zA-Z0-9_-]+$/.test(thing.original) && thing.original.length <= ownNameBudget
  if (valid) return thing.original
  const name = plain(thing.original)
  return name !== '' && name.length <= budget ? name : withHash(name, thing)
}

function hashed(thing: Named): string {
  return withHash(prefixed(thing), thing)
}

function withHash(name: string, { server, original }: Pick<Named, 'server' | 'original'>): string {
  const head = name.slice(0, budget - suffixLength - 1).replace(/[_-]+$/, '')
  return `${head}_${base32(createHash('sha256').update(`${server}\0${original}`).digest())}`
}

function plain(name: string): string {
  // Most names are.
  if (/^[a-z0-9]+(?:[_-][a-z0-9]+)*$/.test(name)) return name
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '_')
    .replace(/_{2,}/g, '_')
    .replace(/^_+|_+$/g, '')
}

function base32(bytes: Buffer): string {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  return Array.from(bytes.subarray(0, suffixLength), (byte) => alphabet[byte % 32]).join('')
}

/** Renames all that share a name or have a reserved one: no member of a group keeps it, so the order of servers does not matter. */
function rename(names: string[], things: readonly Named[], reserved: ReadonlySet<string>, next: (thing: Named) => string): void {
  const count = new Map<string, number>()
  for (const name of names) count.set(name, (count.get(name) ?? 0) + 1)
  for (const [index, thing] of things.entries()) {
    const name = names[index] as string
    if ((count.get(name) ?? 0) > 1 || reserved.has(name)) names[index] = next(thing)
  }
}

function clashesOf(things: readonly Named[], wanted: readonly string[], names: readonly string[]): NameClash[] {
  const groups = new Map<string, NameClash['names'][number][]>()
  for (const [index, thing] of things.entries()) {
    const name = names[index] as string
    const before = wanted[index] as string
    if (name !== before) groups.set(before, [...(groups.get(before) ?? []), { server: thing.server, original: thing.original, name }])
  }
  return [...groups].map(([name, members]) => ({ wanted: name, names: members }))
}

/** The names nearest to a mistyped one, best first. */
export function nearestNames(name: string, names: Iterable<string>, limit = 3): string[] {
  const parts = bigrams(plain(name))
  return [...names]
    .map((candidate) => ({ candidate, score: overlap(parts, bigrams(plain(candidate))) }))
    .filter(({ score }) => score > 0.3)
    .sort((a, b) => b.score - a.score || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, limit)
    .map(({ candidate }) => candidate)
}

function bigrams(text: string): Set<string> {
  return new Set(Array.from({ length: Math.max(0, text.length - 1) }, (_, index) => text.slice(index, index + 2)))
}

function overlap(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  return a.size + b.size === 0 ? 0 : (2 * [...a].filter((part) => b.has(part)).length) / (a.size + b.size)
}
