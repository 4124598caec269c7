/** What a search gave for one need: names best first, and how sure it was that one of them fits. */
export interface Answered {
  readonly gold: readonly string[]
  readonly names: readonly string[]
  readonly confidence: number
}

/** Means over the needs that a tool fits. */
export interface Ranked {
  readonly recallAt1: number
  readonly recallAt5: number
  readonly recallAt10: number
  readonly ndcgAt5: number
  readonly allGoldAt5: number
}

export function rankingOf(answers: readonly Answered[]): Ranked {
  const fitting = answers.filter(({ gold }) => gold.length > 0)
  const mean = (measure: (one: Answered) => number) => fitting.reduce((sum, one) => sum + measure(one), 0) / fitting.length
  const recall = (k: number) => mean((one) => found(one, k) / one.gold.length)
  return {
    recallAt1: recall(1),
    recallAt5: recall(5),
    recallAt10: recall(10),
    ndcgAt5: mean(gainAt5),
    allGoldAt5: mean((one) => (found(one, 5) === one.gold.length ? 1 : 0)),
  }
}

function found({ gold, names }: Answered, k: number): number {
  const first = new Set(names.slice(0, k))
  return gold.filter((name) => first.has(name)).length
}

function gainAt5({ gold, names }: Answered): number {
  const worth = (rank: number) => 1 / Math.log2(rank + 2)
  const reached = names.slice(0, 5).reduce((sum, name, rank) => sum + (gold.includes(name) ? worth(rank) : 0), 0)
  const ideal = gold.slice(0, 5).reduce((sum, _, rank) => sum + worth(rank), 0)
  return reached / ideal
}

/** How well the confidence tells needs that a tool fits from those that none does. */
export interface Abstention {
  /** How often a need with a tool has the higher confidence of two; ties count half. */
  readonly auc: number
  /** The share of needs without a tool that would be offered one, at a threshold that keeps so many of the others. */
  readonly curve: readonly { readonly kept: number; readonly falseOffers: number }[]
}

const keptShares = [0.99, 0.95, 0.9, 0.8]

/** `undefined` unless there are needs of both kinds. */
export function abstentionOf(answers: readonly Answered[]): Abstention | undefined {
  const confidences = (fits: boolean) => answers.filter(({ gold }) => gold.length > 0 === fits).map(({ confidence }) => confidence)
  const fitting = confidences(true).toSorted((a, b) => b - a)
  const none = confidences(false)
  if (fitting.length === 0 || none.length === 0) return undefined
  const curve = keptShares.map((kept) => {
    const threshold = fitting[Math.ceil(kept * fitting.length) - 1] as number
    return { kept, falseOffers: none.filter((confidence) => confidence >= threshold).length / none.length }
  })
  return { auc: areaOf(fitting, none), curve }
}

/** How often a positive scores above a negative (the area under the curve of receiver operating characteristics); ties count half. */
export function areaOf(positives: readonly number[], negatives: readonly number[]): number {
  const all = [...positives.map((score) => ({ score, one: 1 })), ...negatives.map((score) => ({ score, one: 0 }))]
  all.sort((a, b) => a.score - b.score)
  let ranks = 0
  for (let start = 0; start < all.length; ) {
    let end = start
    while (end < all.length && all[end]?.score === all[start]?.score) end += 1
    ranks += all.slice(start, end).reduce((sum, { one }) => sum + one, 0) * ((start + end + 1) / 2)
    start = end
  }
  return (ranks - (positives.length * (positives.length + 1)) / 2) / (positives.length * negatives.length)
}

/** A score with whether it ought to be high. */
export interface Scored {
  readonly isPositive: boolean
  readonly score: number
}

/** How well a score tells both kinds apart. `undefined` where rows of one kind are missing. */
export interface ToldApart {
  readonly auc: number
  /** The largest share of the positives above a threshold at which so much of all above it is positive. */
  readonly recallAtPrecision95: number
  readonly recallAtPrecision99: number
}

export function toldApart(rows: readonly Scored[]): ToldApart | undefined {
  const scores = (wanted: boolean) => rows.filter(({ isPositive }) => isPositive === wanted).map(({ score }) => score)
  const [positives, negatives] = [scores(true), scores(false)]
  if (positives.length === 0 || negatives.length === 0) return undefined
  return {
    auc: areaOf(positives, negatives),
    recallAtPrecision95: recallAtPrecision(rows, 0.95),
    recallAtPrecision99: recallAtPrecision(rows, 0.99),
  }
}

function recallAtPrecision(rows: readonly Scored[], precision: number): number {
  const ranked = rows.toSorted((one, other) => other.score - one.score)
  let right = 0
  let best = 0
  for (const [index, { isPositive, score }] of ranked.entries()) {
    right += Number(isPositive)
    const isLastOfItsScore = score > (ranked[index + 1]?.score ?? Number.NEGATIVE_INFINITY)
    if (isLastOfItsScore && right / (index + 1) >= precision) best = right
  }
  return best / rows.filter(({ isPositive }) => isPositive).length
}

/** Of milliseconds. */
export interface Times {
  readonly p50: number
  readonly p99: number
}

export function timesOf(all: readonly number[]): Times {
  const sorted = all.toSorted((a, b) => a - b)
  const at = (part: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0
  return { p50: at(0.5), p99: at(0.99) }
}

export function shareOf<Row>(rows: readonly Row[], holds: (row: Row) => boolean): number {
  return rows.length === 0 ? 0 : rows.filter(holds).length / rows.length
}
