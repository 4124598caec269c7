import { dot, type Embedder } from '../embedder.ts'
import { EmbedderError } from '../errors.ts'
import type { SourceText } from '../provider.ts'
import type { Candidate, Passage, Selection } from './passage.ts'
import { splitSentences } from './sentences.ts'
import { asksForSummary, summarise } from './summary.ts'
import { hasNegation, isNumber, isQuestionWord, type Word, wordsOf } from './words.ts'

export interface SelectOptions {
  question: string
  sources: readonly SourceText[]
  embedder: Embedder | undefined
  signal: AbortSignal | undefined
}

/** BM25 over sentences. */
const k1 = 1.2
const b = 0.75
/** The sentence before often names what this one goes on about, and so does the whole source. */
const shareOfBefore = 0.4
const shareOfSource = 0.3
/** Embedding every sentence of a long thread would take seconds; the best by words, and then the latest, are enough. */
const mostEmbedded = 96
const meaningShare = 0.3
/** Below this cosine a sentence is about something else, whatever its rank. */
const leastMeaning = 0.3
/**
 * Below these nothing fits: the share of the question that the best places hold, or their cosine where there is one. The
 * highest at which no question of the people that the weights were tuned on lost its answer (`bench/extractive.ts`).
 */
const leastCoverage = 0.2
const leastMeaningFit = 0.4
const firstPlaces = 5

/** The sentences of the sources, by how well they answer the question. */
export async function selectPassages({ question, sources, embedder, signal }: SelectOptions): Promise<Selection> {
  const candidates = candidatesOf(sources).filter((candidate) => !asksTheSame(candidate, wordsOf(question)))
  if (asksForSummary(question)) return summarise(candidates)
  const rarity = rarityIn(candidates)
  const asked = askedWords(question)
  const lexical = scoreByWords(candidates, asked, rarity, question)
  const meaning = embedder && (await scoreByMeaning(candidates, lexical, question, embedder, signal))
  const best = Math.max(...lexical, Number.MIN_VALUE)
  const share = meaning === undefined ? 0 : meaningShare
  const covered = candidates.map(({ words }) => coverage(words, asked, rarity))
  const passages = candidates
    .map(({ source, text, position }, index): Passage => {
      const cosine = meaning?.[index] ?? 0
      const fit = Math.max(covered[index] ?? 0, shareOfBefore * valueBefore(candidates, covered, index), cosine)
      const score = ((1 - share) * (lexical[index] ?? 0)) / best + share * cosine
      return { source, text, position, score: score * (isQuestion(text) ? 0.3 : 1), fit }
    })
    .filter((passage) => passage.fit > 0)
    .toSorted((left, right) => right.score - left.score || left.position - right.position)
  const bestFit = Math.max(...passages.slice(0, firstPlaces).map(({ fit }) => fit), 0)
  return { passages, fits: bestFit >= (meaning === undefined ? leastCoverage : leastMeaningFit) }
}

/** What the question is about. */
function askedWords(question: string): Word[] {
  const words = wordsOf(question)
  const content = words.filter((word) => !isQuestionWord(word))
  return content.length > 0 ? content : words
}

/** The share of the question's words that are here, each by what it tells. */
function coverage(words: readonly Word[], asked: readonly Word[], rarity: (stem: string) => number): number {
  const stems = [...new Set(asked.map((word) => word.stem))]
  const told = (kept: readonly string[]) => kept.reduce((sum, stem) => sum + rarity(stem), 0)
  const all = told(stems)
  return all === 0 ? 0 : told(stems.filter((stem) => words.some((word) => word.stem === stem))) / all
}

/** The same sentence twice is one candidate, under the source that has it last: the newest turn counts. */
function candidatesOf(sources: readonly SourceText[]): Candidate[] {
  const byText = new Map<string, Candidate>()
  let position = 0
  for (const { id, text } of sources) {
    for (const sentence of splitSentences(text)) {
      byText.delete(sentence)
      byText.set(sentence, { source: id, text: sentence, position, words: wordsOf(sentence) })
      position += 1
    }
  }
  return [...byText.values()]
}

function scoreByWords(
  candidates: readonly Candidate[],
  asked: readonly Word[],
  rarity: (stem: string) => number,
  question: string,
): number[] {
  const stems = [...new Set(asked.map((word) => word.stem))]
  const averageLength = candidates.reduce((sum, { words }) => sum + words.length, 0) / Math.max(1, candidates.length)
  const own = candidates.map(({ words }) => bm25(words, stems, rarity, averageLength))
  const ofSource = scoreSources(candidates, stems, rarity)
  const factor = wantedOf(question, asked)
  return candidates.map((candidate, index) => {
    const score =
      (own[index] ?? 0) + shareOfBefore * valueBefore(candidates, own, index) + shareOfSource * (ofSource.get(candidate.source) ?? 0)
    return score * factor(candidate)
  })
}

/** The value of the sentence before, if it is of the same source. */
function valueBefore(candidates: readonly Candidate[], values: readonly number[], index: number): number {
  const before = candidates[index - 1]
  return before !== undefined && before.source === candidates[index]?.source ? (values[index - 1] ?? 0) : 0
}

function bm25(words: readonly Word[], stems: readonly string[], rarity: (stem: string) => number, averageLength: number): number {
  const norm = k1 * (1 - b + (b * words.length) / averageLength)
  return stems.reduce((sum, stem) => {
    const count = words.filter((word) => word.stem === stem).length
    return sum + (rarity(stem) * count * (k1 + 1)) / (count + norm)
  }, 0)
}

/** How much a word tells, by how few sentences hold it. */
function rarityIn(candidates: readonly Candidate[]): (stem: string) => number {
  const frequency = new Map<string, number>()
  for (const { words } of candidates) {
    for (const stem of new Set(words.map((word) => word.stem))) frequency.set(stem, (frequency.get(stem) ?? 0) + 1)
  }
  return (stem) => {
    const found = frequency.get(stem) ?? 0
    return Math.log(1 + (candidates.length - found + 0.5) / (found + 0.5))
  }
}

function scoreSources(candidates: readonly Candidate[], stems: readonly string[], rarity: (stem: string) => number): Map<string, number> {
  const found = new Map<string, Set<string>>()
  for (const { source, words } of candidates) {
    const known = found.get(source) ?? new Set()
    for (const { stem } of words) if (stems.includes(stem)) known.add(stem)
    found.set(source, known)
  }
  return new Map([...found].map(([source, held]) => [source, [...held].reduce((sum, stem) => sum + rarity(stem), 0)]))
}

/**
 * What a question asks for beyond its words: the numbers and names that it gives, the number or name that it wants, and
 * whether it denies. A factor for each sentence, 1 where nothing speaks for or against it.
 */
function wantedOf(question: string, asked: readonly Word[]): (candidate: Candidate) => number {
  const numbers = asked.filter(isNumber)
  const names = namesIn(question)
  const denies = hasNegation(question)
  const wantsNumber =
    /\b(?:how (?:many|much|old|long|far|often|big|tall|large)|what (?:number|year|age|time|date|percent\w*|price|size|amount)|when|percent\w*|cost|price)\b/i.test(
      question,
    )
  const wantsName = /\b(?:who|whose|where|which|name|named|called)\b/i.test(question)
  return ({ text, words }) => {
    let factor = 1
    if (numbers.length > 0) factor *= numbers.some((number) => words.some((word) => word.text === number.text)) ? 1.5 : 0.8
    if (names.length > 0) factor *= names.some((name) => words.some((word) => word.stem === name)) ? 1.3 : 0.9
    if (denies) factor *= hasNegation(text) ? 1.4 : 0.9
    if (wantsNumber)
      factor *= words.some(isNumber) || /\b(?:one|two|three|four|five|six|seven|eight|nine|ten|\w+teen|\w+ty)\b/i.test(text) ? 1.3 : 1
    if (wantsName) factor *= namesIn(text).length > 0 ? 1.15 : 1
    return factor
  }
}

/** Stems of words with a capital that do not open the sentence. */
function namesIn(text: string): string[] {
  return [...text.matchAll(/(?<=[\p{L}\p{N},;:'"’”)]\s)\p{Lu}[\p{L}\p{N}]+/gu)].flatMap(([name]) => wordsOf(name).map((word) => word.stem))
}

/** What was asked before is no answer to it, however well it fits. */
function asksTheSame({ text, words }: Candidate, asked: readonly Word[]): boolean {
  const shared = words.filter((word) => asked.some((one) => one.stem === word.stem)).length
  const isSame = words.length === asked.length && words.every((word, index) => word.stem === asked[index]?.stem)
  return isSame || (isQuestion(text) && shared >= sameQuestionFrom * words.length)
}

const sameQuestionFrom = 0.8

function isQuestion(text: string): boolean {
  return /[?？]["”’)]?$/.test(text)
}

/** Cosines to the question for the sentences worth it; without a working embedder words alone decide. */
async function scoreByMeaning(
  candidates: readonly Candidate[],
  lexical: readonly number[],
  question: string,
  embedder: Embedder,
  signal: AbortSignal | undefined,
): Promise<number[] | undefined> {
  const indexes = candidates.map((_, index) => index)
  const chosen = indexes.toSorted((left, right) => (lexical[right] ?? 0) - (lexical[left] ?? 0) || right - left).slice(0, mostEmbedded)
  if (chosen.length === 0) return undefined
  try {
    const texts = chosen.map((index) => candidates[index]?.text ?? '')
    const [asked, ...vectors] = await embedder.embed([question, ...texts], { signal, priority: 'query' })
    const cosines = new Map(chosen.map((index, at) => [index, asked && vectors[at] ? dot(asked, vectors[at]) : 0]))
    return indexes.map((index) => {
      const cosine = cosines.get(index) ?? 0
      return cosine >= leastMeaning ? cosine : 0
    })
  } catch (error) {
    if (error instanceof EmbedderError) return undefined
    throw error
  }
}
