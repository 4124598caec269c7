import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname } from 'node:path'
import { createIconReader } from '../../models/local/icons/index.ts'
import { meaningOf } from '../../scripts/icons/names.ts'
import { filesOf, iconSets } from '../../scripts/icons/sets.ts'
import { openBrowser } from '../../test/support/browser.ts'
import { claimWords, classOfSign, mayStandFor, signMeanings, signsOfClaim } from '../../tools/computer/guard/sign-meanings.ts'
import { judgeSign, readSign, type SeenSign, sureMeaning } from '../../tools/computer/guard/sign-target.ts'
import { frameOf } from './frames-of.ts'
import { percent } from './percent.ts'
import { type Random, seeded } from './random.ts'
import { createRenderer, type PageLook, type Renderer } from './render.ts'

/*
 * What signs are read as that a browser draws from whole sets of icons that nothing was learnt from or chosen by, and what that says of
 * claims. The packages are installed for this alone.
 */

interface Drawn {
  /** One of the reader's names, or `unknown`. */
  readonly is: string
  readonly svg: string
}

interface Read extends Drawn {
  readonly sign: SeenSign | undefined
}

const looks: readonly PageLook['theme'][] = ['light', 'dark', 'warm']
/** Of the drawings of a set that mean something else. */
const mostOthers = 250
const onePage = 150

export async function benchIcons({ details }: { details: boolean }): Promise<void> {
  const { browser, ...opened } = await openBrowser()
  if (browser === undefined) {
    console.log(`\nicons: skipped, ${'reason' in opened ? opened.reason : ''}`)
    return
  }
  const random = seeded(20)
  const drawn = drawings()
  const renderer = await createRenderer(browser)
  const reader = createIconReader()
  const read: Read[] = []
  const times: number[] = []
  try {
    for (const theme of looks) {
      for (let from = 0; from < drawn.length; from += onePage)
        read.push(...(await readPage(drawn.slice(from, from + onePage), theme, { renderer, random, reader, times })))
    }
  } finally {
    await reader.close()
    await browser.close()
  }
  report(read, random, times)
  if (details) {
    const signs = read.filter(({ is }) => is !== 'unknown')
    for (const [is, some] of [...Map.groupBy(signs, (one) => one.is)].toSorted((a, b) => rightOf(a[1]) - rightOf(b[1]))) {
      const wrong = some.flatMap(({ sign }) =>
        sign?.meaning === is ? [] : [`${sign?.meaning ?? 'nothing'} ${sign?.confidence.toFixed(2) ?? ''}`],
      )
      console.log(
        `${is}: ${percent(some.length - wrong.length, some.length)}${wrong.length > 0 ? ` (${wrong.slice(0, 8).join(', ')})` : ''}`,
      )
    }
  }
}

function rightOf(some: readonly Read[]): number {
  return some.filter(({ is, sign }) => sign?.meaning === is).length / some.length
}

function drawings(): Drawn[] {
  const require = createRequire(import.meta.url)
  return iconSets
    .filter(({ use }) => use === 'test')
    .flatMap((set) => {
      const folder = dirname(require.resolve(`${set.package}/package.json`))
      const named = filesOf(set, folder.slice(0, -set.package.length)).flatMap(({ path, name }) => {
        const is = meaningOf(name)
        return is === undefined ? [] : [{ is, path }]
      })
      const others = named.filter(({ is }) => is === 'unknown')
      const step = Math.max(1, others.length / mostOthers)
      const some = Array.from({ length: Math.min(mostOthers, others.length) }, (_, at) => others[Math.floor(at * step)])
      return [...named.filter(({ is }) => is !== 'unknown'), ...some].flatMap((one) =>
        one === undefined ? [] : [{ is: one.is, svg: readFileSync(one.path, 'utf8').replace(/<\?xml.*?\?>/, '') }],
      )
    })
}

/** Buttons of many kinds on one page; each is clicked somewhere. */
async function readPage(
  drawn: readonly Drawn[],
  theme: PageLook['theme'],
  { renderer, random, reader, times }: { renderer: Renderer; random: Random; reader: ReturnType<typeof createIconReader>; times: number[] },
): Promise<Read[]> {
  const buttons = drawn.map(({ svg }, key) => {
    const size = random.pick([14, 16, 16, 18, 20, 20, 24, 24, 28, 32])
    const style = `display:grid;place-content:center;margin:0;padding:${random.between(3, 10)}px;${faceOf(theme, random)}`
    return `<button data-key="${key}" style="${style}">${sized(svg, size)}</button>`
  })
  const body = `<div style="display:flex;flex-wrap:wrap;align-items:center;gap:12px;padding:16px">${buttons.join('')}</div>`
  const page = await renderer.openBody(body, { language: 'en', font: 'sans', size_px: 14, theme, url: 'https://icons.example/' })
  const screen = await renderer.screen(page)
  const { raster } = await frameOf(screen)
  const read: Read[] = []
  for (const { key, box } of screen.boxes) {
    const one = drawn[Number(key)]
    if (one === undefined || box.bottom > raster.height) continue
    const at = {
      x: box.left + (0.15 + 0.7 * random.next()) * (box.right - box.left),
      y: box.top + (0.15 + 0.7 * random.next()) * (box.bottom - box.top),
    }
    const begun = performance.now()
    const sign = await readSign({ raster, at, boxes: [], label: undefined, surface: undefined }, reader)
    times.push(performance.now() - begun)
    if (typeof sign === 'string') throw new Error(sign)
    read.push({ ...one, sign })
  }
  return read
}

function faceOf(theme: PageLook['theme'], random: Random): string {
  const ink = theme === 'dark' ? '#e6e6e6' : random.pick(['#1f2328', '#57606a', '#0b57d0', '#b3261e'])
  const radius = `border-radius:${random.pick([0, 4, 6, 8, 99])}px`
  const plain = `background:none;border:none;color:${ink}`
  const framed = `background:none;border:1px solid ${theme === 'dark' ? '#555' : '#bbb'};color:${ink};${radius}`
  const faint = `background:${theme === 'dark' ? '#333a44' : '#e8eaed'};border:none;color:${ink};${radius}`
  const strong = `background:${random.pick(['#0b57d0', '#1a7f37', '#b3261e', '#5f3dc4'])};border:none;color:#fff;${radius}`
  return random.pick([plain, plain, framed, faint, strong])
}

function sized(svg: string, size: number): string {
  return svg.replace(/<svg ([^>]*)>/, (_, rest: string) => {
    const facts = rest.replaceAll(/\s(?:width|height|class|fill)="[^"]*"/g, '')
    return `<svg ${facts} width="${size}" height="${size}" fill="currentColor" style="display:block">`
  })
}

function report(read: readonly Read[], random: Random, times: number[]): void {
  const signs = read.filter(({ is }) => is !== 'unknown')
  const others = read.filter(({ is }) => is === 'unknown')
  const isRight = ({ is, sign }: Read) => sign?.meaning === is
  console.log('\n| said with at least | signs named | of those, right | other drawings named |\n| --- | --- | --- | --- |')
  for (const least of [0.5, 0.7, 0.9]) {
    const isSure = ({ sign }: Read) => (sign?.confidence ?? 0) >= least
    const sure = signs.filter(isSure)
    const named = percent(others.filter(isSure).length, others.length)
    console.log(`| ${least} | ${percent(sure.length, signs.length)} | ${percent(sure.filter(isRight).length, sure.length)} | ${named} |`)
  }
  console.log('\n| signs on rendered pages | goal | seen |\n| --- | --- | --- |')
  const row = (name: string, goal: string, value: string) => console.log(`| ${name} | ${goal} | ${value} |`)
  row('read rightly', '', percent(signs.filter(isRight).length, signs.length))
  const right = signs.map(({ is, sign }) => judgeSign(sign, { targetText: random.pick(claimWords(is)), intent: 'icon' }))
  const wrong = signs.map(({ is, sign }) => judgeSign(sign, { targetText: random.pick(claimWords(otherThan(is, random))), intent: 'icon' }))
  const isStopped = (judged: ReturnType<typeof judgeSign>) => typeof judged === 'object'
  row('right claims stopped', '<= 1 %', percent(right.filter(isStopped).length, right.length))
  row('right claims that could be judged', '', percent(right.filter((judged) => judged === undefined).length, right.length))
  row('wrong claims stopped', '', percent(wrong.filter(isStopped).length, wrong.length))
  const everyday = read.filter(({ is }) => classOfSign(is) === undefined)
  const grave = signs.filter(({ is }) => classOfSign(is) !== undefined)
  row(
    'signs with a consequence, known by it',
    '',
    percent(grave.filter(({ is, sign }) => classOf(sign) === classOfSign(is)).length, grave.length),
  )
  row(
    'signs and other drawings without one, asked about',
    '<= 1 %',
    percent(everyday.filter(({ sign }) => classOf(sign) !== undefined).length, everyday.length),
  )
  times.sort((a, b) => a - b)
  console.log(`ms a sign: p50 ${times[times.length >> 1]?.toFixed(1)}, p95 ${times[Math.floor(times.length * 0.95)]?.toFixed(1)}`)
}

function classOf(sign: SeenSign | undefined) {
  const meaning = sureMeaning(sign)
  return meaning === undefined ? undefined : classOfSign(meaning)
}

/** What each word of a meaning may be taken for. */
const takenFor = new Map(signMeanings.map((sign) => [sign, new Set(claimWords(sign).flatMap((word) => [...signsOfClaim(word)]))]))

/** A meaning none of whose words anybody takes for this one. */
function otherThan(is: string, random: Random): string {
  return random.pick(signMeanings.filter((other) => [...(takenFor.get(other) ?? [])].every((one) => !mayStandFor(is, one))))
}
