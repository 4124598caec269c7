import type { Embedder } from '../../../models/embedder.ts'
import { splitSentences } from '../../../models/extractive/sentences.ts'
import { findInjection, type Normalised, normalise } from '../../../models/local/detect/index.ts'
import { letOthersRun } from '../heads/cholesky.ts'
import { excerptOf, pieceVectors, queryVector } from '../query-vector.ts'
import { doubtOf, doubtThreshold } from './doubt.ts'
import { judgeByNetwork, type SafetyNetwork, type SafetyVerdict } from './network.ts'
import { shippedNetwork } from './shipped-networks.ts'

interface ScanOptions {
  readonly embedder: Embedder
  readonly signal?: AbortSignal | undefined
}

/**
 * What a whole message asks for: of a long one its excerpt and the passages that raise doubt by their words, the worst of which counts.
 *
 * It raises suspicion and proves nothing. The network reads English; of other languages the phrases alone are known.
 *
 * @throws {Error} With another embedder than the network was trained on.
 */
export async function scanMessage(
  text: string,
  { embedder, signal }: ScanOptions,
): Promise<SafetyVerdict & Pick<SafetyNetwork, 'threshold' | 'plainThreshold'>> {
  const { network } = await shippedNetwork('messages')
  checkEmbedder(network, embedder)
  const read = await readText(text)
  signal?.throwIfAborted()
  const { normalised } = read
  const own = readable(text, normalised)
  const concealed = normalised.concealed.slice(0, mostConcealed).map((one) => excerptOf(one.text, longExcerptWords))
  const { passages, isStrong } = excerptOf(own) === own ? noDoubt : doubtOfText(read)
  const pieces = [...passages, ...(isStrong ? [excerptOf(own, longExcerptWords)] : []), ...concealed]
    .filter(hasWords)
    .map((piece) => ({ text: piece, phrases: findInjection(piece).score }))
  const [excerpt, vectors] = await Promise.all([
    queryVector(own, embedder, { signal }),
    pieceVectors(
      pieces.map((one) => one.text),
      embedder,
      { signal },
    ),
  ])
  const verdicts = [
    judgeByNetwork(network, { text, vector: excerpt, phrases: findInjection(text, normalised).score }),
    ...pieces.map(({ text: piece, phrases }, place) =>
      judgeByNetwork(network, { text: piece, vector: vectors[place] as Float32Array, phrases }),
    ),
  ]
  const worst = verdicts.reduce((most, one) => (one.plainScore > most.plainScore ? one : most))
  const score = Math.max(...verdicts.map((one) => one.score))
  return { ...worst, score, threshold: network.threshold, plainThreshold: network.plainThreshold }
}

export interface SuspectSentence {
  readonly text: string
  /** 0–1: that it gives orders to whoever reads it. */
  readonly score: number
  /** 0–1: that it speaks to the model and against its user, which no user would write. */
  readonly takeover: number
}

export interface SentenceScan {
  /** The worst first. */
  readonly suspects: readonly SuspectSentence[]
  readonly threshold: number
  /** Whether some sentences were not looked at: of those nothing is known. */
  readonly truncated: boolean
}

const mostSentences = 64
const mostSuspects = 20
const longestSentence = 600

/**
 * Sentences that give orders to the model, of a text that somebody else has written; of one that the person has (`isOwn`) those that
 * raise doubt by their words, and what is concealed in it.
 *
 * @throws {Error} With another embedder than the network was trained on.
 */
export async function scanSentences(
  text: string,
  { embedder, signal, isOwn = false }: ScanOptions & { readonly isOwn?: boolean | undefined },
): Promise<SentenceScan> {
  const { network } = await shippedNetwork('sentences')
  checkEmbedder(network, embedder)
  const read = await readText(text)
  signal?.throwIfAborted()
  const { normalised, sentences } = read
  const all = isOwn
    ? [...doubtOfText(read).sentences, ...sentences.filter((one) => one.isConcealed && hasWords(one.text))]
    : sentences.filter((one) => hasWords(one.text) && suspicion(one) > 0)
  const chosen =
    all.length <= mostSentences ? all : all.toSorted((left, right) => suspicion(right) - suspicion(left)).slice(0, mostSentences)
  if (chosen.length === 0) return { suspects: [], threshold: network.threshold, truncated: normalised.truncated }
  const texts = chosen.map((one) => one.text)
  const vectors = await pieceVectors(texts, embedder, { signal })
  const suspects = chosen.map(({ text: sentence, phrases }, place): SuspectSentence => {
    const { score, shares } = judgeByNetwork(network, { text: sentence, vector: vectors[place] as Float32Array, phrases })
    return { text: sentence, score, takeover: shares.find(({ label }) => label === 'takeover')?.share ?? 0 }
  })
  return {
    suspects: suspects.toSorted((left, right) => right.score - left.score).slice(0, mostSuspects),
    threshold: network.threshold,
    truncated: normalised.truncated || chosen.length < all.length,
  }
}

/** Only sentences with words that orders have are read, and of too many those with the most. */
const cues =
  /\b(?:you|your|user|assistant|agents?|ai|model|system|ignor\w*|instructions?|previous|rules?|restrictions?|refuses?|pretend|act as|character|ethic\w*|policy|send|forward|delete|transfer|passwords?|must|do not|tell|reply|call|run|execute|click|e-?mail|accounts?|grant|access|important|confirm\w*|remember|never|always|instead|buy|pay|book|cancel|post|share|add|open|create|remove|change|install|upload|download|copy|move|disable|turn|set|say|recommend|include|mention|insert|respond|answer|write|find|read|get|collect|search|look up|print|publish|reveal|forget|stop|schedule|unlock|accept|approve|mark|visit|claim|rank|export|fetch|advise|convince|put|disregard|request|task|give|make|use|update|withdraw|donat\w*|log in|enter|encode|append|push|merge|star|save|store|mention|leave|keep|hide|report|summary)\b/gi

function suspicion({ phrases, cues: count }: Pick<ReadSentence, 'phrases' | 'cues'>): number {
  return phrases * 10 + count
}

/** As it was written, unless somebody has played with its letters. */
function readable(text: string, { text: plain }: Normalised): string {
  const folded = text.toLowerCase().replace(/\s+/g, ' ').trim()
  return folded === plain.replace(/\s+/g, ' ').trim() || plain.trim() === '' ? text : plain
}

const mostConcealed = 8
/** So much of a text is read as one where its words make an attack likely, and of what is concealed. */
const longExcerptWords = 160
/** So many sentences with the most words of attacks are looked at for doubt. */
const mostCandidates = 24
/** So many words stand in a passage of several sentences, about as many as the network has learnt to judge as one. */
const passageWords = 60
const mostPassages = 2
/** A sentence that raises less doubt is not taken into the passage of another: it would hide what is sought. */
const passageDoubt = 0.1
const mostOwnSentences = 3

interface Doubt {
  /** The most doubtful first. */
  readonly sentences: readonly ReadSentence[]
  readonly passages: readonly string[]
  /** Whether a sentence is by its words more likely an attack than none. */
  readonly isStrong: boolean
}

const noDoubt: Doubt = { sentences: [], passages: [], isStrong: false }
const doubtOfTexts = new WeakMap<ReadText, Doubt>()

/** Of what is shown the sentences and passages that are by their words like attacks; none where all seem harmless. */
function doubtOfText(read: ReadText): Doubt {
  const known = doubtOfTexts.get(read)
  if (known !== undefined) return known
  const shown = read.sentences.filter(({ isConcealed }) => !isConcealed)
  const doubts = new Map(
    shown
      .filter(({ text }) => hasWords(text))
      .toSorted((left, right) => suspicion(right) - suspicion(left))
      .slice(0, mostCandidates)
      .map((sentence) => [sentence, sentence.phrases + doubtOf(sentence.text)]),
  )
  const doubtful = [...doubts].filter(([, doubt]) => doubt >= doubtThreshold()).toSorted(([, left], [, right]) => right - left)
  const made = {
    sentences: doubtful.slice(0, mostOwnSentences).map(([sentence]) => sentence),
    passages: doubtful.length === 0 ? [] : passagesOf(shown, doubts),
    isStrong: doubtful.some(([, doubt]) => doubt >= 0.5),
  }
  doubtOfTexts.set(read, made)
  return made
}

/** Sentences behind each other that raise the most doubt together, without those of the passage before. */
function passagesOf(shown: readonly ReadSentence[], doubts: ReadonlyMap<ReadSentence, number>): string[] {
  const counts = shown.map(({ text }) => text.split(/\s+/).length)
  const passages: string[] = []
  const taken = new Set<number>()
  while (passages.length < mostPassages) {
    let best = { from: 0, to: 0, doubt: doubtThreshold() - passageDoubt }
    for (let from = 0; from < shown.length; from += 1) {
      let [words, doubt] = [0, 0]
      for (let to = from; to < shown.length && !taken.has(to) && (to === from || words + (counts[to] as number) <= passageWords); to += 1) {
        words += counts[to] as number
        doubt += (doubts.get(shown[to] as ReadSentence) ?? 0) - passageDoubt
        if (doubt >= best.doubt) best = { from, to: to + 1, doubt }
      }
    }
    if (best.to === 0) break
    for (let place = best.from; place < best.to; place += 1) taken.add(place)
    const sentences = shown.slice(best.from, best.to)
    passages.push(sentences.map(({ text }) => text).join(' '))
  }
  return passages
}

interface ReadSentence {
  readonly text: string
  readonly phrases: number
  readonly cues: number
  /** It stood in what people do not see. */
  readonly isConcealed: boolean
}

interface ReadText {
  readonly normalised: Normalised
  readonly sentences: readonly ReadSentence[]
}

const keptTexts = 8
const readTexts = new Map<string, Promise<ReadText>>()

/** A text by its sentences, read once for all signals of a step. */
function readText(text: string): Promise<ReadText> {
  const known = readTexts.get(text)
  if (known !== undefined) return known
  const made = sentencesOf(text)
  readTexts.set(text, made)
  if (readTexts.size > keptTexts) readTexts.delete(readTexts.keys().next().value as string)
  return made
}

async function sentencesOf(text: string): Promise<ReadText> {
  const normalised = normalise(text)
  const shown = splitSentences(readable(text, normalised)).map((sentence) => ({ sentence, isConcealed: false }))
  const hidden = normalised.concealed.flatMap((one) => splitSentences(one.text)).map((sentence) => ({ sentence, isConcealed: true }))
  const seen = new Set<string>()
  const sentences: ReadSentence[] = []
  for (const [place, { sentence, isConcealed }] of [...shown, ...hidden].entries()) {
    // A long text is read in slices, between which others have their turn.
    if (place % 32 === 31) await letOthersRun()
    const read = sentence.slice(0, longestSentence)
    if (seen.has(read)) continue
    seen.add(read)
    sentences.push({ text: read, phrases: findInjection(read).score, cues: read.match(cues)?.length ?? 0, isConcealed })
  }
  return { normalised, sentences }
}

function hasWords(text: string): boolean {
  return text.length >= 8 && /\p{L}{2}/u.test(text)
}

function checkEmbedder(network: SafetyNetwork, embedder: Embedder): void {
  if (embedder.id !== network.embedder) {
    throw new Error(`the network was trained on vectors of ${network.embedder}, the embedder is ${embedder.id}`)
  }
}
