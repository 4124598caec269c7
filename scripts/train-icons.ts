import { readFileSync, writeFileSync } from 'node:fs'
import { decodeIconNetwork, encodeIconNetwork, type IconNetworkFacts, probabilitiesOf } from '../models/local/icons/icon-network.ts'
import { signsAt } from '../tools/computer/guard/sign-place.ts'
import { type Drawing, drawingsOf, lettersOf } from './icons/drawings.ts'
import { trainedMeanings } from './icons/names.ts'
import { createRandom, nonsense, pick, sceneOf } from './icons/scenes.ts'
import { iconSets } from './icons/sets.ts'

/*
 * Makes models/local/icons/icons.head of what `train-icons.py` learnt. The sets of `icons/sets.ts` have to lie in one folder (PACKAGES, a
 * node_modules with those versions); drawings are kept in another.
 *
 *   node scripts/icons/samples.ts PACKAGES KEPT train 1 330 train-1.bin      and the same with 2, and `choose 9 25 choose.bin`
 *   python scripts/train-icons.py learnt.bin 60 train-1.bin train-2.bin --choose choose.bin --steps 10000
 *   node scripts/train-icons.ts PACKAGES KEPT learnt.bin models/local/icons/icons.head
 */
const [packages = '', kept = '', learnt = '', out = ''] = process.argv.slice(2)
const scenes = { choose: 10, test: 8 }
const least = 0.95

interface Judged {
  /** Of what was drawn, or `unknown`. */
  readonly is: string
  readonly kind: 'sign' | 'other' | 'nonsense'
  readonly best: { readonly meaning: string; readonly confidence: number } | undefined
}

const raw = readFileSync(learnt)
const line = raw.indexOf(10)
const { convolutions, hidden } = JSON.parse(raw.subarray(0, line).toString('utf8')) as Pick<IconNetworkFacts, 'convolutions' | 'hidden'>
const facts = (divisor: number, measured: Record<string, number>): IconNetworkFacts => ({
  format: 'signalbox-icon-network',
  version: 1,
  side: 32,
  meanings: [...trainedMeanings],
  temperature: divisor,
  convolutions,
  hidden,
  trained_on: iconSets
    .filter(({ use }) => use === 'train')
    .map(({ package: name, version, licence }) => `${name} ${version} (${licence})`)
    .join(', '),
  measured,
})
const network = decodeIconNetwork(encodeIconNetwork(facts(1, {}), raw.subarray(line + 1)), learnt)

const chosen = await judgedBy('choose')
const temperature = [0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.5].toSorted((one, other) => gapOf(chosen(one)) - gapOf(chosen(other)))[0] ?? 1
print('choose', chosen(temperature))
const tested = (await judgedBy('test'))(temperature)
const measured = print('test', tested)
writeFileSync(out, encodeIconNetwork(facts(temperature, measured), raw.subarray(line + 1)))

/** Scenes of sets that were not learnt from: as many of what has no name as of what has one. */
async function judgedBy(use: 'choose' | 'test'): Promise<(temperature: number) => Judged[]> {
  const drawings = await drawingsOf(use, packages, kept)
  const around = { others: drawings, letters: await lettersOf() }
  const random = createRandom(use === 'choose' ? 77 : 78)
  const byMeaning = [...Map.groupBy(drawings, ({ meaning }) => meaning)]
  const found: { is: string; kind: Judged['kind']; shares: Float32Array[] }[] = []
  const add = async (cover: Uint8Array, is: string, kind: Judged['kind']) => {
    const { raster, at } = await sceneOf(cover, random, around)
    found.push({ is, kind, shares: signsAt(raster, at).map(({ ink }) => probabilitiesOf(network, ink)) })
  }
  const others: readonly Drawing[] = byMeaning.find(([meaning]) => meaning === 'unknown')?.[1] ?? []
  for (let round = 0; round < scenes[use]; round += 1) {
    for (const [meaning, some] of byMeaning) if (meaning !== 'unknown') await add(pick(random, some).cover, meaning, 'sign')
    for (let place = 0; place < 60; place += 1) await add(pick(random, others).cover, 'unknown', 'other')
    for (let place = 0; place < 60; place += 1) await add(nonsense(random, around), 'unknown', 'nonsense')
  }
  return (divisor) => found.map(({ is, kind, shares }) => ({ is, kind, best: surest(shares, divisor) }))
}

/** As the worker chooses, at another temperature. */
function surest(all: readonly Float32Array[], divisor: number): Judged['best'] {
  let best: Judged['best']
  for (const shares of all) {
    const raised = shares.map((share) => share ** (1 / divisor))
    const sum = raised.reduce((total, value) => total + value, 0)
    const place = raised.indexOf(Math.max(...raised))
    const [meaning, confidence] = [trainedMeanings[place], (raised[place] ?? 0) / sum]
    if (meaning !== undefined && confidence > (best?.confidence ?? 0)) best = { meaning, confidence }
  }
  return best
}

/** By how much what is said differs from how often it is true, over tenths of confidence. */
function gapOf(judged: readonly Judged[]): number {
  const named = judged.flatMap(({ is, best }) =>
    best === undefined ? [] : [{ confidence: best.confidence, isRight: best.meaning === is }],
  )
  let gap = 0
  for (const some of Map.groupBy(named, ({ confidence }) => Math.floor(confidence * 10)).values()) {
    const mean = (of: (one: (typeof named)[number]) => number) => some.reduce((sum, one) => sum + of(one), 0) / some.length
    gap += (some.length / named.length) * Math.abs(mean(({ confidence }) => confidence) - mean(({ isRight }) => Number(isRight)))
  }
  return gap
}

function print(name: string, judged: readonly Judged[]): Record<string, number> {
  const signs = judged.filter(({ kind }) => kind === 'sign')
  const share = (some: readonly Judged[], is: (one: Judged) => boolean) => Math.round((1000 * some.filter(is).length) / some.length) / 1000
  const at = (threshold: number) => {
    const isNamed = ({ best }: Judged) => best !== undefined && best.confidence >= threshold
    const named = signs.filter(isNamed)
    return {
      threshold,
      coverage: share(signs, isNamed),
      precision: share(named, ({ is, best }) => best?.meaning === is),
      precision_with_others: share(
        judged.filter(({ kind }) => kind !== 'nonsense').filter(isNamed),
        ({ is, best }) => best?.meaning === is,
      ),
      named_others: share(
        judged.filter(({ kind }) => kind === 'other'),
        isNamed,
      ),
      named_nonsense: share(
        judged.filter(({ kind }) => kind === 'nonsense'),
        isNamed,
      ),
    }
  }
  const rows = [0.3, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 0.97].map(at)
  console.log(
    `${name}: ${signs.length} signs, accuracy ${share(signs, ({ is, best }) => best?.meaning === is)}, found nothing ${share(signs, ({ best }) => best === undefined)}, temperature ${temperature}, gap ${gapOf(judged).toFixed(3)}`,
  )
  console.table(rows)
  const missed = [...Map.groupBy(signs, ({ is }) => is)].map(
    ([is, some]) => [is, share(some, ({ best }) => best?.meaning === is), pairs(some)] as const,
  )
  for (const [is, right, wrong] of missed.toSorted((a, b) => a[1] - b[1]).slice(0, 30)) console.log(`  ${is} ${right} ${wrong}`)
  const enough = rows.find(({ precision }) => precision >= least) ?? rows.at(-1)
  return {
    accuracy: share(signs, ({ is, best }) => best?.meaning === is),
    coverage: enough?.coverage ?? 0,
    precision: enough?.precision ?? 0,
  }
}

function pairs(some: readonly Judged[]): string {
  return [...Map.groupBy(some, ({ best }) => best?.meaning ?? '-')]
    .toSorted((a, b) => b[1].length - a[1].length)
    .slice(0, 4)
    .map(([meaning, all]) => `${meaning}:${all.length}`)
    .join(' ')
}
