import type { Token } from './tokens.ts'
import { classesOf, type WordClass } from './word-lists.ts'

/** How often a word is met in English: 0 for the commonest, 4 for rare ones, 5 for those that are in no dictionary. */
export type RankOf = (folded: string) => number

export interface FeatureOptions {
  readonly rankOf: RankOf
  /** Leaves out the hints of the word lists for a word, so that training learns what stands around a name as well. */
  readonly leavesOut?: (() => boolean) | undefined
}

/** Features are numbered by a hash: two that share a number are few, and do little harm. */
export const featureBits = 16
const mask = (1 << featureBits) - 1

interface Seen {
  readonly word: number
  readonly shape: number
  readonly rank: number
  readonly classes: readonly number[]
  readonly isWord: boolean
  readonly prefixes: readonly number[]
  readonly suffixes: readonly number[]
}

const outside: Seen = { word: 1, shape: 1, rank: 9, classes: [], isWord: false, prefixes: [], suffixes: [] }
const around = 5

/** What each token shows: itself, its form, and what stands around it. */
export function featuresOf(tokens: readonly Token[], options: FeatureOptions): Uint32Array[] {
  const rows: number[][] = tokens.map(() => [])
  visitFeatures(tokens, options, (index, feature) => rows[index]?.push(feature))
  return rows.map((row) => Uint32Array.from(row))
}

/** The same one by one, token after token: a list of them costs more than what is made of it. */
export function visitFeatures(
  tokens: readonly Token[],
  { rankOf, leavesOut }: FeatureOptions,
  visit: (index: number, feature: number) => void,
): void {
  // The same word shows the same wherever it stands, unless hints are left out by chance.
  const isFixed = leavesOut === undefined
  const caseless = isCaseless(tokens) ? 1 : 0
  const hints = ({ folded }: Token) => (leavesOut?.() === true ? [] : classesOf(folded))
  const known = new Map<string, Seen>()
  const seen = tokens.map((token) => {
    const before = isFixed ? known.get(token.text) : undefined
    if (before !== undefined) return before
    const made = look(token, rankOf, hints)
    known.set(token.text, made)
    return made
  })
  const lines = linesOf(tokens)
  for (let index = 0; index < tokens.length; index += 1) {
    const at = (offset: number) => seen[index + offset] ?? outside
    const [a, b, c, d, e] = [at(-2), at(-1), at(0), at(1), at(2)]
    // One function for any number of values would make a list for each feature.
    const add = (kind: number, value: number) => {
      visit(index, numbered(mixed(seedOf(kind) ^ value)))
    }
    const addTwo = (kind: number, one: number, two: number) => {
      visit(index, numbered(mixed(mixed(seedOf(kind) ^ one) ^ two)))
    }
    const addThree = (kind: number, one: number, two: number, three: number) => {
      visit(index, numbered(mixed(mixed(mixed(seedOf(kind) ^ one) ^ two) ^ three)))
    }
    add(0, 0)
    add(1, c.word)
    add(2, b.word)
    add(3, d.word)
    add(4, a.word)
    add(5, e.word)
    addTwo(6, b.word, c.word)
    addTwo(7, c.word, d.word)
    addTwo(8, a.word, b.word)
    addTwo(9, b.word, d.word)
    addTwo(10, c.shape, caseless)
    addTwo(11, b.shape, c.shape)
    addTwo(12, c.shape, d.shape)
    addThree(13, b.shape, c.shape, d.shape)
    addThree(14, a.shape, b.shape, c.shape)
    addThree(15, c.shape, d.shape, e.shape)
    addTwo(16, c.rank, c.shape)
    addThree(17, b.rank, c.rank, d.rank)
    addTwo(18, b.word, c.shape)
    addTwo(19, b.word, c.rank)
    addThree(20, a.word, b.word, c.shape)
    addTwo(21, d.word, c.shape)
    addThree(22, d.word, e.word, c.shape)
    for (const one of c.prefixes) add(23, one)
    for (const one of c.suffixes) add(24, one)
    for (const one of c.classes) {
      add(25, one)
      addTwo(26, one, c.shape)
      addThree(27, one, b.shape, d.shape)
      addTwo(28, one, b.word)
      addTwo(29, one, d.word)
    }
    for (const one of b.classes) {
      addTwo(30, one, c.shape)
      addTwo(31, one, c.rank)
      for (const two of c.classes) addTwo(32, one, two)
    }
    for (const one of d.classes) {
      addTwo(33, one, c.shape)
      addTwo(34, one, c.rank)
      for (const two of c.classes) addTwo(35, one, two)
    }
    for (const one of a.classes) addTwo(36, one, c.shape)
    for (const one of e.classes) addTwo(37, one, c.shape)
    for (let offset = 1; offset <= around; offset += 1) {
      const before = at(-offset)
      const after = at(offset)
      if (before.isWord) add(38, before.word)
      if (after.isWord) add(39, after.word)
      for (const one of before.classes) addTwo(40, one, c.isWord ? 1 : 0)
      for (const one of after.classes) addTwo(41, one, c.isWord ? 1 : 0)
    }
    const line = lines[index]
    if (line !== undefined) {
      addTwo(42, line.position, c.shape)
      addThree(43, line.length, line.position, c.shape)
      addTwo(44, line.before, c.shape)
      addTwo(45, line.first, c.shape)
    }
  }
}

function look(token: Token, rankOf: RankOf, hints: (token: Token) => readonly WordClass[]): Seen {
  const { text, folded } = token
  const isWord = /\p{L}/u.test(text)
  const ends = isWord ? [2, 3, 4].filter((length) => folded.length > length) : []
  return {
    word: hashOf(folded),
    shape: hashOf(shapeOf(text)),
    rank: isWord ? rankOf(folded) : 8,
    classes: (isWord ? hints(token) : []).map(hashOf),
    isWord,
    prefixes: ends.slice(0, 2).map((length) => hashOf(`${length}<${folded.slice(0, length)}`)),
    suffixes: ends.map((length) => hashOf(`${length}>${folded.slice(-length)}`)),
  }
}

function shapeOf(text: string): string {
  if (/^\d/.test(text)) return `d${Math.min(text.length, 6)}`
  if (!/\p{L}/u.test(text)) return text
  if (text.length === 1) return /\p{Lu}/u.test(text) ? 'X.' : 'x.'
  if (/^\p{Lu}[\p{Lu}\p{M}'’-]+$/u.test(text)) return text.length < 4 ? 'XX' : 'XXXX'
  if (/^\p{Lu}/u.test(text)) return /[-'’]/.test(text) ? 'Xx-Xx' : /\p{Ll}\p{Lu}/u.test(text) ? 'XxXx' : text.length < 4 ? 'Xx' : 'Xxxx'
  return /^\p{Ll}/u.test(text) ? (/\p{Lu}/u.test(text) ? 'xX' : text.length < 4 ? 'xx' : 'xxxx') : 'o'
}

/** A text without capital letters shows its names in other ways. */
function isCaseless(tokens: readonly Token[]): boolean {
  return !tokens.some(({ text }) => /\p{Lu}\p{Ll}/u.test(text))
}

/** Where in its line a token stands, how long the line is, and how it begins: addresses and signatures are short lines. */
function linesOf(tokens: readonly Token[]) {
  const facts: { position: number; length: number; before: number; first: number }[] = []
  let start = 0
  let before = 0
  for (let index = 0; index <= tokens.length; index += 1) {
    if (index < tokens.length && tokens[index]?.text !== '\n') continue
    const length = index - start
    const size = length < 3 ? 1 : length < 6 ? 2 : length < 12 ? 3 : 4
    const first = hashOf(tokens[start]?.folded ?? '')
    for (let at = start; at <= index && at < tokens.length; at += 1) {
      const position = at === start ? 1 : at === index - 1 ? 2 : 3
      facts[at] = { position, length: size, before, first }
    }
    before = size
    start = index + 1
  }
  return facts
}

function seedOf(kind: number): number {
  return Math.imul(kind + 1, 0x9e3779b1)
}

function numbered(hash: number): number {
  return (mixed(hash) >>> 3) & mask
}

export function hashOf(text: string): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193)
  return mixed(hash)
}

function mixed(value: number): number {
  let hash = value ^ (value >>> 16)
  hash = Math.imul(hash, 0x7feb352d)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x846ca68b)
  return hash ^ (hash >>> 16)
}
