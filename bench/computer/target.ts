import type { Point, Region } from '../../models/computer/action.ts'
import type { Raster } from '../../models/images/raster.ts'
import { createOcr } from '../../models/local/ocr/index.ts'
import { checkTarget } from '../../tools/computer/guard/target.ts'
import { type Control, createRandom, drawPage, pick, raster, withDialog } from './drawn-pages.ts'

/*
 * What the click-target layer catches and refuses on pages that its own author drew: an upper bound. Seeds below 100 were used while it
 * was written, those from 1000 on were not.
 */
const firstSeed = 1000
const pages = 4

interface Tally {
  n: number
  caught: number
  unscored: number
}
type Try = (name: string, click: { picture: Raster; at: Point; claim: string }) => Promise<void>

export async function benchTarget({ details }: { details: boolean }): Promise<void> {
  const tallies = new Map<string, Tally>()
  const times: number[] = []
  const ocr = createOcr()
  const tryClick: Try = async (name, { picture, at, claim }) => {
    const report = await checkTarget({ raster: picture, at, claim: { targetText: claim } }, { ocr })
    times.push(report.ms)
    const tally = tallies.get(name) ?? { n: 0, caught: 0, unscored: 0 }
    tallies.set(name, tally)
    tally.n += 1
    const isStopped = report.findings.length > 0
    if (isStopped) tally.caught += 1
    else if (report.unscored !== undefined) tally.unscored += 1
    if (details && isStopped !== name.startsWith('wrong')) console.log(`  ${name}: ${claim}; ${report.findings[0]?.reason ?? report.label}`)
  }
  for (let seed = firstSeed; seed < firstSeed + pages; seed += 1) await onePage(seed, tryClick)
  await ocr.close()

  console.log('\nclick target           n  stopped  unscored')
  for (const [name, { n, caught, unscored }] of tallies) {
    const rate = (count: number) => `${((100 * count) / n).toFixed(1)} %`
    console.log(`${name.padEnd(20)} ${String(n).padStart(3)}  ${rate(caught).padStart(7)}  ${rate(unscored).padStart(8)}`)
  }
  times.sort((a, b) => a - b)
  console.log(`ms a click: p50 ${times[times.length >> 1]?.toFixed(0)}, p95 ${times[Math.floor(times.length * 0.95)]?.toFixed(0)}`)
}

async function onePage(seed: number, tryClick: Try): Promise<void> {
  const random = createRandom(seed * 7919)
  const page = drawPage(seed)
  const picture = await raster(page.svg)
  for (const control of page.controls) {
    const kind = control.kind === 'icon' ? 'icon' : 'right'
    await tryClick(`${kind}: ${control.kind}`, { picture, at: somewhereIn(control.box, random), claim: claimOf(control, random) })
    if (control.kind === 'icon') continue
    const other = pick(
      random,
      page.controls.filter((one) => one.kind !== 'icon' && one.label !== control.label),
    )
    await tryClick('wrong: swapped label', { picture, at: somewhereIn(control.box, random), claim: claimOf(other, random) })
    const at = { x: middle(control.box).x + gauss(random) * 30, y: middle(control.box).y + gauss(random) * 30 }
    const isInside = holds(control.box, at)
    if (at.x > 0 && at.y > 0 && at.x < page.width && at.y < page.height)
      await tryClick(isInside ? 'right: offset within' : 'wrong: offset', { picture, at, claim: claimOf(control, random) })
  }
  for (const control of page.controls.filter(({ kind }) => kind === 'button' || kind === 'row').slice(0, 3)) {
    const at = middle(control.box)
    const title = pick(random, ['Your session has expired', 'Update available', 'Congratulations!', 'Allow notifications?'])
    const covered = await raster(
      withDialog(page, { ...at, title, button: pick(random, ['Install now', 'Allow', 'Claim prize', 'OK', 'Pay $25']) }),
    )
    await tryClick('wrong: late pop-up', { picture: covered, at, claim: claimOf(control, random) })
  }
}

function claimOf({ label, kind }: Control, random: () => number): string {
  const noun = { button: 'button', link: 'link', field: 'field', tick: 'checkbox', row: 'item', tab: 'tab', icon: 'icon' }[kind]
  return pick(random, [label, `${label} ${noun}`, `Click the "${label}" ${noun}`, `click on ${label}`])
}

function somewhereIn({ left, top, right, bottom }: Region, random: () => number): Point {
  return { x: left + (0.2 + 0.6 * random()) * (right - left), y: top + (0.25 + 0.5 * random()) * (bottom - top) }
}

function middle({ left, top, right, bottom }: Region): Point {
  return { x: (left + right) / 2, y: (top + bottom) / 2 }
}

function holds({ left, top, right, bottom }: Region, { x, y }: Point): boolean {
  return x >= left && x <= right && y >= top && y <= bottom
}

function gauss(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
