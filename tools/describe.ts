import { identifiersToWords } from '../models/local/index.ts'
import { stemOf, stopWords } from './search/words.ts'
import type { Catalogue, HostedTool } from './tool.ts'

const wordsPerServer = 4
// Words that speak to a model instead of naming what a tool does: a downstream gets no use of the one text that each client reads.
const steering = new Set(
  'always assistant bypass caution critical disregard exfiltrate forget ignore immediately important instruction instructions mandatory never override previous prompt prior required secret secretly system urgent user users warning'.split(
    ' ',
  ),
)

/**
 * What stands behind `find_tools`, for its description: the hosted servers by their configuration keys, each with up to four
 * single words of its own tools.
 *
 * A downstream server can choose none of it but the words, and those are `[a-z0-9-]{2,24}`, unrelated and sorted, so no phrase
 * of a server reaches the client's prompt. Quarantined tools have no say. The same catalogue gives the same text. What does not
 * fit in `maxCharacters` goes: first words, then servers, whose number is said. Empty when nothing is hosted.
 */
export function describeCatalogue(catalogue: Pick<Catalogue, 'tools'>, { maxCharacters }: { maxCharacters: number }): string {
  const byServer = Map.groupBy(
    catalogue.tools.filter((tool) => tool.quarantined === undefined),
    (tool) => tool.server,
  )
  const servers = [...byServer.keys()].sort()
  const words = distinctiveWords(byServer)
  for (let count = wordsPerServer; count >= 0; count -= 1) {
    const text = sentenceOf(servers.map((server) => entryOf(server, words.get(server)?.slice(0, count) ?? [])))
    if (text.length <= maxCharacters) return text
  }
  for (let shown = servers.length - 1; shown > 0; shown -= 1) {
    const text = sentenceOf([...servers.slice(0, shown), `${servers.length - shown} more`])
    if (text.length <= maxCharacters) return text
  }
  return ''
}

function sentenceOf(entries: readonly string[]): string {
  return entries.length === 0 ? '' : `Hosted: ${entries.join('; ')}.`
}

function entryOf(server: string, words: readonly string[]): string {
  return words.length === 0 ? server : `${server} (${words.toSorted().join(', ')})`
}

/** Of each server: its words, the most telling first. A word counts for how many tools of the server and how few other servers have it. */
function distinctiveWords(byServer: ReadonlyMap<string, readonly HostedTool[]>): Map<string, string[]> {
  const counted = new Map([...byServer].map(([server, tools]) => [server, countWords(server, tools)]))
  const servers = new Map<string, number>()
  for (const words of counted.values()) for (const stem of words.keys()) servers.set(stem, (servers.get(stem) ?? 0) + 1)
  return new Map(
    [...counted].map(([server, words]) => {
      const worth = (stem: string, count: number) => count * Math.log((byServer.size + 1) / (servers.get(stem) ?? 1))
      const ranked = [...words].map(([stem, { word, count }]) => ({ word, worth: worth(stem, count) }))
      ranked.sort((a, b) => b.worth - a.worth || (a.word < b.word ? -1 : 1))
      return [server, ranked.slice(0, wordsPerServer).map(({ word }) => word)]
    }),
  )
}

interface Counted {
  word: string
  count: number
}

/** By stem, so that `file` and `files` are one; the shortest form is shown. A word of a name counts three times, one of a description once. */
function countWords(server: string, tools: readonly HostedTool[]): Map<string, Counted> {
  const known = new Set(identifiersToWords(server).split(' ').map(stemOf))
  const counted = new Map<string, Counted>()
  for (const tool of tools) {
    const inName = showable(tool.tool)
    const inDescription = showable(tool.description.slice(0, 200))
    for (const word of new Set([...inName, ...inDescription])) {
      const stem = stemOf(word)
      if (known.has(stem)) continue
      const old = counted.get(stem)
      const count = (old?.count ?? 0) + (inName.has(word) ? 3 : 1)
      counted.set(stem, {
        count,
        word: old && (old.word.length < word.length || (old.word.length === word.length && old.word < word)) ? old.word : word,
      })
    }
  }
  return counted
}

function showable(text: string): Set<string> {
  const words = identifiersToWords(text).match(/[\p{L}\p{N}]+/gu) ?? []
  return new Set(words.filter((word) => /^(?=.*[a-z])[a-z0-9]{2,24}$/.test(word) && !stopWords.has(word) && !steering.has(word)))
}

// What shows nothing: zero-width, bidi, tags, variation selectors and fillers, controls, private use, lone surrogates, the blank braille cell.
const invisible = /(?![\t\n])[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Cc}\p{Co}\p{Cs}\u2800]/gu

/** `text` without the characters that a person does not see and a model reads. */
export function stripInvisible(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(invisible, '')
}

/** A downstream's description as `find_tools` shows it: nothing invisible, at most `max` characters, an ellipsis where it was cut. */
export function cleanDescription(text: string, max = 1000): string {
  // Cut before and after: a description of megabytes is not read to its end, and one padded with invisible text is still shown.
  const visible = stripInvisible(text.slice(0, max * 20)).trim()
  if (visible.length <= max) return visible
  return `${visible.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`
}

const signatureCharacters = 240
const shownEnumValues = 6

/**
 * A call signature such as `path: string, tail?: number` for a hit that is shown in brief: required members first, in the
 * schema's order. Never longer than `max`; what was left out is an ellipsis. Any value is taken: a schema is what a server sent.
 */
export function signatureOf(inputSchema: unknown, max = signatureCharacters): string {
  const schema = asObject(inputSchema)
  const members = membersOf(schema, schema ?? {}, 0)
  let text = ''
  for (const member of members) {
    const longer = text === '' ? member : `${text}, ${member}`
    if (longer.length > max - 3) return text === '' ? '…' : `${text}, …`
    text = longer
  }
  return text
}

function* membersOf(schema: Schema | undefined, root: Schema, depth: number): Generator<string> {
  const properties = Object.entries(asObject(schema?.['properties']) ?? {})
  const list = schema?.['required']
  const required = new Set(Array.isArray(list) ? list : [])
  for (const needed of [true, false]) {
    for (const [name, property] of properties) {
      if (required.has(name) === needed) yield `${memberName(name)}${needed ? '' : '?'}: ${typeOf(property, root, depth + 1)}`
    }
  }
}

type Schema = Record<string, unknown>

function typeOf(schema: unknown, root: Schema, depth: number): string {
  const found = resolve(schema, root)
  if (!found || depth > 4) return 'any'
  const choices = found['enum'] ?? (found['const'] === undefined ? undefined : [found['const']])
  if (Array.isArray(choices)) return union(choices.slice(0, 50).map(literal), shownEnumValues)
  const branches = found['anyOf'] ?? found['oneOf']
  if (Array.isArray(branches))
    return union(
      branches.slice(0, shownEnumValues + 1).map((branch) => typeOf(branch, root, depth + 1)),
      shownEnumValues,
    )
  const type = found['type']
  if (Array.isArray(type))
    return union(
      type.slice(0, shownEnumValues + 1).map((one) => typeOf({ ...found, type: one }, root, depth + 1)),
      shownEnumValues,
    )
  if (type === 'array' || found['items'] !== undefined) {
    const item = typeOf(found['items'], root, depth + 1)
    return item.includes('|') ? `(${item})[]` : `${item}[]`
  }
  if (type === 'object' || found['properties'] !== undefined) return objectType(found, root, depth)
  return typeof type === 'string' && /^[a-z]{1,10}$/.test(type) ? type : 'any'
}

const shownMembers = 6

function objectType(schema: Schema, root: Schema, depth: number): string {
  const members = membersOf(schema, root, depth)
    .take(shownMembers + 1)
    .toArray()
  if (members.length === 0) return 'object'
  return `{${members.slice(0, shownMembers).join(', ')}${members.length > shownMembers ? ', …' : ''}}`
}

/** Follows references into the schema itself, a few deep: a circle ends as `any`. */
function resolve(schema: unknown, root: Schema): Schema | undefined {
  let found = asObject(schema)
  for (let hops = 0; found && typeof found['$ref'] === 'string'; hops += 1) {
    if (hops === 4 || !found['$ref'].startsWith('#/')) return undefined
    const path = found['$ref'].slice(2).split('/')
    found = asObject(path.reduce<unknown>((value, key) => asObject(value)?.[key.replaceAll('~1', '/').replaceAll('~0', '~')], root))
  }
  return found
}

function union(types: readonly string[], shown: number): string {
  const different = [...new Set(types)]
  return different.length > shown ? `${different.slice(0, shown).join(' | ')} | …` : different.join(' | ') || 'any'
}

function literal(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value))
  return typeof value === 'number' || typeof value === 'boolean' || value === null ? String(value) : 'object'
}

function memberName(name: string): string {
  return /^[\w$-]{1,40}$/.test(name) ? name : JSON.stringify(shorten(name))
}

function shorten(text: string): string {
  return cleanDescription(text, 40).replace(/\s+/g, ' ')
}

function asObject(value: unknown): Schema | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Schema) : undefined
}
