import { z } from 'zod'
import type { Embedder } from '../../models/embedder.ts'
import { ground, groundingHead } from '../../models/local/grounding/index.ts'
import type { Grounding } from '../../models/outcome.ts'
import { parseRows, refuse } from './labelled-rows.ts'
import { shareOf, type Times, type ToldApart, timesOf, toldApart } from './measures.ts'

/** An answer with what it was given, and whether all that it claims stands there. */
export interface LabelledAnswer {
  readonly answer: string
  readonly sources: readonly string[]
  readonly supported: boolean
  /** What the person said, if anything. */
  readonly asked?: string | undefined
}

const text = z.string().min(1).max(200_000)
const row = z.looseObject({
  answer: text,
  sources: z.union([text, z.array(text).min(1).max(200)]),
  supported: z.boolean(),
  asked: z.string().max(20_000).optional(),
})

/**
 * JSON Lines of `{"answer", "sources": ["..."], "supported": true | false, "asked"?}`.
 *
 * @throws {LabelledDataError} With each faulty line.
 */
export function parseAnswers(content: string, file: string): LabelledAnswer[] {
  const answers = parseRows(content, file, row).map(({ row: { answer, sources, supported, asked } }) => ({
    answer,
    sources: typeof sources === 'string' ? [sources] : sources,
    supported,
    asked,
  }))
  if (answers.length === 0) refuse(file, ['it has no answer'])
  return answers
}

export interface GroundingEvaluation {
  readonly answers: number
  readonly supported: number
  /** Those that could not be judged, with the reason of the first. */
  readonly unscored: number
  readonly whyUnscored: string | undefined
  /** Words of the answer that stand in its sources, as the baseline; and the guard, by the claim that is borne least. */
  readonly ways: readonly { readonly name: 'words' | 'guard'; readonly apart: ToldApart | undefined }[]
  readonly threshold: number
  /** Of the answers that are not supported, and of those that are: the share with a claim below the threshold. */
  readonly found: number
  readonly wronglyFlagged: number
  readonly ms: Times
}

interface EvaluateOptions {
  readonly embedder: Embedder
  /** The guard's own unless given. */
  readonly threshold?: number | undefined
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number) => void) | undefined
}

/** Asks of each answer whether its sources bear it, as `guards.grounding` does. Supported ones are the positives. */
export async function evaluateGrounding(
  answers: readonly LabelledAnswer[],
  { embedder, threshold = groundingHead().threshold, signal, onProgress }: EvaluateOptions,
): Promise<GroundingEvaluation> {
  const judged: { supported: boolean; words: number; score: number; isFlagged: boolean; ms: number }[] = []
  const unscored: Grounding[] = []
  let done = 0
  for (const { answer, sources, supported, asked } of answers) {
    signal?.throwIfAborted()
    const startedAt = performance.now()
    const given = sources.map((one, index) => ({ id: `source ${index + 1}`, text: one }))
    // At a threshold of 1 each claim comes with its score.
    const grounding = await ground(answer, given, { embedder, signal, threshold: 1, asked })
    const ms = performance.now() - startedAt
    if (grounding.verdict === 'unscored') unscored.push(grounding)
    else {
      const least =
        grounding.unborne.length === 0 ? 1 : Math.min(...grounding.unborne.map(({ score, why }) => (why === 'exact' ? 0 : score)))
      judged.push({ supported, words: coverage(answer, sources), score: least, isFlagged: least < threshold, ms })
    }
    done += 1
    onProgress?.(done)
  }
  const of = (wanted: boolean) => judged.filter(({ supported }) => supported === wanted)
  const apart = (key: 'words' | 'score') => toldApart(judged.map((one) => ({ isPositive: one.supported, score: one[key] })))
  return {
    answers: answers.length,
    supported: answers.filter(({ supported }) => supported).length,
    unscored: unscored.length,
    whyUnscored: unscored[0]?.why,
    ways: [
      { name: 'words', apart: apart('words') },
      { name: 'guard', apart: apart('score') },
    ],
    threshold,
    found: shareOf(of(false), ({ isFlagged }) => isFlagged),
    wronglyFlagged: shareOf(of(true), ({ isFlagged }) => isFlagged),
    ms: timesOf(judged.map(({ ms }) => ms)),
  }
}

function coverage(answer: string, sources: readonly string[]): number {
  const words = (one: string) => new Set(one.toLowerCase().match(/[\p{L}\p{N}]+/gu))
  const said = words(answer)
  return said.size === 0 ? 0 : said.intersection(words(sources.join('\n'))).size / said.size
}
