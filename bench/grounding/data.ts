import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { claimsOf } from '../../models/local/grounding/claims.ts'
import { chanceOf } from '../../policies/index.ts'
import { read, sha1 } from '../tool-search/data.ts'
import { type Change, changesOf } from './changes.ts'

/** A sentence beside the texts that it may or may not be borne by. */
export interface GroundingExample {
  readonly sources: readonly string[]
  /** What the person said: it bears nothing. */
  readonly asked?: string | undefined
  readonly claim: string
  readonly isBorne: boolean
  readonly set: 'paraphrase' | 'documents' | 'memory' | 'tools' | 'written'
  /** What was done to a sentence that is not borne; `as said` of one that is. */
  readonly change: Change['kind'] | 'elsewhere' | 'as said' | 'written'
  readonly part: 'training' | 'development' | 'held out'
}

/** By the first hex digit of SHA-1: half trains, a quarter sets thresholds, a quarter is reported. */
function partOf(group: string): GroundingExample['part'] {
  const digit = Number.parseInt(sha1(`grounding ${group}`).slice(0, 1), 16)
  return digit < 8 ? 'training' : digit < 12 ? 'development' : 'held out'
}

export function groundingExamples(): GroundingExample[] {
  return [...documents(), ...memories(), ...tools(), ...written()]
}

const documentSentences = 10

/**
 * GPTCache's mock data (MIT): ten sentences of a documentation as they stand are the source; the claim is a paraphrase of one of them
 * (`paraphrase`), or the sentence itself (`documents`), or either with something changed, or another paragraph's of the same length.
 */
function documents(): GroundingExample[] {
  const pairs = rows<{ id: string; a: string; b: string; equivalent: boolean }>('gptcache-mock/pairs.jsonl').filter(
    ({ equivalent }) => equivalent,
  )
  const blocks = chunked(pairs, documentSentences)
  return blocks.flatMap((block, place) => {
    const part = partOf(`documents ${place}`)
    const others = blocks
      .filter((_, other) => other !== place && Math.abs(other - place) > 1 && partOf(`documents ${other}`) === part)
      .flat()
    const sources = [block.map(({ a }) => a).join('\n')]
    const here = new Set(block.flatMap(({ a, b }) => [a, b]))
    const turned = {
      sources: [block.map(({ b }) => b).join('\n')],
      set: 'paraphrase' as const,
      part,
      others: others.map(({ a }) => a).filter((one) => !here.has(one)),
    }
    return block.flatMap((row) => [
      // What trains is seen from both sides.
      ...(part === 'training' ? variantsOf(row.a, turned) : []),
      ...(['paraphrase', 'documents'] as const).flatMap((set) => {
        const said = set === 'paraphrase' ? row.b : row.a
        return variantsOf(said, {
          sources,
          set,
          part,
          others: others.map((one) => (set === 'paraphrase' ? one.b : one.a)).filter((one) => !here.has(one)),
        })
      }),
    ])
  })
}

/** What people told an assistant over several sessions (BFCL, Apache-2.0), said of them in the third person. */
function memories(): GroundingExample[] {
  const turns = rows<{ scenario: string; session: string; role: string; text: string }>('bfcl-memory/turns.jsonl')
  const sessions = Map.groupBy(turns, ({ session }) => session)
  const told = new Map(
    [...sessions].map(([session, all]) => [session, all.flatMap(({ text }) => claimsOf(text).map(({ text: said }) => said))]),
  )
  return [...sessions].flatMap(([session, all]) => {
    const part = partOf(`memory ${session}`)
    const others = [...told]
      .flatMap(([other, said]) => (other !== session && partOf(`memory ${other}`) === part ? said : []))
      .map(ofTheUser)
    const sources = all.map(({ text }) => text)
    const said = (told.get(session) ?? []).filter((text) => text.length > 40 && text.length < 300)
    return pick(said, 6, session).flatMap((text) => variantsOf(ofTheUser(text), { sources, set: 'memory', part, others }))
  })
}

function ofTheUser(text: string): string {
  const spoken: readonly (readonly [RegExp, string])[] = [
    [/\bI['’]m\b/g, 'the user is'],
    [/\bI['’]ve\b/g, 'the user has'],
    [/\bI['’]d\b/g, 'the user would'],
    [/\bI['’]ll\b/g, 'the user will'],
    [/\bI am\b/g, 'the user is'],
    [/\bI was\b/g, 'the user was'],
    [/\bI have\b/g, 'the user has'],
    [/\bI\b/g, 'the user'],
    [/\b[Mm]y\b/g, 'their'],
    [/\b(?:me|myself)\b/g, 'them'],
    [/\b[Ww]e\b/g, 'they'],
    [/\b[Oo]ur\b/g, 'their'],
  ]
  const result = spoken.reduce((one, [pattern, instead]) => one.replaceAll(pattern, instead), text)
  return `${result.slice(0, 1).toUpperCase()}${result.slice(1)}`
}

interface Trajectory {
  readonly id: string
  readonly messages: readonly { readonly role: string; readonly content?: string | null }[]
}

/** What an assistant said of what its tools had answered (τ-bench, MIT): its own words, over JSON. */
function tools(): GroundingExample[] {
  const trajectories = rows<Trajectory>('tau-bench/trajectories_gpt4o_airline.jsonl.gz')
  const saidIn = new Map<string, { sources: string[]; asked: string; claim: string }[]>()
  for (const { id, messages } of trajectories) {
    const sources: string[] = []
    const said: { sources: string[]; asked: string; claim: string }[] = []
    let asked = ''
    for (const { role, content } of messages) {
      if (role === 'tool' && content) sources.push(content)
      if (role === 'user' && content) asked = `${asked}\n${content}`
      if (role !== 'assistant' || !content || sources.length === 0) continue
      for (const { text } of claimsOf(content)) {
        const claim = text.replaceAll(/\*\*|^\s*[-*]\s+|^\s*\d+\.\s+/g, '').trim()
        // Only what names something can be looked up; what the user asked for is not in the results.
        if (/\d/.test(claim) && claim.length > 30 && claim.length < 300 && !/\byou(?:r)?\b.*\b(?:want|like|request|ask)/i.test(claim))
          said.push({ sources: sources.slice(-12), asked, claim })
      }
    }
    saidIn.set(id, pick(said, 10, id))
  }
  return [...saidIn].flatMap(([id, said]) => {
    const part = partOf(`tools ${id}`)
    const others = [...saidIn].flatMap(([other, all]) =>
      other !== id && partOf(`tools ${other}`) === part ? all.map(({ claim }) => claim) : [],
    )
    return said.flatMap(({ claim, sources, asked }) => variantsOf(claim, { sources, asked, set: 'tools', part, others }))
  })
}

/** Our own: results of tools and texts of many kinds, each with sentences in other words that hold, and others that look like them. */
function written(): GroundingExample[] {
  const file = fileURLToPath(new URL('../../scripts/grounding/written.jsonl', import.meta.url))
  return parse<{ source: string; true: string[]; false: string[] }>(readFileSync(file, 'utf8')).flatMap(
    ({ source, true: borne, false: not }, place) => {
      const part = partOf(`written ${place}`)
      const shared = { sources: [source], set: 'written' as const, part }
      return [
        ...borne.map((claim) => ({ ...shared, claim, isBorne: true, change: 'as said' as const })),
        ...not.map((claim) => ({ ...shared, claim, isBorne: false, change: 'written' as const })),
      ]
    },
  )
}

interface Around extends Pick<GroundingExample, 'sources' | 'asked' | 'set' | 'part'> {
  /** Sentences of other sources. */
  readonly others: readonly string[]
}

/** A sentence that holds, and of its changes one, and another source's of nearly its length: as many as can be made, one of what is measured. */
function variantsOf(said: string, { sources, asked, set, part, others }: Around): GroundingExample[] {
  const base = { sources, asked, set, part }
  const chance = chanceOf(`${set} ${said}`)
  const changes = changesOf(said, { others, chance })
  // What trains may be changed in every way; what is measured in one.
  const changed = changes.length === 0 || part === 'training' ? changes : [changes[Math.floor(chance() * changes.length)] as Change]
  const elsewhere = others
    .filter((one) => Math.abs(one.length - said.length) <= Math.max(4, said.length * 0.08))
    .toSorted((left, right) => hash(said + left) - hash(said + right))
    .slice(0, chance() < 0.4 || changed.length === 0 ? 1 : 0)
  if (changed.length + elsewhere.length === 0) return []
  return [
    { ...base, claim: said, isBorne: true, change: 'as said' },
    ...changed.map(({ kind, text }) => ({ ...base, claim: text, isBorne: false, change: kind })),
    ...elsewhere.map((claim) => ({ ...base, claim, isBorne: false, change: 'elsewhere' as const })),
  ]
}

function hash(text: string): number {
  return Number.parseInt(sha1(text).slice(0, 8), 16)
}

function pick<One>(all: readonly One[], most: number, seed: string): One[] {
  const chance = chanceOf(`pick ${seed}`)
  return all
    .map((one) => ({ one, at: chance() }))
    .toSorted((a, b) => a.at - b.at)
    .slice(0, most)
    .map(({ one }) => one)
}

function chunked<One>(all: readonly One[], size: number): One[][] {
  return Array.from({ length: Math.floor(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size))
}

function rows<Row>(path: string): Row[] {
  return read(path) as unknown[] as Row[]
}

function parse<Row>(text: string): Row[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
}
