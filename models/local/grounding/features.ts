import { dot, type Embedder, type WordVectors } from '../../embedder.ts'
import { differencesOf, type Facts, factsOf } from '../pairs/differences.ts'
import { stemOf } from '../pairs/stem.ts'
import { alignmentFeatures, alignWords } from '../word-alignment.ts'
import type { Evidence } from './evidence.ts'
import { type Exact, exactIn } from './exact.ts'
import { oppositesOf } from './opposites.ts'

/** What the head weighs, in this order. None of them looks for the claim word for word in its sources. */
export const claimFeatures = [
  'cosine_best',
  'cosine_window',
  'cosine_chosen',
  'cosine_gap',
  'coverage_best',
  'coverage_window',
  'coverage_all',
  'uncovered_window',
  'uncovered_all',
  'soft_coverage',
  'soft_worst',
  'soft_second_worst',
  'soft_worst_all',
  'gain_without_worst',
  'gain_without_second',
  'gain_without_mean',
  'quantities_missing_window',
  'quantities_missing',
  'counts_missing_window',
  'codes_missing_window',
  'codes_missing',
  'names_missing_window',
  'names_missing',
  'units_differ',
  'anchor_context',
  'anchor_pairs',
  'anchor_neighbours',
  'negation_differs',
  'negation_claimed',
  'opposite',
  'direction_differs',
  'order_agreement',
  'length',
  'pieces',
  ...alignmentFeatures,
] as const

export interface ClaimReading {
  readonly features: readonly number[]
  /** What must stand in a source exactly, and stands in none; `5 kg` for a number that stands there with another unit alone. */
  readonly missing: readonly string[]
}

type Embed = (texts: readonly string[]) => Promise<readonly Float32Array[]>

/** What reads texts and words. */
interface Reader {
  readonly embed: Embed
  readonly embedWords: (texts: readonly string[]) => Promise<readonly WordVectors[]>
}

/** `undefined` where the embedder knows whole texts alone. */
export function readerOf({ embed, embedWords }: Pick<Embedder, 'embed' | 'embedWords'>, signal?: AbortSignal): Reader | undefined {
  const options = { signal, priority: 'query' as const }
  return embedWords && { embed: (texts) => embed(texts, options), embedWords: (texts) => embedWords(texts, options) }
}

interface ReadPiece {
  readonly text: string
  /** In lower case, numbers without their commas. */
  readonly plain: string
  readonly source: number
  readonly facts: Facts
  readonly words: ReadonlySet<string>
  /** All words as they are written, in lower case. */
  readonly spelled: ReadonlySet<string>
  readonly exact: Exact
  readonly vector: Float32Array
}

const windowPieces = 3
const mostClaimWords = 24
const mostWindowWords = 80
const mostTriedWords = 6

/**
 * Reads each claim beside the sources: with its best piece, with the best three in a row, and with all of them. What was `asked` bears
 * nothing, but its numbers and names may be said again.
 */
export async function readClaims(
  claims: readonly string[],
  { evidence: { pieces }, asked = '' }: { readonly evidence: Evidence; readonly asked?: string | undefined },
  { embed, embedWords }: Reader,
): Promise<ClaimReading[]> {
  if (claims.length === 0) return []
  const texts = [...new Set([...claims, ...pieces.map(({ text }) => text)])]
  const all = await embed(texts)
  const vectors = new Map(texts.map((text, at) => [text, all[at] as Float32Array]))
  const read = pieces.map(({ text, source }): ReadPiece => {
    const facts = factsOf(text)
    return {
      text,
      plain: plainOf(text),
      source,
      facts,
      words: wordsIn(facts),
      spelled: spelledIn(text),
      exact: exactIn(text),
      vector: vectors.get(text) as Float32Array,
    }
  })
  const windows = windowsOf(read)
  const whole = joined(read, asked)
  const chosen = claims.map((claim) => choose(claim, vectors.get(claim) as Float32Array, read, windows))
  const needed = new Set(
    chosen.flatMap(({ uncovered, window }) =>
      uncovered.length === 0 ? [] : [...uncovered, ...plainWords(window).slice(0, mostWindowWords)],
    ),
  )
  const wordVectors = await vectorsOfWords([...needed], embed)
  const tried = chosen.map(({ claim, uncovered }) => uncovered.slice(0, mostTriedWords).map((word) => withoutWord(claim, word)))
  const triedTexts = [...new Set(tried.flat())]
  const triedVectors = triedTexts.length === 0 ? [] : await embed(triedTexts)
  const vectorOf = new Map(triedTexts.map((text, at) => [text, triedVectors[at] as Float32Array]))
  const inside = (one: Chosen) => one.window?.pieces.map(({ text }) => text) ?? []
  const wordedTexts = [...new Set(chosen.flatMap((one) => [one.claim, ...inside(one)]))]
  const worded = await embedWords(wordedTexts)
  const wordsOf = new Map(wordedTexts.map((text, at) => [text, worded[at] as WordVectors]))
  return chosen.map((one, at) => {
    const gains = (tried[at] ?? []).map((text) => gainOf(one, vectorOf.get(text) as Float32Array))
    const there = inside(one).map((text) => wordsOf.get(text) as WordVectors)
    const aligned = alignWords(wordsOf.get(one.claim) as WordVectors, {
      words: there.flatMap(({ words }) => words),
      vectors: there.flatMap(({ vectors }) => vectors),
    })
    return reading(one, read, windows, whole, { wordVectors, gains, aligned })
  })
}

/** The claim without one of its words: where the word is made up, the rest comes nearer to the source. */
function withoutWord(claim: string, word: string): string {
  const left = claim.replace(new RegExp(`(?<![\\p{L}\\p{N}])${escaped(word)}(?![\\p{L}\\p{N}])`, 'iu'), ' ')
  return /[\p{L}\p{N}]/u.test(left) ? left.replaceAll(/\s+/g, ' ').trim() : claim
}

function escaped(word: string): string {
  return word.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
}

function gainOf({ piece, vector }: Chosen, without: Float32Array): number {
  return piece === undefined ? 0 : dot(without, piece.vector) - dot(vector, piece.vector)
}

interface Window {
  readonly pieces: readonly ReadPiece[]
  readonly words: ReadonlySet<string>
  readonly vector: Float32Array
}

/** Up to three pieces in a row, of one source. */
function windowsOf(pieces: readonly ReadPiece[]): Window[] {
  return pieces.map((_, start) => {
    const inside = pieces.slice(start, start + windowPieces).filter(({ source }) => source === pieces[start]?.source)
    return { pieces: inside, words: new Set(inside.flatMap(({ words }) => [...words])), vector: meanVector(inside) }
  })
}

function meanVector(pieces: readonly ReadPiece[]): Float32Array {
  const sum = new Float32Array(pieces[0]?.vector.length ?? 0)
  for (const { vector } of pieces) for (let at = 0; at < sum.length; at += 1) sum[at] = (sum[at] ?? 0) + (vector[at] ?? 0)
  const length = Math.sqrt(dot(sum, sum)) || 1
  return sum.map((value) => value / length)
}

interface Whole extends Exact {
  readonly words: ReadonlySet<string>
  readonly spelled: ReadonlySet<string>
  readonly text: string
}

function joined(pieces: readonly ReadPiece[], asked = ''): Whole {
  const own = exactIn(asked)
  const union = (of: (exact: Exact) => ReadonlySet<string>) => new Set([...of(own), ...pieces.flatMap(({ exact }) => [...of(exact)])])
  const units = new Map<string, Set<string>>()
  for (const { exact } of pieces) for (const [key, unit] of exact.units) units.set(key, new Set([...(units.get(key) ?? []), ...unit]))
  return {
    words: new Set(pieces.flatMap(({ words }) => [...words])),
    spelled: new Set([...spelledIn(asked), ...pieces.flatMap(({ spelled }) => [...spelled])]),
    text: [asked.toLowerCase(), ...pieces.map(({ text }) => text.toLowerCase())].join('\n'),
    quantities: union(({ quantities }) => quantities),
    counts: union(({ counts }) => counts),
    codes: union(({ codes }) => codes),
    names: union(({ names }) => names),
    units,
  }
}

interface Chosen {
  readonly claim: string
  readonly vector: Float32Array
  readonly facts: Facts
  readonly words: readonly string[]
  readonly exact: Exact
  readonly piece: ReadPiece | undefined
  readonly window: Window | undefined
  /** Content words, as written, that the best window has not. */
  readonly uncovered: readonly string[]
  readonly whole: readonly string[]
}

function choose(claim: string, vector: Float32Array, pieces: readonly ReadPiece[], windows: readonly Window[]): Chosen {
  const facts = factsOf(claim)
  const words = [...wordsIn(facts)].slice(0, mostClaimWords)
  const piece = best(pieces, (one) => dot(one.vector, vector) + share(words, one.words))
  const window = best(windows, (one) => dot(one.vector, vector) + share(words, one.words) - 0.01 * one.pieces.length)
  const texts = new Map(facts.words.map(({ text, meaning }) => [meaning, text]))
  const written = words.map((word) => texts.get(word) ?? word)
  const uncovered = words.flatMap((word, at) => (window?.words.has(word) ? [] : [written[at] ?? word]))
  return { claim, vector, facts, words, exact: exactIn(claim), piece, window, uncovered, whole: written }
}

function reading(
  { claim, vector, facts, words, exact, piece, window, whole: written }: Chosen,
  pieces: readonly ReadPiece[],
  windows: readonly Window[],
  all: Whole,
  { wordVectors, gains, aligned }: { wordVectors: ReadonlyMap<string, Float32Array>; gains: readonly number[]; aligned: readonly number[] },
): ClaimReading {
  if (piece === undefined || window === undefined) return { features: claimFeatures.map(() => 0), missing: [] }
  const inWindow = joined(window.pieces)
  const cosines = pieces.map((one) => dot(one.vector, vector)).toSorted((a, b) => b - a)
  const others = plainWords(window)
  const soft = words.map((word, at) => (window.words.has(word) ? 1 : softest(written[at] ?? word, others, wordVectors)))
  const ranked = soft.toSorted((a, b) => a - b)
  const gained = gains.toSorted((a, b) => b - a)
  const outside = words.flatMap((word, at) => (all.words.has(word) ? [] : [soft[at] ?? 0]))
  const holds = (where: Whole) => (code: string) => where.codes.has(code) || where.spelled.has(code) || hasWhole(where.text, code)
  const named = (where: Whole) => (name: string) =>
    name.split(/[-'’]/).every((part) => isSpelled(where.spelled, part) || where.words.has(stemOf(part)))
  const missingOf = (own: ReadonlySet<string>, isThere: (one: string) => boolean) => [...own].filter((one) => !isThere(one))
  const quantity = (where: Whole) => (key: string) => where.quantities.has(key) || where.spelled.has(key)
  const missingQuantities = missingOf(exact.quantities, quantity(all))
  const missingCodes = missingOf(exact.codes, holds(all))
  const missingNames = missingOf(exact.names, named(all))
  const otherUnits = [...exact.units].flatMap(([key, own]) => {
    const there = all.units.get(key)
    return there === undefined || [...own].some((unit) => there.has(unit)) ? [] : [`${key} ${[...own].join('/')}`]
  })
  const differences = differencesOf(facts, piece.facts)
  const claimedNegation = Number(facts.facts.negation)
  const features = [
    cosines[0] ?? 0,
    Math.max(...windows.map((one) => dot(one.vector, vector))),
    dot(piece.vector, vector),
    (cosines[0] ?? 0) - (cosines[1] ?? 0),
    share(words, piece.words),
    share(words, window.words),
    share(words, all.words),
    Math.min(6, words.filter((word) => !window.words.has(word)).length),
    Math.min(6, words.filter((word) => !all.words.has(word)).length),
    soft.length === 0 ? 1 : soft.reduce((sum, value) => sum + value, 0) / soft.length,
    ranked[0] ?? 1,
    ranked[1] ?? 1,
    outside.length === 0 ? 1 : Math.min(...outside),
    gained[0] ?? -0.2,
    gained[1] ?? -0.2,
    gains.length === 0 ? -0.2 : gains.reduce((sum, value) => sum + value, 0) / gains.length,
    missingShare(exact.quantities, quantity(inWindow)),
    missingShare(exact.quantities, quantity(all)),
    missingShare(exact.counts, (key) => inWindow.counts.has(key)),
    missingShare(exact.codes, holds(inWindow)),
    missingShare(exact.codes, holds(all)),
    Math.min(3, missingOf(exact.names, named(inWindow)).length),
    Math.min(3, missingNames.length),
    Number(otherUnits.length > 0),
    anchorContext(exact, words, pieces),
    anchorPairs(exact, pieces),
    anchorNeighbours(exact, claim, pieces),
    Number(claimedNegation % 2 !== Number(piece.facts.facts.negation) % 2),
    Math.min(2, claimedNegation),
    oppositesOf(
      facts,
      window.pieces.flatMap((one) => one.facts.words),
    ),
    Number(differences.has('direction')),
    orderAgreement(facts, piece.facts),
    Math.log(1 + facts.words.length),
    Math.log(1 + pieces.length),
    ...aligned,
  ]
  return {
    features,
    missing: [...missingQuantities, ...missingCodes, ...missingNames, ...otherUnits],
  }
}

/** Where a number or name of the claim stands, how much of the claim's other words stands there as well: the least of all. */
function anchorContext(exact: Exact, words: readonly string[], pieces: readonly ReadPiece[]): number {
  let least = 1
  for (const anchor of anchorsOf(exact)) {
    const there = pieces.filter((piece) => hasAnchor(piece, anchor))
    if (there.length > 0) least = Math.min(least, Math.max(...there.map((piece) => share(words, piece.words))))
  }
  return least
}

/** Of the numbers, codes and names of a claim two by two, the share that stand together in one piece. */
function anchorPairs(exact: Exact, pieces: readonly ReadPiece[]): number {
  const anchors = anchorsOf(exact).slice(0, mostAnchors)
  const places = anchors.map((anchor) => new Set(pieces.flatMap((piece, at) => (hasAnchor(piece, anchor) ? [at] : []))))
  let [together, all] = [0, 0]
  for (const [at, one] of places.entries())
    for (const other of places.slice(at + 1)) {
      all += 1
      together += Number(!one.isDisjointFrom(other))
    }
  return all === 0 ? 1 : together / all
}

const mostAnchors = 8
const neighbourCharacters = 40

/** Around each number or code of the claim, how many of its neighbours stand around it in a source as well: the least of all. */
function anchorNeighbours({ quantities, codes }: Exact, claim: string, pieces: readonly ReadPiece[]): number {
  let least = 1
  const said = plainOf(claim)
  for (const anchor of [...quantities, ...codes].slice(0, mostAnchors)) {
    const own = around(said, anchor)
    if (own === undefined || own.size === 0) continue
    const shares = pieces.flatMap(({ plain }) => {
      const there = around(plain, anchor)
      return there === undefined ? [] : [own.intersection(there).size / own.size]
    })
    if (shares.length > 0) least = Math.min(least, Math.max(...shares))
  }
  return least
}

function plainOf(text: string): string {
  return text.toLowerCase().replaceAll(/(?<=\d),(?=\d{3})/g, '')
}

function around(plain: string, anchor: string): Set<string> | undefined {
  const at = plain.indexOf(anchor)
  if (at === -1) return undefined
  return wordsIn(
    factsOf(
      `${plain.slice(Math.max(0, at - neighbourCharacters), at)} ${plain.slice(at + anchor.length, at + anchor.length + neighbourCharacters)}`,
    ),
  )
}

function anchorsOf({ quantities, codes, names }: Exact): string[] {
  return [...quantities, ...codes, ...names]
}

function hasAnchor({ exact, spelled }: ReadPiece, anchor: string): boolean {
  return exact.quantities.has(anchor) || exact.codes.has(anchor) || isSpelled(spelled, anchor)
}

function spelledIn(text: string): Set<string> {
  return new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu))
}

/** In one number or the other. */
function isSpelled(spelled: ReadonlySet<string>, word: string): boolean {
  return spelled.has(word) || spelled.has(`${word}s`) || (word.endsWith('s') && spelled.has(word.slice(0, -1)))
}

function hasWhole(text: string, part: string): boolean {
  for (let at = text.indexOf(part); at !== -1; at = text.indexOf(part, at + 1)) {
    if (!/[\p{L}\p{N}]/u.test(text[at - 1] ?? ' ') && !/[\p{L}\p{N}]/u.test(text[at + part.length] ?? ' ')) return true
  }
  return false
}

/** Of the words that both have, whether they come in the same order: 1 in the same, 0 the other way round. */
function orderAgreement(claim: Facts, piece: Facts): number {
  const places = new Map<string, number>()
  for (const [at, { meaning, isContent }] of piece.words.entries()) if (isContent && !places.has(meaning)) places.set(meaning, at)
  const shared = [...new Set(claim.words.flatMap(({ meaning, isContent }) => (isContent && places.has(meaning) ? [meaning] : [])))]
  let [same, all] = [0, 0]
  for (const [at, word] of shared.entries())
    for (const later of shared.slice(at + 1)) {
      all += 1
      same += Number((places.get(word) ?? 0) < (places.get(later) ?? 0))
    }
  return all === 0 ? 0.5 : same / all
}

function softest(word: string, others: readonly string[], vectors: ReadonlyMap<string, Float32Array>): number {
  const own = vectors.get(word)
  if (own === undefined) return 0
  return others.reduce((most, other) => {
    const vector = vectors.get(other)
    return vector === undefined ? most : Math.max(most, dot(own, vector))
  }, 0)
}

function plainWords(window: Window | undefined): string[] {
  return [...new Set(window?.pieces.flatMap(({ facts }) => facts.words.flatMap(({ text, isContent }) => (isContent ? [text] : []))))]
}

function wordsIn({ words }: Facts): Set<string> {
  return new Set(words.flatMap(({ meaning, isContent }) => (isContent ? [meaning] : [])))
}

function share(words: readonly string[], there: ReadonlySet<string>): number {
  return words.length === 0 ? 1 : words.filter((word) => there.has(word)).length / words.length
}

function missingShare(own: ReadonlySet<string>, isThere: (one: string) => boolean): number {
  return own.size === 0 ? 0 : [...own].filter((one) => !isThere(one)).length / own.size
}

function best<One>(all: readonly One[], score: (one: One) => number): One | undefined {
  let found: One | undefined
  let most = Number.NEGATIVE_INFINITY
  for (const one of all) {
    const value = score(one)
    if (value > most) [found, most] = [one, value]
  }
  return found
}

/** Words come again in each answer: their vectors are kept, 6 MB at most. */
const keptWords = new Map<string, Float32Array>()
const mostKeptWords = 4000

async function vectorsOfWords(words: readonly string[], embed: Embed): Promise<Map<string, Float32Array>> {
  const found = new Map<string, Float32Array>()
  const unknown = words.filter((word) => {
    const known = keptWords.get(word)
    if (known !== undefined) found.set(word, known)
    return known === undefined
  })
  const vectors = unknown.length === 0 ? [] : await embed(unknown)
  if (keptWords.size + unknown.length > mostKeptWords) keptWords.clear()
  for (const [at, word] of unknown.entries()) {
    const vector = vectors[at] as Float32Array
    found.set(word, vector)
    if (keptWords.size < mostKeptWords) keptWords.set(word, vector)
  }
  return found
}
