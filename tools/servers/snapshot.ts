import { checkedOf, recallChecked } from '../checked.ts'
import { asObject, canonicalJson, type Definition, emptyListing, hashesOf, type Listing, sha256 } from '../definitions.ts'
import type { ServerOptions } from '../tool.ts'
import type { Capabilities } from './capabilities.ts'

/** What was learnt of a server, kept so that the next run knows it before the server answers. */
export interface Snapshot {
  readonly listing: Listing
  readonly era: 'legacy' | 'modern'
  /** When the era, and what is hidden, were found out. */
  readonly learntAt: number
  /** What the last caller declared: the next run starts an older server with it, so that the same client finds it warm. */
  readonly lastCapabilities?: Capabilities | undefined
  /** By declared capabilities: what the server does not list to clients that declare just these, as `kind/name`. */
  readonly hidden: Readonly<Record<string, readonly string[]>>
  /** What was found out about the definitions came with it, and need not be found out again. */
  readonly isChecked?: boolean | undefined
}

/** A server may have been updated: an old verdict would keep it at the old protocol for ever. */
const verdictDays = 7

/** @returns `undefined` for what was kept of another command or URL, or in another form. */
export function parseSnapshot(value: unknown, transport: ServerOptions['transport'], now: number): Snapshot | undefined {
  const stored = asObject(value)
  if (stored?.['version'] !== 1 || stored['transport'] !== transportHash(transport)) return undefined
  const { era, learntAt, lastCapabilities, hidden } = stored
  if ((era !== 'legacy' && era !== 'modern') || typeof learntAt !== 'number') return undefined
  const fresh = now - learntAt < verdictDays * 86_400_000
  const listing = parseListing(stored['listing'])
  return {
    listing,
    isChecked: recallChecked(listing, stored['checked']),
    // Of a server of 2026-07-28 nothing has to be remembered: it is asked again in any case.
    era: fresh ? era : 'modern',
    learntAt: fresh ? learntAt : now,
    lastCapabilities: asObject(lastCapabilities),
    hidden: fresh ? parseHidden(hidden) : {},
  }
}

export function storableSnapshot(snapshot: Snapshot, transport: ServerOptions['transport']): Record<string, unknown> {
  return { version: 1, transport: transportHash(transport), ...snapshot, isChecked: undefined, checked: checkedOf(snapshot.listing) }
}

/** The hash alone is kept: environment and headers hold secrets. */
function transportHash(transport: ServerOptions['transport']): string {
  return sha256(canonicalJson(transport))
}

function parseListing(value: unknown): Listing {
  const listing = asObject(value) ?? {}
  const items = (kind: keyof Listing): Definition[] =>
    Array.isArray(listing[kind]) ? listing[kind].filter((item): item is Definition => asObject(item) !== undefined) : []
  return { ...emptyListing, tools: items('tools'), prompts: items('prompts'), resources: items('resources'), templates: items('templates') }
}

function parseHidden(value: unknown): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(asObject(value) ?? {}).map(([key, ids]) => [
      key,
      Array.isArray(ids) ? ids.filter((id): id is string => typeof id === 'string') : [],
    ]),
  )
}

const kinds = { tools: 'name', prompts: 'name', resources: 'uri', templates: 'uriTemplate' } as const

/** What the first list has and the second has not, as `kind/name`. */
export function missingFrom(all: Listing, some: Listing): string[] {
  return eachKind((kind) => {
    const there = new Set(some[kind].map((item) => item[kinds[kind]]))
    return all[kind].filter((item) => !there.has(item[kinds[kind]])).map((item) => `${kind}/${String(item[kinds[kind]])}`)
  }).flat()
}

/** The list, and those of the ids that it does not have, as `known` describes them. */
export function withHidden(list: Listing, known: Listing, ids: readonly string[]): Listing {
  const wanted = new Set(ids)
  const [tools, prompts, resources, templates] = eachKind((kind) => {
    const there = new Set(list[kind].map((item) => item[kinds[kind]]))
    const added = known[kind].filter((item) => !there.has(item[kinds[kind]]) && wanted.has(`${kind}/${String(item[kinds[kind]])}`))
    return [...list[kind], ...added]
  })
  return { tools, prompts, resources, templates }
}

/** `fresh`, with what is known already in place of what has the same content: all that was found out about it stays known. */
export function keepKnown(fresh: Listing, known: Listing): Listing {
  const kept = Object.fromEntries(
    eachKind((kind) => {
      const byHash = new Map(known[kind].map((definition) => [hashesOf(definition).whole, definition]))
      return [kind, fresh[kind].map((definition) => byHash.get(hashesOf(definition).whole) ?? definition)] as const
    }),
  ) as unknown as Listing
  const isSame = eachKind(
    (kind) => kept[kind].length === known[kind].length && kept[kind].every((one, place) => one === known[kind][place]),
  )
  return isSame.every((same) => same) ? known : kept
}

function eachKind<T>(of: (kind: keyof Listing) => T): [T, T, T, T] {
  return [of('tools'), of('prompts'), of('resources'), of('templates')]
}
