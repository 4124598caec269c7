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
  const wins = fitting.reduce((sum, one) => sum + none.reduce((won, other) => won + (one > other ? 1 : one === other ? 0.5 : 0), 0), 0)
  const curve = keptShares.map((kept) => {
    const threshold = fitting[Math.ceil(kept * fitting.length) - 1] as number
    return { kept, falseOffers: none.filter((confidence) => confidence >= threshold).length / none.length }
  })
  return { auc: wins / (fitting.length * none.length), curve }
}
