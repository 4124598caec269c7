import { gainAt } from './gain.ts'
import type { LearnedModel, LearnedRanking, LearningBase, Verdict } from './learned.ts'
import type { ToolOutcome } from './outcome.ts'
import { createLearned } from './rescore.ts'
import { lessonOf } from './teaching.ts'

// Fewer say nothing: one lucky outcome would move the mean by more than learning does.
const leastCompared = 20

/**
 * Compares a candidate with what ranks now and with the static order, on outcomes that neither learnt from.
 *
 * Only what was accepted is compared: where the tool that served a need stands in each order.
 */
export async function promote(
  candidate: LearnedModel,
  current: LearnedModel | undefined,
  heldBack: readonly ToolOutcome[],
  base: LearningBase,
): Promise<Verdict> {
  const places = new Map(base.tools.map((tool, place) => [tool.name, place]))
  const rankings = { candidate: createLearned(candidate), current: current && createLearned(current) }
  const sums = { static: 0, current: 0, candidate: 0 }
  let compared = 0
  for (const outcome of heldBack) {
    const place = places.get(outcome.tool)
    if (place === undefined || base.tools[place]?.hash !== outcome.hash || lessonOf(outcome) <= 0) continue
    const scores = await base.scores(outcome.need)
    const gainOf = (ranking: LearnedRanking | undefined) => gainAt(ranking ? rescored(ranking, outcome, base, scores) : scores, place)
    compared += 1
    sums.static += gainOf(undefined)
    sums.current += gainOf(rankings.current)
    sums.candidate += gainOf(rankings.candidate)
  }
  const mean = (sum: number) => (compared === 0 ? 0 : sum / compared)
  const gains = { static: mean(sums.static), current: current && mean(sums.current), candidate: mean(sums.candidate) }
  const best = Math.max(gains.static, gains.current ?? 0)
  if (compared < leastCompared) {
    return { decision: 'keep', compared, gains, reason: `${compared} held-back outcomes are too few: ${leastCompared} are needed` }
  }
  if (gains.candidate > best) return { decision: 'promote', compared, gains, reason: 'It ranks held-back outcomes best' }
  if (gains.current !== undefined && gains.current < gains.static) {
    return { decision: 'rollback', compared, gains, reason: 'What ranks now loses against the static order' }
  }
  return { decision: 'keep', compared, gains, reason: 'It does not rank held-back outcomes better' }
}

function rescored(ranking: LearnedRanking, { need, previousTool }: ToolOutcome, base: LearningBase, scores: Float64Array): Float64Array {
  return ranking.rescore({ ...need, used: previousTool === undefined ? [] : [previousTool] }, base.tools, scores)
}
