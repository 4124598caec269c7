import { explore } from '../../src/learning/explore.ts'
import { createLearned, type LearnedModel, type LearningBase, learn, promote, type Verdict } from '../../tools/learning/learned.ts'
import type { OutcomeClass, ToolOutcome } from '../../tools/learning/outcome.ts'
import { shareOf } from './data.ts'
import type { PreparedNeed, PreparedSet, Ranking } from './prepared.ts'

/** One in ten needs is kept for the gate. */
const heldBackShare = 0.1
const shown = 5
const flippedShare = 0.1
const exploredShare = 0.05
const days = 3

export interface Learnt {
  readonly verdict: Verdict
  /** What ranks now: the static order where the gate kept it. */
  readonly ranking: Ranking
  readonly model: LearnedModel | undefined
}

/** Everything is known: each right tool was called and served, and a wrong one that stood first was called and failed. */
export async function learnFromAll(set: PreparedSet, past: readonly number[]): Promise<Learnt> {
  const outcomes = past.flatMap((index) => {
    const need = set.needs[index] as PreparedNeed
    const first = bestOf(set.shipped(index), 1)[0] as number
    const served = need.right.map((place) => outcomeOf(set, need, place, 'accepted'))
    return need.right.includes(first) ? served : [...served, outcomeOf(set, need, first, 'tool_error')]
  })
  return judged(set, outcomes, undefined)
}

/**
 * Only what the search showed can be called: the right tools among the first five, or where none is there the first one, in vain. One in
 * ten outcomes is told the wrong way round. Learns and judges after each day, and the next day's searches use what was promoted.
 */
export async function learnInEarnest(set: PreparedSet, past: readonly number[]): Promise<Learnt> {
  const order = past.toSorted((a, b) => shareOf(set.needs[a]?.id ?? '', 'day') - shareOf(set.needs[b]?.id ?? '', 'day'))
  const outcomes: ToolOutcome[] = []
  let learnt: Learnt = { verdict: await nothing(set), ranking: set.shipped, model: undefined }
  for (let day = 0; day < days; day += 1) {
    for (const index of order.slice((order.length * day) / days, (order.length * (day + 1)) / days)) {
      const need = set.needs[index] as PreparedNeed
      const offered = explore(bestOf(learnt.ranking(index), shown + 4), { shown, share: exploredShare, seed: need.id }).slice(0, shown)
      const right = offered.filter(({ hit }) => need.right.includes(hit))
      const isFlipped = shareOf(need.id, 'flip') < flippedShare
      for (const { hit, propensity } of right.length > 0 ? right : offered.slice(0, 1)) {
        outcomes.push(outcomeOf(set, need, hit, right.length > 0 !== isFlipped ? 'accepted' : 'tool_error', propensity))
      }
    }
    learnt = await judged(set, outcomes, learnt.model)
  }
  return learnt
}

async function judged(set: PreparedSet, outcomes: readonly ToolOutcome[], current: LearnedModel | undefined): Promise<Learnt> {
  const base = baseOf(set)
  const isHeldBack = ({ need }: ToolOutcome) => shareOf((need as PreparedNeed).id, 'gate') < heldBackShare
  const candidate = await learn(
    outcomes.filter((outcome) => !isHeldBack(outcome)),
    base,
  )
  const verdict = await promote(candidate, current, outcomes.filter(isHeldBack), base)
  const model = verdict.decision === 'promote' ? candidate : verdict.decision === 'keep' ? current : undefined
  return { verdict, model, ranking: model === undefined ? set.shipped : rankingOf(set, model) }
}

async function nothing(set: PreparedSet): Promise<Verdict> {
  return promote(await learn([], baseOf(set)), undefined, [], baseOf(set))
}

export function rankingOf(set: PreparedSet, model: LearnedModel): Ranking {
  const learned = createLearned(model)
  return (index) => {
    const need = set.needs[index] as PreparedNeed
    return learned.rescore({ ...need, used: need.previousTool === undefined ? [] : [need.previousTool] }, set.tools, set.shipped(index))
  }
}

function baseOf(set: PreparedSet): LearningBase {
  const indexes = new Map(set.needs.map((need, index) => [need.vector, index]))
  return { tools: set.tools, scores: (need) => set.shipped(indexes.get(need.vector) as number) }
}

function bestOf(scores: Float64Array, count: number): number[] {
  return [...scores.keys()].sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b).slice(0, count)
}

function outcomeOf(set: PreparedSet, need: PreparedNeed, place: number, kind: OutcomeClass, propensity = 1): ToolOutcome {
  const tool = set.tools[place]
  if (!tool) throw new RangeError(`Cannot call tool ${place} of ${set.tools.length}`)
  const { name, hash } = tool
  const { previousTool } = need
  return { need, tool: name, hash, class: kind, source: 'harness', principal: 'one', at: 0, propensity, tainted: false, previousTool }
}
