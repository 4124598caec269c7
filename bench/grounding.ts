import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { groundingHead, scoreClaim } from '../models/local/grounding/head.ts'
import { createMiniLM } from '../models/local/index.ts'
import { dataFolder } from './cache/data.ts'
import { groundingExamples } from './grounding/data.ts'
import { type ReadExample, readExamples } from './grounding/read.ts'
import { createPrepared } from './learning/vectors.ts'
import { areaOf, figure, row, shareOf } from './signals/figures.ts'

/*
 * Whether sentences are borne by the texts that they stand beside: the head on the quarter of the sources that it has not seen, beside
 * shared words and cosine. Pairs are of one length: what is not borne is a sentence with one thing changed, or another source's of nearly
 * as many letters. No feature looks for a sentence word for word.
 */
const titles: Readonly<Record<ReadExample['set'], string>> = {
  documents: 'as it stands in the source',
  paraphrase: 'paraphrased (documentation)',
  memory: 'said of the user (conversations)',
  tools: "an assistant's words of its tools' JSON",
  written: 'written to look alike (ours)',
}
const verbatim: ReadonlySet<ReadExample['set']> = new Set(['documents'])

if (existsSync(join(dataFolder, 'gptcache-mock'))) {
  const embedder = createPrepared(createMiniLM())
  const read = await readExamples(
    groundingExamples().filter(({ part }) => part === 'held out'),
    embedder,
  )
  await embedder.close()
  const head = groundingHead()
  const headOf = ({ reading }: ReadExample) => scoreClaim(head, reading.features)
  const ways: Readonly<Record<string, (one: ReadExample) => number>> = {
    words: ({ reading }) => reading.features[head.features.indexOf('coverage_all')] ?? 0,
    cosine: ({ reading }) => reading.features[head.features.indexOf('cosine_best')] ?? 0,
    head: headOf,
  }
  const isFlagged = (one: ReadExample) => one.reading.missing.length > 0 || headOf(one) < head.threshold
  const show = (name: string, all: readonly ReadExample[]) => {
    const [borne, not] = [all.filter(({ isBorne }) => isBorne), all.filter(({ isBorne }) => !isBorne)]
    const areas = Object.values(ways).map((score) => figure(areaOf(borne.map(score), not.map(score))))
    row(name, `${borne.length}/${not.length}`, ...areas, figure(shareOf(not, isFlagged)), figure(shareOf(borne, isFlagged)))
  }
  row('AUC: borne / not', 'pairs', ...Object.keys(ways), 'found', 'wrongly')
  for (const [set, all] of Map.groupBy(read, ({ set }) => set)) show(titles[set], all)
  show('all of them', read)
  show(
    'all but those that stand there word for word',
    read.filter(({ set }) => !verbatim.has(set)),
  )
  console.log('\nby what was changed, without those that stand there word for word\n')
  const said = read.filter(({ set }) => !verbatim.has(set))
  for (const [change, changed] of Map.groupBy(
    said.filter(({ isBorne }) => !isBorne),
    ({ change }) => change,
  )) {
    const sets = new Set(changed.map(({ set }) => set))
    show(
      change,
      said.filter((one) => one.change === change || (one.isBorne && sets.has(one.set))),
    )
  }
} else console.log(`No open data in ${dataFolder}: set SIGNALBOX_DATA to the folder that holds gptcache-mock.`)
