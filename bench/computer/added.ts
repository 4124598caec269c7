import { loadavg } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { createOcr } from '../../models/local/ocr/index.ts'
import { guarded } from './click-guard.ts'
import { races } from './frozen.ts'
import { type Part, rendered } from './rendered.ts'

/** Not more: a read crop takes a tenth of a second and more, and each counts as much as the next. */
const most = 60

/** Prints what the guard adds to one click, with and without a reading of what is under it, and how long it holds the event loop. */
export async function benchAdded({ half, limit }: Part): Promise<void> {
  const ocr = createOcr()
  // The reader starts at the first picture, as it does in use.
  await ocr.read({ width: 64, height: 32, data: new Uint8Array(64 * 32 * 3).fill(255) })
  const times = { without: [] as number[], withOcr: [] as number[] }
  const delay = monitorEventLoopDelay({ resolution: 1 })
  for await (const { decidedOn, screen, action, claim } of rendered('races', { half, limit }, races)) {
    if (times.without.length >= most) break
    if (action.type !== 'click') continue
    const click = { action, claim, decidedOn, screen }
    const sum = ({ ms }: Awaited<ReturnType<typeof guarded>>) => Object.values(ms).reduce((total, one) => total + one, 0)
    const blind = await guarded(click, undefined)
    delay.enable()
    const seeing = await guarded(click, ocr)
    delay.disable()
    times.without.push(sum(blind))
    times.withOcr.push(sum(seeing))
  }
  await ocr.close()
  if (times.without.length === 0) return
  const at = (all: readonly number[], share: number) =>
    (all.toSorted((a, b) => a - b)[Math.floor((all.length - 1) * share)] ?? 0).toFixed(1)
  const [load = 0] = loadavg()
  console.log(`\n| added to a click, ms | goal | p50 | p95 |\n| --- | --- | --- | --- |`)
  console.log(`| no reading | <= 25 | ${at(times.without, 0.5)} | ${at(times.without, 0.95)} |`)
  console.log(`| with what is under it read | <= 150 | ${at(times.withOcr, 0.5)} | ${at(times.withOcr, 0.95)} |`)
  console.log(`| event-loop delay, p99 | <= 20 | ${(delay.percentile(99) / 1e6).toFixed(1)} | |`)
  console.log(`The machine had a load of ${load.toFixed(1)} meanwhile.`)
}
