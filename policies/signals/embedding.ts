import { z } from 'zod'
import type { Pool } from '../../models/pool.ts'
import { type Aggregation, nearestLabel } from './aggregate.ts'
import { type LabelledExample, onceEmbedded } from './example-vectors.ts'
import { labelled } from './head-reading.ts'
import { fitHead } from './heads/fit.ts'
import { type Head, judge } from './heads/head.ts'
import { embedderOf, queryVector } from './query-vector.ts'
import { defineSignal, type SignalResult } from './signal.ts'

const schema = z.strictObject({
  kind: z.literal('embedding'),
  /** Labels and the texts that stand for each; `pools` takes what each pool says it is for. */
  examples: z.union([z.literal('pools'), z.record(z.string(), z.array(z.string().min(1).max(1000)).min(1).max(200))]),
  /**
   * How examples make a score: the nearest one (`max`), the mean of the three nearest (`top_k`), at most eight centres of each
   * label (`prototypes`), or a small head that is trained on them (`learned`). Unless told, `learned` where there are at least two
   * labels and eight examples of each, else `max`.
   */
  aggregation: z.enum(['max', 'top_k', 'prototypes', 'learned']).optional(),
  /** What the best label must reach, else the value is empty: a cosine (.35 unless told), or of `learned` a calibrated confidence (.15). */
  threshold: z.number().min(0).max(1).optional(),
  /** And be ahead of the next label by this: .03 unless told, 0 of `learned`. */
  margin: z.number().min(0).max(1).optional(),
})

type EmbeddingOptions = z.output<typeof schema>

/**
 * The label whose examples the step's text is most like; empty when it is like none, or two lie too close together.
 *
 * The examples are embedded once, at the first reading; a learned head is fitted then, too: a tenth of a second for 100 examples,
 * some ten seconds for 3,000, in which others run on.
 */
export const embedding = defineSignal({
  value: 'text',
  is: 'the label whose examples the text is most like; empty when the best is below the threshold or not ahead by the margin. [How scores are made](policies.md#signals-that-are-learnt)',
  options: {
    examples: 'labels with their texts, or `pools`: what each pool says it is `for`',
    aggregation: 'how examples make a score: `learned` unless told where there are two labels with eight examples each, else `max`',
    threshold: 'what the best must reach: 0.35, of `learned` 0.15, unless told',
    margin: 'and be ahead by: 0.03, of `learned` 0, unless told',
  },
  schema,
  create(name, options, surroundings) {
    const texts = options.examples === 'pools' ? purposesOf(surroundings.pools) : options.examples
    const labels = Object.entries(texts).flatMap(([label, ones]) => ones.map((text): LabelledExample => ({ label, text })))
    const { aggregation, threshold, margin } = embeddingSettings(options, texts)
    const examples = onceEmbedded(labels.map(({ text }) => text))
    let fitted: Promise<Head> | undefined
    const headOf = (vectors: readonly Float32Array[], embedder: string) => {
      fitted ??= fitHead(
        labels.map((one, place) => ({ ...one, vector: vectors[place] as Float32Array })),
        { embedder },
      ).catch((error: unknown) => {
        fitted = undefined
        throw error
      })
      return fitted
    }

    return {
      name,
      cost: 'embed',
      type: 'string',
      // Which pools say what they are for is the configuration's affair: a rule that waits for one is no mistake of the policy.
      values: options.examples === 'pools' ? undefined : ['', ...Object.keys(texts)],
      async read(step, context): Promise<SignalResult> {
        const embedder = embedderOf(surroundings)
        if (labels.length === 0 || step.text === '') return { value: '', confidence: 0 }
        const vectors = await examples(embedder)
        const query = await queryVector(step.text, embedder, context)
        if (aggregation !== 'learned') return nearestLabel(query, vectors, labels, { aggregation, threshold, margin })
        const verdict = judge(await headOf(vectors, embedder.id), step.text, query)
        return verdict.lead >= margin ? labelled(verdict, threshold) : { value: '', confidence: verdict.confidence }
      },
    }
  },
})

const enoughToLearn = 8
const learnedThreshold = 0.15
const nearestThreshold = 0.35

/** What the confidence is at least where a label is named. */
export function leastConfidence({ threshold }: Pick<EmbeddingOptions, 'threshold'>): number {
  return threshold ?? Math.min(learnedThreshold, nearestThreshold)
}

/** What holds where the policy says nothing, with the texts of each label. */
export function embeddingSettings(
  { aggregation, threshold, margin }: EmbeddingOptions,
  texts: Readonly<Record<string, readonly string[]>>,
) {
  const sizes = Object.values(texts).map(({ length }) => length)
  const chosen: Aggregation | 'learned' = aggregation ?? (sizes.length > 1 && Math.min(...sizes) >= enoughToLearn ? 'learned' : 'max')
  const isLearned = chosen === 'learned'
  return {
    aggregation: chosen,
    threshold: threshold ?? (isLearned ? learnedThreshold : nearestThreshold),
    margin: margin ?? (isLearned ? 0 : 0.03),
  }
}

/** What each pool says it is for, a piece of text between commas being one example. */
function purposesOf(pools: readonly Pool[]): Record<string, string[]> {
  const purposes: Record<string, string[]> = {}
  for (const pool of pools) {
    const pieces = pool.purpose
      .split(/[,;\n]/)
      .map((piece) => piece.trim())
      .filter((piece) => piece !== '')
    if (pieces.length > 0) purposes[pool.name] = pieces
  }
  return purposes
}
