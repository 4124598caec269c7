import { hash, randomBytes } from 'node:crypto'
import { z } from 'zod'
import { historyEndRow, type RowStore } from '../../memory/index.ts'
import type { Message, Part } from '../../models/message.ts'
import type { Log } from '../log.ts'
import { createKeptEntries, type KeptEntriesOptions } from './kept-entries.ts'

/**
 * Which conversation a request goes on with, read off its history: for clients that do not say.
 *
 * A request belongs to the conversation whose last request it repeats and adds to. Two that began alike are one until they part:
 * whoever goes on first keeps the conversation, and the other gets one of its own, with the first as its parent. What begins
 * like a conversation that has gone on already is a new one. A client that changes what it sent before, such as one that
 * shortens its history, begins anew as well.
 */
export interface HistoryChain {
  follow(opening: Opening, messages: readonly Message[]): Promise<{ session: string; parent?: string }>
  forget(principal: string): Promise<void>
  close(): Promise<void>
}

/** What all requests of a conversation have in common before its first message. */
export interface Opening {
  readonly principal: string
  readonly system: string | undefined
  /** What the client says beside that. */
  readonly also: readonly (string | undefined)[]
}

const endSchema = z.object({
  session: z.string(),
  /** Whether a later request has repeated this one and added to it. */
  continued: z.boolean(),
})
type End = z.infer<typeof endSchema>

/** As long as what is known of a conversation. */
const keptMs = 7 * 86_400_000
/** How far back the store is searched for where an earlier request ended: the last one ended just before the newest answer. */
const endsSought = 16

export interface HistoryChainOptions extends Pick<KeptEntriesOptions<End>, 'mostEntries' | 'mostBytes' | 'writeAfterMs'> {}

export function createHistoryChain(
  rows: RowStore,
  clock: () => number,
  log: Pick<Log, 'warn'>,
  options: HistoryChainOptions = {},
): HistoryChain {
  const parse = (value: unknown) => endSchema.safeParse(value).data
  const limits = { mostEntries: 20_000, mostBytes: 8_000_000, ...options }
  const ends = createKeptEntries<End>({ rows, kind: historyEndRow, parse, keptMs, clock, log, ...limits })

  /** The newest of the places that is the end of an earlier request. */
  async function newestEnd(principal: string, places: readonly string[]): Promise<{ place: string; end: End } | undefined> {
    for (const place of places.toReversed()) {
      const end = ends.get(place)
      if (end !== undefined) return { place, end }
    }
    const sought = places.slice(-endsSought)
    const found = await ends.find(principal, sought)
    const place = sought.findLast((one) => found.has(one))
    const end = place === undefined ? undefined : found.get(place)
    return place === undefined || end === undefined ? undefined : { place, end }
  }

  return {
    async follow(opening, messages) {
      const { principal } = opening
      const places = placesOf(opening, messages)
      const here = places.at(-1) as string
      const known = await newestEnd(principal, places)
      if (known?.place === here && !known.end.continued) return { session: known.end.session }
      const isNew = known === undefined || known.place === here || known.end.continued
      const session = isNew ? createSession() : known.end.session
      if (!isNew) ends.set(principal, known.place, { ...known.end, continued: true })
      ends.set(principal, here, { session, continued: false })
      const isFork = isNew && known !== undefined && known.place !== here
      return isFork ? { session, parent: known.end.session } : { session }
    },

    forget: (principal) => ends.forget(principal, () => true),
    close: () => ends.close(),
  }
}

export const sessionPrefix = 'se_'

function createSession(): string {
  return sessionPrefix + randomBytes(24).toString('base64url')
}

/**
 * A hash of everything up to each place where a request can have ended: before each answer, and at the end. Each holds the one
 * before, so a message is hashed once.
 */
export function placesOf({ principal, system = '', also }: Opening, messages: readonly Message[]): string[] {
  let before = hash('sha256', JSON.stringify([principal, ...also.map((one) => one ?? null)]) + system, 'base64url')
  const places: string[] = []
  let wasAsked = false
  for (const { role, content } of messages) {
    if (role === 'assistant' && wasAsked) places.push(before)
    wasAsked = role === 'user'
    const said = content.map(textOf).join('')
    if (said !== '') before = hash('sha256', `${before}${role}${said}`, 'base64url')
  }
  places.push(before)
  return places
}

/**
 * What a client repeats unchanged, with its length in front so that two never read as one. Reasoning is not repeated by all, and
 * the places where the cache is asked for move on.
 */
function textOf(part: Part): string {
  switch (part.type) {
    case 'text':
      return `t${part.text.length} ${part.text}`
    case 'image':
    case 'file':
      return `f${part.data.length} ${sampleOf(part.data)}`
    case 'image-url':
      return `u${part.url.length} ${part.url}`
    case 'tool-call': {
      const input = JSON.stringify(part.input)
      return `c${part.id.length} ${part.id}${part.name.length} ${part.name}${input.length} ${input}`
    }
    case 'tool-result':
      return `r${part.id.length} ${part.id}${part.isError}${part.content.length} ${part.content.map(textOf).join('')}`
    case 'reasoning':
      return ''
  }
}

/** Of a large file its length, beginning, middle and end: they tell two apart, and hashing megabytes with each request costs more than it is worth. */
const wholeUpTo = 65_536
const sample = 16_384

function sampleOf(data: string): string {
  if (data.length <= wholeUpTo) return data
  const middle = Math.floor(data.length / 2)
  return data.slice(0, sample) + data.slice(middle, middle + sample) + data.slice(-sample)
}
