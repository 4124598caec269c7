import type { Deployment } from '../deployment.ts'
import type { Embedder } from '../embedder.ts'
import { ProviderError } from '../errors.ts'
import type { Passage } from '../extractive/passage.ts'
import { splitPrompt } from '../extractive/prompt.ts'
import { selectPassages } from '../extractive/select.ts'
import { type Message, textOf } from '../message.ts'
import { noUsage } from '../outcome.ts'
import type { Citation, ModelEvent, ModelRequest, Provider, SourceText } from '../provider.ts'

export interface ExtractiveOptions {
  /** Lets a sentence answer that shares no word with the question. Without one words alone decide. */
  embedder?: Embedder | undefined
}

/** The built-in pool's only deployment: it selects sentences, and no model runs. */
export const extractiveDeployment: Deployment = Object.freeze({
  id: 'extractive/sentences',
  provider: 'extractive',
  model: 'sentences',
  local: true,
  contextTokens: 10_000_000,
  maxOutputTokens: 4_096,
  modalities: Object.freeze(['text'] as const),
  toolCalls: false,
  imageRule: 'generic',
  price: Object.freeze({ inputPerMillion: 0, outputPerMillion: 0, source: 'built in' }),
  source: 'built in',
})

const deployment = extractiveDeployment.id
/** The first line of every answer; a text that begins with it is an answer of ours and is not quoted again. */
const notice = 'No model was used:'
const selected = `${notice} these sentences were selected from the given text.`
const nothingFits = `${notice} nothing in the given text answers this.`
const noText = `${notice} there was no text to select an answer from. Configure a model pool for answers beyond the given text.`

const mostSentences = 5
/** Beside the best sentence, one needs this share of its score to be quoted. */
const leastOfBest = 0.35
const bytesPerToken = 4
/** Of a sentence that has to be cut, at least so much is shown. */
const leastCharacters = 40

/**
 * Answers with sentences of the given text, word for word, in the order of their sources, each with where it stands.
 *
 * No model runs, and the answer says so; when no sentence fits it says that. Usage is zero in every bucket, since
 * nothing was spent. The sources are the request's, and the text that the last message brings along with its question.
 */
export function createExtractive({ embedder }: ExtractiveOptions = {}): Provider {
  return {
    name: 'extractive',
    format: 'extractive',
    async *send(request, { signal } = {}) {
      signal?.throwIfAborted()
      refuseWhatCannotBe(request)
      yield { type: 'start' }
      const { question, sources } = readRequest(request)
      const { passages, fits } = await selectPassages({ question, sources, embedder, signal })
      signal?.throwIfAborted()
      const choice = choose(fits ? passages : [], request.maxOutputTokens ?? extractiveDeployment.maxOutputTokens)
      yield* answer(choice, sources.length === 0 ? noText : nothingFits)
    },
    forward() {
      return Promise.reject(refusal('it speaks no wire format'))
    },
  }
}

function refuseWhatCannotBe({ responseSchema, toolChoice }: ModelRequest): void {
  if (responseSchema !== undefined) throw refusal('it only quotes the given text and cannot follow a response schema')
  if (toolChoice === 'required' || typeof toolChoice === 'object') throw refusal('it only quotes the given text and cannot call tools')
}

function refusal(why: string): ProviderError {
  return new ProviderError(`Cannot answer with ${deployment}: ${why}; use a pool with a model`, { kind: 'bad_request', deployment })
}

function readRequest({ messages, sources = [] }: ModelRequest): { question: string; sources: SourceText[] } {
  const last = messages.findLast(({ role, content }) => role === 'user' && textOf(content).trim() !== '')
  const { question, given } = splitPrompt(last === undefined ? '' : textOf(last.content))
  const found = [...(sources.length > 0 ? sources : sourcesIn(messages, last)), { id: 'prompt', text: withoutFiles(given, sources) }]
  return { question, sources: found.filter(({ text }) => text.trim() !== '' && !text.startsWith(notice)) }
}

/** A given file stands in the message for models, and is a source of its own here: it is cited under its own name. */
function withoutFiles(given: string, sources: readonly SourceText[]): string {
  return sources.reduce((rest, { text }) => rest.replaceAll(`\n${text}\n</file>`, '\n</file>'), given)
}

/** A conversation without sources of its own is its own source. */
function sourcesIn(messages: readonly Message[], last: Message | undefined): SourceText[] {
  return messages.flatMap((message, index) => {
    const results = message.content.flatMap((part) =>
      part.type === 'tool-result' ? [{ id: `result of ${part.name}`, text: textOf(part.content) }] : [],
    )
    return message === last ? results : [...results, { id: `message ${index + 1}`, text: textOf(message.content) }]
  })
}

/** The best that fit the limit, in the order of their sources. */
function choose(passages: readonly Passage[], maxOutputTokens: number): Choice {
  const [best] = passages
  if (best === undefined) return { kept: [], cut: false }
  let room = maxOutputTokens * bytesPerToken - Buffer.byteLength(selected)
  const kept: Passage[] = []
  for (const passage of passages.slice(0, mostSentences)) {
    const bytes = Buffer.byteLength(quote(passage))
    if (passage.score < leastOfBest * best.score || bytes > room) continue
    room -= bytes
    kept.push(passage)
  }
  // A cut sentence says where it was cut; none at all would say that nothing fits.
  if (kept.length === 0) {
    const text = `${best.text.slice(0, Math.max(leastCharacters, room - best.source.length)).trimEnd()}…`
    return { kept: [{ ...best, text }], cut: true }
  }
  return { kept: kept.toSorted((left, right) => left.position - right.position), cut: false }
}

interface Choice {
  kept: Passage[]
  /** Not even the best fitted whole. */
  cut: boolean
}

function* answer({ kept, cut }: Choice, otherwise: string): Generator<ModelEvent, void, undefined> {
  const pieces = kept.length === 0 ? [otherwise] : [selected, ...kept.map(quote)]
  for (const text of pieces) yield { type: 'text-delta', text }
  yield {
    type: 'finish',
    finishReason: cut ? 'length' : 'stop',
    usage: noUsage,
    servedModel: extractiveDeployment.model,
    message: { role: 'assistant', content: [{ type: 'text', text: pieces.join('') }] },
    citations: kept.map(({ source, text }): Citation => ({ source, text })),
  }
}

function quote({ text, source }: Passage): string {
  return `\n\n> ${text} [${source}]`
}
