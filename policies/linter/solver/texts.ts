import type { TextTest } from '../formula.ts'
import type { TextFact, Vocabulary } from '../vocabulary.ts'
import { regexSamples } from './regex-samples.ts'

/** What was asked of one text, and whether it is to hold. */
export interface TextDemand {
  readonly test: TextTest
  readonly wanted: boolean
}

export function passes(test: TextTest, text: string, vocabulary: Vocabulary): boolean {
  switch (test.kind) {
    case 'is':
      return text === test.value
    case 'contains':
      return text.includes(test.value)
    case 'startsWith':
      return text.startsWith(test.value)
    case 'endsWith':
      return text.endsWith(test.value)
    case 'matches':
      return new RegExp(test.value).test(text)
    case 'length':
      return lengthOf(text) <= test.most
    case 'keyword':
      return vocabulary.hasKeyword(test.signal, text)
  }
}

/** Whether such a text can be at all. */
function isAllowed(text: string, { values }: TextFact): boolean {
  return values === undefined || values.includes(text)
}

export interface TextLaw {
  /** Not all of these hold: each an index of a test, and whether it is wanted. */
  readonly refused: readonly (readonly [index: number, wanted: boolean])[]
}

/**
 * What can never hold together among tests of one text, as pairs and single ones.
 *
 * Over `is`, `contains`, `startsWith`, `endsWith` this is all there is to know of a text without a list of values: what breaks none
 * of these laws is met by the text that `chooseText` writes. Length, `matches` and keywords may have further ones.
 */
export function textLaws(tests: readonly TextTest[], fact: TextFact, vocabulary: Vocabulary): TextLaw[] {
  const laws: TextLaw[] = []
  tests.forEach((test, index) => {
    if (isAlways(test)) laws.push({ refused: [[index, false]] })
    if (isNever(test, fact)) laws.push({ refused: [[index, true]] })
    tests.forEach((other, at) => {
      if (at === index) return
      const told = toldBy(test, other, vocabulary)
      if (told !== undefined)
        laws.push({
          refused: [
            [index, true],
            [at, !told],
          ],
        })
    })
  })
  return laws
}

function isAlways(test: TextTest): boolean {
  return (test.kind === 'contains' || test.kind === 'startsWith' || test.kind === 'endsWith') && test.value === ''
}

function isNever(test: TextTest, fact: TextFact): boolean {
  if (test.kind === 'is') return !isAllowed(test.value, fact)
  return test.kind === 'length' && test.most < 0
}

/** What a text that passes `test` says of `other`; `undefined` when it may go either way, or nobody knows. */
function toldBy(test: TextTest, other: TextTest, vocabulary: Vocabulary): boolean | undefined {
  if (test.kind === 'is') return passes(other, test.value, vocabulary)
  if (test.kind === 'length') return toldByLength(test.most, other)
  if (test.kind === 'keyword') return other.kind === 'keyword' && vocabulary.keywordImplies(test.signal, other.signal) ? true : undefined
  if (test.kind === 'matches') return undefined
  const { value } = test
  if (other.kind === 'length') return lengthOf(value) > other.most ? false : undefined
  if (other.kind === 'contains') return value.includes(other.value) ? true : undefined
  if (test.kind === 'startsWith' && other.kind === 'startsWith') {
    if (value.startsWith(other.value)) return true
    return other.value.startsWith(value) ? undefined : false
  }
  if (test.kind === 'endsWith' && other.kind === 'endsWith') {
    if (value.endsWith(other.value)) return true
    return other.value.endsWith(value) ? undefined : false
  }
  return undefined
}

function toldByLength(most: number, other: TextTest): boolean | undefined {
  if (other.kind === 'length') return most <= other.most ? true : undefined
  if (other.kind === 'keyword' || other.kind === 'matches') return undefined
  return lengthOf(other.value) > most ? false : undefined
}

/** Code points, as CEL counts. */
function lengthOf(text: string): number {
  return [...text].length
}

/** What may stand between pieces: letters that join words, signs that part them. */
const fillers = [' ~ ', ' + ', ' = ', '_', 'x', 'q', 'z', 'j', '\u00b7', '\u25aa']

/** A text that meets every demand, each of them looked at; `undefined` when none was found, which proves nothing. */
export function chooseText(demands: readonly TextDemand[], fact: TextFact, vocabulary: Vocabulary): string | undefined {
  const fits = (text: string) => isAllowed(text, fact) && demands.every(({ test, wanted }) => passes(test, text, vocabulary) === wanted)
  if (fits(fact.usual)) return fact.usual
  if (fact.values !== undefined) return fact.values.find(fits)
  const is = demands.find(({ test, wanted }) => wanted && test.kind === 'is')?.test
  if (is?.kind === 'is') return fits(is.value) ? is.value : undefined
  return candidates(demands, vocabulary).find(fits)
}

function candidates(demands: readonly TextDemand[], vocabulary: Vocabulary): string[] {
  const wanted = demands.filter((one) => one.wanted).map(({ test }) => test)
  const longest = (kind: 'startsWith' | 'endsWith') =>
    wanted.reduce((best, test) => (test.kind === kind && test.value.length > best.length ? test.value : best), '')
  const prefix = longest('startsWith')
  const suffix = longest('endsWith')
  const contained = wanted.flatMap((test) => (test.kind === 'contains' ? [test.value] : []))
  const pieces = contained.filter(
    (one, index) => !contained.some((other, at) => at !== index && other.includes(one) && (other !== one || at < index)),
  )
  const atLeast = Math.max(0, ...demands.map(({ test, wanted: holds }) => (test.kind === 'length' && !holds ? test.most + 1 : 0)))
  const found = ['', ' '.repeat(0)]
  const choices = choicesOf(wanted, demands, vocabulary)
  for (const chosen of choices) {
    const middle = [...pieces, ...chosen]
    for (const filler of [freshFiller(demands), ...fillers]) {
      const inside = middle.length === 0 ? filler : `${filler}${middle.join(filler)}${filler}`
      const bare = middle.join(filler)
      for (const text of [
        `${prefix}${inside}${suffix}`,
        `${prefix}${bare}${suffix}`,
        `${prefix}${inside.trim()}${suffix}`,
        overlapping(prefix, suffix),
      ]) {
        found.push(text, padded(text, prefix.length, filler, atLeast), padded(text, text.length - suffix.length, filler, atLeast))
      }
    }
  }
  return [...new Set(found)]
}

/** For keywords and regular expressions: one text each, of several that could stand for it. */
function choicesOf(wanted: readonly TextTest[], demands: readonly TextDemand[], vocabulary: Vocabulary): string[][] {
  const refused = demands.filter((one) => !one.wanted).map(({ test }) => test)
  const options = wanted.flatMap((test) => {
    if (test.kind === 'keyword') {
      const words = vocabulary.keywordsOf(test.signal)
      const free = words.filter((word) => !refused.some((other) => other.kind !== 'is' && passes(other, word, vocabulary)))
      return [(free.length > 0 ? free : words).slice(0, 3)]
    }
    return test.kind === 'matches' ? [regexSamples(test.value)] : []
  })
  let combined: string[][] = [[]]
  for (const option of options) {
    combined = option.flatMap((one) => combined.map((rest) => (rest.includes(one) ? rest : [...rest, one]))).slice(0, 64)
  }
  return combined
}

/** A sign that stands in nothing that was asked for: what it parts is never read across it. */
function freshFiller(demands: readonly TextDemand[]): string {
  const asked = demands.map(({ test }) => ('value' in test ? test.value : '')).join('')
  for (let code = 0x7e; ; code = code === 0x7e ? 0x2022 : code + 1) {
    const sign = String.fromCodePoint(code)
    if (!asked.includes(sign)) return sign
  }
}

function padded(text: string, at: number, filler: string, atLeast: number): string {
  const missing = atLeast - lengthOf(text)
  if (missing <= 0) return text
  const sign = [...filler.trim()][0] ?? 'x'
  return text.slice(0, at) + sign.repeat(missing) + text.slice(at)
}

/** The shortest text with this start and end. */
function overlapping(prefix: string, suffix: string): string {
  for (let shared = Math.min(prefix.length, suffix.length); shared > 0; shared -= 1) {
    if (prefix.endsWith(suffix.slice(0, shared))) return prefix + suffix.slice(shared)
  }
  return prefix + suffix
}
