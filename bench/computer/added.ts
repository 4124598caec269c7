import { loadavg } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { createIconReader } from '../../models/local/icons/index.ts'
import { createOcr } from '../../models/local/ocr/index.ts'
import { type GuardedClick, guarded } from './click-guard.ts'
import { races } from './frozen.ts'
import { type Part, rendered } from './rendered.ts'

/** Not more: a read crop takes a tenth of a second and more, and each counts as much as the next. */
const most = 60

/** Prints what the guard adds to one click, with and without a reading of what is under it, and how long it holds the event loop. */
export async function benchAdded({ set, half, limit }: Part): Promise<void> {
  const ocr = createOcr()
  const signs = createIconReader()
  // The reader starts at the first picture, as it does in use.
  await ocr.read({ width: 64, height: 32, data: new Uint8Array(64 * 32 * 3).fill(255) })
  const clicks: GuardedClick[] = []
  for await (const { decidedOn, screen, action, claim } of rendered('races', { set, half, limit }, races)) {
    if (clicks.length >= most) break
    if (action.type === 'click') clicks.push({ action, claim, decidedOn, screen })
  }
  const sum = ({ ms }: Awaited<ReturnType<typeof guarded>>) => Object.values(ms).reduce((total, one) => total + one, 0)
  const times = { without: [] as number[], withOcr: [] as number[] }
  for (const click of clicks) times.without.push(sum(await guarded(click, undefined)))
  // On from the first click to the last: turned off in between, it would count the pause as one long delay.
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  for (const click of clicks) times.withOcr.push(sum(await guarded(click, { ocr, signs })))
  delay.disable()
  const held: number[] = []
  for (const click of clicks) held.push(await longestHold(() => guarded(click, { ocr, signs })))
  await ocr.close()
  await signs.close()
  if (times.without.length === 0) return
  const at = (all: readonly number[], share: number) =>
    (all.toSorted((a, b) => a - b)[Math.floor((all.length - 1) * share)] ?? 0).toFixed(1)
  const [load = 0] = loadavg()
  console.log(`\n| added to a click, ms | goal | p50 | p95 |\n| --- | --- | --- | --- |`)
  console.log(`| no reading | <= 25 | ${at(times.without, 0.5)} | ${at(times.without, 0.95)} |`)
  console.log(`| with what is under it read | <= 150 | ${at(times.withOcr, 0.5)} | ${at(times.withOcr, 0.95)} |`)
  console.log(`| event-loop delay, p99 | <= 20 | ${(delay.percentile(99) / 1e6).toFixed(1)} | |`)
  console.log(`| longest piece of a click, ms of processor | <= 20 | ${at(held, 0.5)} | ${at(held, 0.95)} |`)
  console.log(`Pieces above 20 ms: in ${held.filter((ms) => ms > 20).length} of ${held.length} clicks, at most ${at(held, 1)} ms.`)
  console.log(`The machine had a load of ${load.toFixed(1)} meanwhile.`)
}

/** What the event loop's thread computed at most between two of its turns: unlike a delay, it does not grow with what else runs. */
async function longestHold(work: () => Promise<unknown>): Promise<number> {
  const computed = () => {
    const { user, system } = process.threadCpuUsage()
    return (user + system) / 1000
  }
  let longest = 0
  let before = computed()
  let isOver = false
  const turn = () => {
    const now = computed()
    longest = Math.max(longest, now - before)
    before = now
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  await work()
  isOver = true
  await nextTurn()
  return longest
}
