import type { Embedder } from '../../../models/embedder.ts'
import { splitSentences } from '../../../models/extractive/sentences.ts'
import { findInjection, type Normalised, normalise } from '../../../models/local/detect/index.ts'
import { letOthersRun } from '../heads/cholesky.ts'
import { excerptOf, pieceVectors, queryVector } from '../query-vector.ts'
import { judgeByNetwork, type SafetyNetwork, type SafetyVerdict } from './network.ts'
import { shippedNetwork } from './shipped-networks.ts'

interface ScanOptions {
  readonly embedder: Embedder
  readonly signal?: AbortSignal | undefined
}

/**
 * What a whole message asks for: of a long one its excerpt and some of its sentences, the worst of which counts.
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
  const { normalised, sentences } = await readText(text)
  signal?.throwIfAborted()
  const excerpt = await queryVector(readable(text, normalised), embedder, { signal })
  const concealed = normalised.concealed.slice(0, mostPieces).map((one) => excerptOf(one.text))
  const pieces = [
    ...piecesOf(readable(text, normalised), sentences),
    ...concealed.map((piece) => ({ text: piece, phrases: findInjection(piece).score })),
  ].filter((one) => hasWords(one.text))
  const vectors = await pieceVectors(
    pieces.map((one) => one.text),
    embedder,
    { signal },
  )
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
 * Sentences that give orders to the model, of a text that somebody else has written.
 *
 * @throws {Error} With another embedder than the network was trained on.
 */
export async function scanSentences(
  text: string,
  { embedder, signal, most = mostSentences }: ScanOptions & { readonly most?: number | undefined },
): Promise<SentenceScan> {
  const { network } = await shippedNetwork('sentences')
  checkEmbedder(network, embedder)
  const { normalised, sentences } = await readText(text)
  signal?.throwIfAborted()
  const all = sentences.filter((one) => hasWords(one.text) && suspicion(one) > 0)
  const chosen = all.length <= most ? all : all.toSorted((left, right) => suspicion(right) - suspicion(left)).slice(0, most)
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

const excerptWords = 160
const mostPieces = 8

/** Of what is longer than an excerpt, the sentences that look most like an attack by their words. */
function piecesOf(text: string, sentences: readonly ReadSentence[]): Pick<ReadSentence, 'text' | 'phrases'>[] {
  if (text.split(/\s+/).length <= excerptWords) return []
  return sentences
    .filter(({ isConcealed }) => !isConcealed)
    .toSorted((left, right) => suspicion(right) - suspicion(left))
    .slice(0, mostPieces)
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
