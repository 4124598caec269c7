import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Embedder } from '../models/embedder.ts'
import { splitSentences } from '../models/extractive/sentences.ts'
import { wordsOf } from '../models/extractive/words.ts'
import { createMiniLM } from '../models/local/index.ts'
import { textOf } from '../models/message.ts'
import type { SourceText } from '../models/provider.ts'
import { createExtractive } from '../models/providers/extractive.ts'

/**
 * What the built-in pool is worth: questions about what a person once said, answered with sentences of all they said.
 *
 * A question counts as answered when one of its accepted answers stands in the quoted sentences. The weights were chosen
 * on the scenarios `customer` and `student`; the others are the ones to read. Asked of somebody else's memory, a question
 * should be answered with "nothing fits": the last column says how often it is.
 */

interface Turn {
  scenario: string
  session: string
  turn: number
  text: string
}

interface Question {
  scenario: string
  question: string
  answers: string[]
}

const tunedOn = new Set(['customer', 'student'])
const folder = process.env['SIGNALBOX_DATA'] ?? fileURLToPath(new URL('../../shared/data', import.meta.url))
const data = join(folder, 'bfcl-memory')

if (!existsSync(data)) {
  console.log(`Extractive answers: no data in ${folder}. Set SIGNALBOX_DATA to the folder that holds bfcl-memory.`)
} else {
  const turns = rows<Turn>('turns.jsonl')
  const questions = rows<Question>('qa.jsonl')
  const scenarios = [...new Set(turns.map((turn) => turn.scenario))]
  const sources = new Map(scenarios.map((scenario) => [scenario, sourcesOf(turns.filter((turn) => turn.scenario === scenario))]))
  const embedder = createMiniLM()

  try {
    const remembering = remember(embedder)
    console.log(`Extractive answers: ${questions.length} questions about ${turns.length} turns of ${scenarios.length} people`)
    console.table({
      'any sentence of the sources': await measure(async (_, given) => given.map((source) => source.text).join('\n')),
      'first five sentences': await measure(async (_, given) =>
        given
          .flatMap((source) => splitSentences(source.text))
          .slice(0, 5)
          .join('\n'),
      ),
      'best sentence by BM25': await measure(async (question, given) => bestByBm25(question, given)),
      'extractive, words': await measure((question, given) => ask(undefined, question, given)),
      'extractive, words and MiniLM': await measure((question, given) => ask(remembering, question, given)),
    })
  } finally {
    await embedder.close()
  }

  async function measure(answer: (question: string, given: readonly SourceText[]) => Promise<string>) {
    const of = { tuned: [0, 0], held: [0, 0], foreign: [0, 0] }
    let characters = 0
    for (const { scenario, question, answers } of questions) {
      const text = await answer(question, sources.get(scenario) ?? [])
      characters += text.length
      count(tunedOn.has(scenario) ? of.tuned : of.held, holds(text, answers))
      const other = scenarios[(scenarios.indexOf(scenario) + 1) % scenarios.length] ?? ''
      count(of.foreign, /nothing in the given text/.test(await answer(question, sources.get(other) ?? [])))
    }
    return {
      'held-out people': share(of.held),
      'tuned-on people': share(of.tuned),
      'characters an answer': Math.round(characters / questions.length),
      'nothing fits, of others': share(of.foreign),
    }
  }
}

async function ask(embedder: Embedder | undefined, question: string, sources: readonly SourceText[]): Promise<string> {
  const request = {
    model: 'sentences',
    messages: [{ role: 'user' as const, content: [{ type: 'text' as const, text: question }] }],
    sources,
  }
  for await (const event of createExtractive({ embedder }).send(request)) if (event.type === 'finish') return textOf(event.message.content)
  return ''
}

function sourcesOf(turns: readonly Turn[]): SourceText[] {
  return turns.map(({ session, turn, text }) => ({ id: `${session}#${turn}`, text }))
}

/** The baseline: BM25 (k1 1.2, b 0.75) over the sentences, and nothing else. */
function bestByBm25(question: string, sources: readonly SourceText[]): string {
  const sentences = sources.flatMap((source) => splitSentences(source.text).map((text) => ({ text, stems: stemsOf(text) })))
  const average = sentences.reduce((sum, { stems }) => sum + stems.length, 0) / sentences.length
  const asked = [...new Set(stemsOf(question))].map((stem) => {
    const found = sentences.filter(({ stems }) => stems.includes(stem)).length
    return { stem, rarity: Math.log(1 + (sentences.length - found + 0.5) / (found + 0.5)) }
  })
  const scored = sentences.map(({ text, stems }) => {
    const terms = asked.map(({ stem, rarity }) => {
      const times = stems.filter((one) => one === stem).length
      return (rarity * times * 2.2) / (times + 1.2 * (0.25 + (0.75 * stems.length) / average))
    })
    return { text, score: terms.reduce((sum, term) => sum + term, 0) }
  })
  return scored.toSorted((left, right) => right.score - left.score)[0]?.text ?? ''
}

function stemsOf(text: string): string[] {
  return wordsOf(text).map((word) => word.stem)
}

/** The same sentences are asked about again and again: each is embedded once. */
function remember(embedder: Embedder): Embedder {
  const known = new Map<string, Float32Array>()
  return {
    id: embedder.id,
    dimensions: embedder.dimensions,
    runtime: embedder.runtime,
    async embed(texts) {
      const missing = [...new Set(texts)].filter((text) => !known.has(text))
      if (missing.length > 0) {
        const vectors = await embedder.embed(missing)
        missing.forEach((text, index) => {
          const vector = vectors[index]
          if (vector !== undefined) known.set(text, vector)
        })
      }
      return texts.flatMap((text) => known.get(text) ?? [])
    },
    close: () => embedder.close(),
  }
}

function holds(text: string, answers: readonly string[]): boolean {
  const normal = (one: string) =>
    ` ${one
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
      .trim()} `
  return answers.some((answer) => normal(text).includes(normal(answer)))
}

function count(pair: number[], hit: boolean): void {
  pair[0] = (pair[0] ?? 0) + (hit ? 1 : 0)
  pair[1] = (pair[1] ?? 0) + 1
}

function share([hits = 0, all = 0]: number[]): string {
  return `${(hits / all).toFixed(3)} (${hits}/${all})`
}

function rows<Row>(file: string): Row[] {
  return readFileSync(join(data, file), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Row)
}
