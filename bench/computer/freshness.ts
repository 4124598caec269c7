import { createImages } from '../../models/images.ts'
import { createFrameStore } from '../../test/support/frame-store.ts'
import { createFrames } from '../../tools/computer/frames.ts'
import { judgeFreshness } from '../../tools/computer/guard/freshness.ts'
import { benignKinds, makePair, raceKinds, type ScreenPair } from './pairs.ts'
import { seeded } from './random.ts'
import { draw } from './scene.ts'

/* How many races the comparison of two screenshots catches, and how much harmless noise it takes for one. */

/** Of each kind; a race is missed or not, of harmless noise one in a hundred may be refused. */
const races = 6
const harmless = 14
const tunedSeed = 1
const otherSeed = 770_001

interface Outcome {
  readonly pair: ScreenPair
  readonly seed: number
  readonly codes: readonly string[]
  readonly ms: number
}

/** Prints a row a kind: on the pairs that the limits were chosen with, and on others of the same kinds. */
export async function benchFreshness({ details = false }: { details?: boolean | undefined } = {}): Promise<void> {
  console.log('| screenshot-to-click race | tuned on | other seeds | goal |\n| --- | --- | --- | --- |')
  const [first, second] = [await judgeAll(tunedSeed), await judgeAll(otherSeed)]
  for (const kind of [...raceKinds, ...benignKinds]) {
    const share = (outcomes: readonly Outcome[]) => {
      const ofKind = outcomes.filter(({ pair }) => pair.kind === kind)
      return `${ofKind.filter(({ codes }) => codes.length > 0).length} of ${ofKind.length}`
    }
    console.log(`| - ${raceKinds.includes(kind) ? 'caught' : 'refused'}: ${kind} | ${share(first)} | ${share(second)} | |`)
  }
  const rate = (outcomes: readonly Outcome[], isRace: boolean) => {
    const some = outcomes.filter(({ pair }) => pair.isRace === isRace)
    return `${((100 * some.filter(({ codes }) => codes.length > 0).length) / some.length).toFixed(1)} % of ${some.length}`
  }
  console.log(`| races caught | ${rate(first, true)} | ${rate(second, true)} | 100 % |`)
  console.log(`| benign refused | ${rate(first, false)} | ${rate(second, false)} | <= 1 % |`)
  const times = [...first, ...second].map(({ ms }) => ms).toSorted((a, b) => a - b)
  const at = (share: number) => (times[Math.floor((times.length - 1) * share)] ?? Number.NaN).toFixed(1)
  console.log(`| ms of the processor for the comparison of decoded frames, p50 / p99 | | ${at(0.5)} / ${at(0.99)} | |`)
  if (!details) return
  for (const { pair, seed, codes } of [...first, ...second]) {
    if (pair.isRace === codes.length > 0) continue
    console.log(`${pair.isRace ? 'missed' : 'refused'}: ${pair.kind}, seed ${seed}${codes.length > 0 ? `, ${codes.join(' ')}` : ''}`)
  }
}

async function judgeAll(seed: number): Promise<Outcome[]> {
  const outcomes: Outcome[] = []
  for (const [index, kind] of [...raceKinds, ...benignKinds].entries()) {
    const count = raceKinds.includes(kind) ? races : harmless
    for (let number = 0; number < count; number += 1) outcomes.push(await judge(kind, seed + index * 1000 + number))
  }
  return outcomes
}

/** Each pair is looked at once. */
const forgetful = { ...createFrameStore(), keepImage: async () => undefined }
const frames = createFrames({ images: createImages(), store: forgetful, maxRasterBytes: 1 })

async function judge(kind: string, seed: number): Promise<Outcome> {
  const pair = makePair(kind, seeded(seed))
  const { before, after, quality, window } = pair
  const url = (scene: { url: string }) => (scene.url === '' ? undefined : scene.url)
  const take = async (scene: ScreenPair['before'], index: 0 | 1, compression: number | undefined) => {
    const bytes = await draw(scene, { quality: compression })
    return (await frames.take('local', undefined, { bytes, url: url(scene), window: window?.[index] })).frame
  }
  const decidedOn = await take(before, 0, quality === undefined ? undefined : 92)
  const newest = await take(after, 1, quality)
  // Of this thread alone: what else the machine does shall not count.
  const started = process.threadCpuUsage()
  const { findings } = await judgeFreshness({ decidedOn, newest, point: pair.point })
  const { user, system } = process.threadCpuUsage(started)
  return { pair, seed, codes: findings.map(({ code }) => code), ms: (user + system) / 1000 }
}
