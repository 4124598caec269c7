import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { createMiniLM } from '../models/local/index.ts'
import { createLearned, type LearnedModel } from '../tools/learning/learned.ts'
import type { HostedTool } from '../tools/tool.ts'
import { learnFromAll, learnInEarnest, rankingOf } from './learning/calls.ts'
import { bfclMultiTurn, metatool, metatoolTwo, ownNeeds, stableToolBench, tauBench } from './learning/data.ts'
import { oats } from './learning/oats.ts'
import { type Figures, figuresOf, type PreparedSet, prepareSet, type Ranking, recallOf, splitOf } from './learning/prepared.ts'
import { createPrepared } from './learning/vectors.ts'
import { folder } from './tool-search/data.ts'

/*
 * Measures what outcomes add to the search: 70 % of the needs of a set are past calls, the rest is asked afterwards. Constants were
 * chosen on one half of what is asked (by SHA-1 of the id), figures are of the other; `--tuned` shows the half they were chosen on.
 * Small sets are divided anew several times, and the mean is shown. `--only=several` shows needs of several intents alone,
 * `--only=own,bfcl` (or stabletoolbench, metatool) those sets.
 */
const part = process.argv.includes('--tuned') ? 'tuned' : 'reported'
const only = process.argv
  .find((arg) => arg.startsWith('--only='))
  ?.slice('--only='.length)
  .split(',')
const isWanted = (name: string) => only?.includes(name) ?? true
const columns = ['asked', 'BM25', 'plain', 'static', 'OATS usual', 'learned', 'in earnest', 'share', 'goal'] as const

export async function benchLearning(): Promise<void> {
  if (!existsSync(join(folder, 'metatool'))) {
    console.log(`Learning: no data in ${folder}. Set SIGNALBOX_DATA to the folder that holds metatool, stabletoolbench and bfcl.`)
    return
  }
  const embedder = createPrepared(createMiniLM())
  try {
    if (isWanted('several')) {
      line('R@10, several', severalColumns)
      for (const set of [metatoolTwo(), stableToolBench(), tauBench()]) await several(await prepareSet(set, embedder))
      console.log()
    }
    line('nDCG@5 / R@1', columns)
    if (isWanted('own')) await measure(await prepareSet(await ownNeeds(), embedder), 5, 'not below static')
    if (isWanted('bfcl')) await measure(await prepareSet(bfclMultiTurn(), embedder), 5, 'not below static')
    if (isWanted('stabletoolbench')) await measure(await prepareSet(stableToolBench(), embedder), 5, '.76')
    if (isWanted('metatool')) await measure(await prepareSet(metatool(), embedder), 1, '.93 / .87')
    speed()
  } finally {
    await embedder.close()
  }
}

async function measure(set: PreparedSet, divisions: number, goal: string): Promise<void> {
  const rows: Figures[][] = []
  const promoted = { all: 0, earnest: 0 }
  let asked = 0
  for (let division = 0; division < divisions; division += 1) {
    const split = splitOf(set, part, division === 0 ? 'past' : `past ${division}`)
    const all = await learnFromAll(set, split.past)
    const earnest = await learnInEarnest(set, split.past)
    asked += split.asked.length
    promoted.all += all.model ? 1 : 0
    promoted.earnest += earnest.model ? 1 : 0
    rows.push(
      [set.words, set.plain, set.shipped, oats(set, split.past), all.ranking, earnest.ranking].map((ranking) =>
        figuresOf(set, split.asked, ranking),
      ),
    )
  }
  const means = (rows[0] ?? []).map((_, column): Figures => {
    const mean = (of: (figures: Figures) => number) => rows.reduce((sum, row) => sum + of(row[column] as Figures), 0) / rows.length
    return { gain: mean(({ gain }) => gain), first: mean(({ first }) => first) }
  })
  const [, , shipped, , all, earnest] = means
  const gained = (all?.gain ?? 0) - (shipped?.gain ?? 0)
  const share = gained > 0 ? ((earnest?.gain ?? 0) - (shipped?.gain ?? 0)) / gained : 0
  line(set.name, [String(asked), ...means.map(told), gained > 0 ? `${Math.round(share * 100)} %` : '', goal])
  const worst = Math.min(...rows.flatMap((row) => [4, 5].map((column) => (row[column]?.gain ?? 0) - (row[2]?.gain ?? 0))))
  const decisions = `promoted in ${promoted.all} and, in earnest, ${promoted.earnest} of ${divisions} divisions`
  console.log(`  ${decisions}; least gain over static in any of them ${worst.toFixed(3)}`)
}

const severalColumns = ['asked', 'BM25', 'plain', 'static', 'not together', 'learned', 'in earnest', 'x plain', 'goal'] as const

/** Needs of several intents, in five divisions. "Not together" is what was learnt without which tools serve together. */
async function several(set: PreparedSet): Promise<void> {
  const rows: number[][] = []
  let asked = 0
  for (let division = 0; division < 5; division += 1) {
    const split = splitOf(set, part, `several ${division}`)
    const intents = split.asked.filter((index) => (set.needs[index]?.right.length ?? 0) > 1)
    asked += intents.length
    const all = await learnFromAll(set, split.past)
    const apart = all.model === undefined ? set.shipped : withoutTogether(set, all.model)
    const earnest = await learnInEarnest(set, split.past)
    rows.push([set.words, set.plain, set.shipped, apart, all.ranking, earnest.ranking].map((ranking) => recallOf(set, intents, ranking)))
  }
  const means = (rows[0] ?? []).map((_, column) => rows.reduce((sum, row) => sum + (row[column] as number), 0) / rows.length)
  const [, plain = 0, , , learned = 0] = means
  line(set.name, [String(asked), ...means.map((mean) => mean.toFixed(3).replace(/^0/, '')), (learned / plain).toFixed(2), '>= 1.25'])
}

function withoutTogether(set: PreparedSet, { id, facts, vectors }: LearnedModel): Ranking {
  return rankingOf(set, { id, vectors, facts: { ...facts, settings: { ...facts.settings, together: 0 } } })
}

/** 500 tools, 20,000 past needs and a head: numbers at random cost the same. */
function speed(): void {
  const [width, count, needs, vocabulary] = [384, 500, 20_000, 4096]
  const tools = Array.from({ length: count }, (_, index): HostedTool => {
    const name = `tool_${index}`
    return { name, server: 's', tool: name, description: '', inputSchema: {}, definition: {}, readOnly: true, hash: name }
  })
  const random = (length: number) => Float32Array.from({ length }, () => (Math.random() - 0.5) / 10)
  const words = Array.from({ length: vocabulary }, (_, index) => `w${index}`)
  const model: LearnedModel = {
    id: 'speed',
    vectors: random(needs * width + count * width + vocabulary * count + count),
    facts: {
      width,
      settings: { fit: 1, server: 0.1, follows: 0.1, together: 0.8, unseen: 0.01, head: true, words: 2, sharpness: 0.6 },
      tools: tools.map(({ name, hash }, index) => ({
        name,
        hash,
        accepted: 40,
        failed: 0,
        needs: needs / count,
        words: words.slice(index, index + 200).map((word) => [word, 1] as const),
      })),
      servers: ['s'],
      weights: Array<number>(needs).fill(1),
      transitions: [],
      together: [],
      head: { tools: count, places: [...tools.keys()], vocabulary: words, rarity: words.map(() => 1) },
    },
  }
  const learned = createLearned(model)
  const scores = new Float64Array(count)
  const taken: number[] = []
  for (let round = 0; round < 220; round += 1) {
    const query = { vector: random(width), words: words.slice(round * 10, round * 10 + 12), used: [] }
    const started = performance.now()
    learned.rescore(query, tools, scores)
    taken.push(performance.now() - started)
  }
  const sorted = taken.slice(20).sort((a, b) => a - b)
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(2)
  console.log(`\nrescore, ${count} tools, ${needs} past needs, a head of ${vocabulary} words: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`)
}

function line(name: string, cells: readonly string[]): void {
  console.log(`${name.padEnd(20)}${cells.map((cell) => cell.padStart(13)).join('')}`)
}

function told({ gain, first }: Figures): string {
  return [gain, first].map((value) => value.toFixed(3).replace(/^0/, '')).join(' / ')
}

if (import.meta.main) await benchLearning()
