import { z } from 'zod'
import { surelyFits } from '../../memory/index.ts'
import { dot, type Embedder } from '../../models/embedder.ts'
import { differencesOf, factsOf, pairFeaturesOf, sameQuestionHead, scorePair } from '../../models/local/pairs/index.ts'
import { leastCosine } from '../dispatch/kept-answers.ts'
import { parseRows, refuse } from './labelled-rows.ts'
import { shareOf, type Times, type ToldApart, timesOf, toldApart } from './measures.ts'

/** Two questions, and whether one answer serves both. */
export interface LabelledPair {
  readonly one: string
  readonly other: string
  readonly same: boolean
}

const text = z.string().min(1).max(20_000)
const row = z.looseObject({ one: text, other: text, same: z.boolean() })

/**
 * JSON Lines of `{"one", "other", "same": true | false}`.
 *
 * @throws {LabelledDataError} With each faulty line.
 */
export function parsePairs(content: string, file: string): LabelledPair[] {
  const pairs = parseRows(content, file, row).map(({ row: { one, other, same } }) => ({ one, other, same }))
  if (pairs.length === 0) refuse(file, ['it has no pair'])
  return pairs
}

export interface PairEvaluation {
  readonly pairs: number
  readonly same: number
  /** Two baselines, the head alone, and what it is worth behind the guards for numbers, dates, negation, names and the like. */
  readonly ways: readonly { readonly name: 'words' | 'cosine' | 'head' | 'guarded'; readonly apart: ToldApart | undefined }[]
  /** Of the guards alone. */
  readonly guards: { readonly passedSame: number; readonly passedOther: number }
  /** What a cache would give at the target error rate, before it has seen any answer. */
  readonly served: { readonly targetError: number; readonly hits: number; readonly wrong: number; readonly recall: number }
  readonly ms: Times
}

interface EvaluateOptions {
  readonly embedder: Embedder
  /** The share of wrong answers that the policy allows. */
  readonly targetError: number
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((done: number) => void) | undefined
}

/** Holds each pair against each other as the semantic cache would, and counts how often it is right. */
export async function evaluatePairs(
  pairs: readonly LabelledPair[],
  { embedder, targetError, signal, onProgress }: EvaluateOptions,
): Promise<PairEvaluation> {
  const judged: { same: boolean; words: number; cosine: number; head: number; guarded: number; ms: number }[] = []
  for (const { one, other, same } of pairs) {
    signal?.throwIfAborted()
    const startedAt = performance.now()
    const [left, right] = await embedder.embed([one, other], { priority: 'query', signal })
    if (left === undefined || right === undefined) throw new Error('Cannot evaluate: the embedder gave no vector')
    const cosine = dot(left, right)
    const [words, otherWords] = (await embedder.embedWords?.([one, other], { priority: 'query', signal })) ?? []
    if (words === undefined || otherWords === undefined) throw new Error('Cannot evaluate: the embedder knows whole texts alone')
    const head = scorePair(sameQuestionHead(), pairFeaturesOf({ text: one, words }, { text: other, words: otherWords }, cosine))
    const guarded = differencesOf(factsOf(one), factsOf(other)).size > 0 ? 0 : head
    judged.push({ same, words: sharedWords(one, other), cosine, head, guarded, ms: performance.now() - startedAt })
    onProgress?.(judged.length)
  }
  const sure = (guarded: number) => surelyFits(guarded, { own: [], others: [] }) >= 1 - targetError
  const hits = judged.filter(({ cosine, guarded }) => cosine >= leastCosine && guarded > 0 && sure(guarded))
  const wrong = hits.filter(({ same }) => !same).length
  const passed = (wanted: boolean) =>
    shareOf(
      judged.filter(({ same }) => same === wanted),
      ({ guarded }) => guarded > 0,
    )
  const same = judged.filter((one) => one.same).length
  return {
    pairs: pairs.length,
    same,
    ways: (['words', 'cosine', 'head', 'guarded'] as const).map((name) => ({
      name,
      apart: toldApart(judged.map((one) => ({ isPositive: one.same, score: one[name] }))),
    })),
    guards: { passedSame: passed(true), passedOther: passed(false) },
    served: { targetError, hits: hits.length, wrong, recall: (hits.length - wrong) / Math.max(1, same) },
    ms: timesOf(judged.map(({ ms }) => ms)),
  }
}

/** Of the words of both, those that both have. */
function sharedWords(one: string, other: string): number {
  const [left, right] = [one, other].map((text) => new Set(text.toLowerCase().match(/[\p{L}\p{N}]+/gu)))
  return left === undefined || right === undefined || left.size + right.size === 0
    ? 0
    : left.intersection(right).size / left.union(right).size
}
