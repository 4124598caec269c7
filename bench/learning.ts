import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createMiniLM } from '../models/local/index.ts'
import { createLearned, type LearningBase, learn, promote } from '../tools/learning/learned.ts'
import type { OutcomeClass, ToolOutcome } from '../tools/learning/outcome.ts'
import { bfclMultiTurn, folder, metatool, ownNeeds, stableToolBench } from './learning/data.ts'
import { type Figures, figuresOf, type PreparedNeed, type PreparedSet, prepareSet, type Ranking, splitOf } from './learning/prepared.ts'
import { createPrepared } from './learning/vectors.ts'

/*
 * Measures what outcomes add to the search: 70 % of the needs of a set are past calls, the rest is asked afterwards. Constants were
 * chosen on one half of what is asked (by SHA-1 of the id), figures are of the other.
 */
const part = process.argv.includes('--tuned') ? 'tuned' : 'reported'

export async function benchLearning(): Promise<void> {
  if (!existsSync(join(folder, 'metatool'))) {
    console.log(`Learning: no data in ${folder}. Set SIGNALBOX_DATA to the folder that holds metatool, stabletoolbench and bfcl.`)
    return
  }
  const embedder = createPrepared(createMiniLM())
  try {
    console.log(
      `${'nDCG@5 / R@1'.padEnd(24)}${['asked', 'BM25', 'plain', 'static', 'learned', 'gate'].map((cell) => cell.padStart(13)).join('')}`,
    )
    for (const set of [await ownNeeds(), bfclMultiTurn(), stableToolBench(), metatool()]) await measure(await prepareSet(set, embedder))
  } finally {
    await embedder.close()
  }
}

async function measure(set: PreparedSet): Promise<void> {
  const { past, asked } = splitOf(set, part, 'past')
  const base = baseOf(set)
  const outcomes = past.flatMap((index) => outcomesOf(set, index))
  const model = await learn(
    outcomes.filter((_, index) => index % 5 > 0),
    base,
  )
  const heldBack = outcomes.filter((_, index) => index % 5 === 0)
  const verdict = await promote(model, undefined, heldBack, base)
  const learned = createLearned(model)
  const ranking: Ranking = (index) => {
    const need = set.needs[index] as PreparedNeed
    return learned.rescore({ ...need, used: need.previousTool ? [need.previousTool] : [] }, set.tools, set.shipped(index))
  }
  const cells = [set.words, set.plain, set.shipped, ranking].map((one) => told(figuresOf(set, asked, one)))
  console.log(`${set.name.padEnd(24)}${[String(asked.length), ...cells, verdict.decision].map((cell) => cell.padStart(13)).join('')}`)
}

function baseOf(set: PreparedSet): LearningBase {
  const indexes = new Map(set.needs.map((need, index) => [need.vector, index]))
  return { tools: set.tools, scores: (need) => set.shipped(indexes.get(need.vector) as number) }
}

/** Full information: each right tool was called and served; where the search put a wrong one first, it was called and failed. */
function outcomesOf(set: PreparedSet, index: number): ToolOutcome[] {
  const need = set.needs[index] as PreparedNeed
  const scores = set.shipped(index)
  const first = scores.indexOf(Math.max(...scores))
  const served = need.right.map((place) => outcome(set, need, place, 'accepted'))
  return need.right.includes(first) ? served : [...served, outcome(set, need, first, 'tool_error')]
}

function outcome(set: PreparedSet, need: PreparedNeed, place: number, kind: OutcomeClass): ToolOutcome {
  const tool = set.tools[place]
  if (!tool) throw new RangeError(`Cannot call tool ${place} of ${set.tools.length}`)
  return {
    need,
    tool: tool.name,
    hash: tool.hash,
    class: kind,
    source: 'harness',
    principal: 'one',
    at: 0,
    propensity: 1,
    tainted: false,
    previousTool: need.previousTool,
  }
}

function told({ gain, first }: Figures): string {
  return [gain, first].map((value) => value.toFixed(3).replace(/^0/, '')).join(' / ')
}

if (import.meta.main) await benchLearning()
