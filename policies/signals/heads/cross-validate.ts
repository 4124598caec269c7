import { dot } from '../../../models/embedder.ts'
import { type Example, type FitOptions, fitHead } from './fit.ts'
import { judge } from './head.ts'
import { seededRandom, shuffled } from './landmarks.ts'

/** Shares of right labels on examples that were left out of training, each once. */
export interface CrossValidated {
  readonly rows: number
  readonly folds: number
  readonly accuracy: number
  /** Baselines: the label that most have, and the label whose mean vector is nearest. */
  readonly mostFrequent: number
  readonly nearestCentroid: number
  /** Right among those with confidence of at least .5, and how many those are. */
  readonly sure: { readonly share: number; readonly accuracy: number }
  readonly labels: readonly { readonly label: string; readonly rows: number; readonly recall: number; readonly precision: number }[]
}

/** @throws {RangeError} If there are fewer examples than folds. */
export async function crossValidate(examples: readonly Example[], options: FitOptions, folds = 5): Promise<CrossValidated> {
  if (examples.length < folds)
    throw new RangeError(`Cannot cross-validate: ${folds} folds need as many examples, received ${examples.length}`)
  const foldOf = foldsOf(examples, folds, options.seed ?? 1)
  const verdicts: { label: string; told: string; confidence: number; centroid: string; frequent: string }[] = []
  for (let fold = 0; fold < folds; fold += 1) {
    const training = examples.filter((_, place) => foldOf[place] !== fold)
    const head = await fitHead(training, options)
    const centroid = nearestCentroid(training)
    const frequent = mostFrequentLabel(training)
    for (const one of examples.filter((_, place) => foldOf[place] === fold)) {
      const { label: told, confidence } = judge(head, one.text, one.vector)
      verdicts.push({ label: one.label, told, confidence, centroid: centroid(one.vector), frequent })
    }
  }
  const share = (rows: typeof verdicts, right: (one: (typeof verdicts)[number]) => boolean) =>
    rows.filter(right).length / Math.max(1, rows.length)
  const sure = verdicts.filter(({ confidence }) => confidence >= 0.5)
  return {
    rows: examples.length,
    folds,
    accuracy: share(verdicts, (one) => one.told === one.label),
    mostFrequent: share(verdicts, (one) => one.frequent === one.label),
    nearestCentroid: share(verdicts, (one) => one.centroid === one.label),
    sure: { share: sure.length / verdicts.length, accuracy: share(sure, (one) => one.told === one.label) },
    labels: [...new Set(verdicts.map(({ label }) => label))].toSorted().map((label) => {
      const own = verdicts.filter((one) => one.label === label)
      const told = verdicts.filter((one) => one.told === label)
      const isRight = (one: (typeof verdicts)[number]) => one.told === one.label
      return { label, rows: own.length, recall: share(own, isRight), precision: share(told, isRight) }
    }),
  }
}

/** Each label is spread over all folds. */
function foldsOf(examples: readonly Example[], folds: number, seed: number): number[] {
  const random = seededRandom(seed)
  const foldOf: number[] = []
  const seen = new Map<string, number>()
  for (const place of shuffled(examples.length, random)) {
    const { label } = examples[place] as Example
    const count = seen.get(label) ?? 0
    seen.set(label, count + 1)
    foldOf[place] = count % folds
  }
  return foldOf
}

function mostFrequentLabel(examples: readonly Example[]): string {
  const counts = [...Map.groupBy(examples, ({ label }) => label)].map(([label, ones]) => ({ label, count: ones.length }))
  return counts.toSorted((a, b) => b.count - a.count || (a.label < b.label ? -1 : 1))[0]?.label ?? ''
}

/** The baseline beside each head: the label whose mean vector is nearest. */
export function nearestCentroid(examples: readonly Example[]): (vector: Float32Array) => string {
  const centroids = [...Map.groupBy(examples, ({ label }) => label)].map(([label, ones]) => {
    const sum = new Float32Array(ones[0]?.vector.length ?? 0)
    for (const { vector } of ones)
      for (let index = 0; index < sum.length; index += 1) sum[index] = (sum[index] as number) + (vector[index] as number)
    const norm = Math.sqrt(dot(sum, sum))
    return { label, centre: sum.map((value) => value / norm) }
  })
  return (vector) => {
    let [best, bestCosine] = ['', Number.NEGATIVE_INFINITY]
    for (const { label, centre } of centroids) {
      const cosine = dot(vector, centre)
      if (cosine > bestCosine) [best, bestCosine] = [label, cosine]
    }
    return best
  }
}
