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
export function featuresOf(tokens: readonly Token[], { rankOf, leavesOut }: FeatureOptions): Uint32Array[] {
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
  return tokens.map((_, index) => {
    const at = (offset: number) => seen[index + offset] ?? outside
    const [a, b, c, d, e] = [at(-2), at(-1), at(0), at(1), at(2)]
    const found: number[] = []
    const add = (kind: number, ...values: number[]) => {
      let hash = Math.imul(kind + 1, 0x9e3779b1)
      for (const value of values) hash = mixed(hash ^ value)
      found.push((mixed(hash) >>> 3) & mask)
    }
    add(0, 0)
    add(1, c.word)
    add(2, b.word)
    add(3, d.word)
    add(4, a.word)
    add(5, e.word)
    add(6, b.word, c.word)
    add(7, c.word, d.word)
    add(8, a.word, b.word)
    add(9, b.word, d.word)
    add(10, c.shape, caseless)
    add(11, b.shape, c.shape)
    add(12, c.shape, d.shape)
    add(13, b.shape, c.shape, d.shape)
    add(14, a.shape, b.shape, c.shape)
    add(15, c.shape, d.shape, e.shape)
    add(16, c.rank, c.shape)
    add(17, b.rank, c.rank, d.rank)
    add(18, b.word, c.shape)
    add(19, b.word, c.rank)
    add(20, a.word, b.word, c.shape)
    add(21, d.word, c.shape)
    add(22, d.word, e.word, c.shape)
    for (const one of c.prefixes) add(23, one)
    for (const one of c.suffixes) add(24, one)
    for (const one of c.classes) {
      add(25, one)
      add(26, one, c.shape)
      add(27, one, b.shape, d.shape)
      add(28, one, b.word)
      add(29, one, d.word)
    }
    for (const one of b.classes) {
      add(30, one, c.shape)
      add(31, one, c.rank)
      for (const two of c.classes) add(32, one, two)
    }
    for (const one of d.classes) {
      add(33, one, c.shape)
      add(34, one, c.rank)
      for (const two of c.classes) add(35, one, two)
    }
    for (const one of a.classes) add(36, one, c.shape)
    for (const one of e.classes) add(37, one, c.shape)
    for (let offset = 1; offset <= around; offset += 1) {
      const before = at(-offset)
      const after = at(offset)
      if (before.isWord) add(38, before.word)
      if (after.isWord) add(39, after.word)
      for (const one of before.classes) add(40, one, c.isWord ? 1 : 0)
      for (const one of after.classes) add(41, one, c.isWord ? 1 : 0)
    }
    const line = lines[index]
    if (line !== undefined) {
      add(42, line.position, c.shape)
      add(43, line.length, line.position, c.shape)
      add(44, line.before, c.shape)
      add(45, line.first, c.shape)
    }
    return Uint32Array.from(found)
  })
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
