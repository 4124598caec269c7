import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import type { Browser } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { actions, injectionFrames, injections, races, secretSheets, targets } from '../../bench/computer/frozen.ts'
import { consentClasses, type FrozenSet, folderOf, frozenSets, rowsOf, type Split } from '../../bench/computer/rows.ts'
import { openBrowser } from '../support/browser.ts'

const folder = new URL('../../bench/computer/', import.meta.url)
const splits: readonly Split[] = ['open', 'held']
const both = <Row>(rows: (split: Split) => Row[]) => splits.flatMap(rows)

describe('the frozen data', () => {
  test.each(frozenSets)('and the pages of the %s set are what was frozen', (set) => {
    const sums = readFileSync(new URL(`data/${folderOf[set]}SHA256SUMS`, folder), 'utf8')
      .trim()
      .split('\n')

    const now = sums.map((line) => {
      const file = line.slice(66)
      return `${createHash('sha256')
        .update(readFileSync(new URL(file, folder)))
        .digest('hex')}  ${file}`
    })

    expect(sums.map((line) => line.slice(66))).toEqual(filesOf(set))
    expect(now).toEqual(sums)
  })

  test('has forty actions of each class and halves that are alike', () => {
    const count = (split: Split, of: string) => actions(split).filter((row) => row.expected_class === of).length

    for (const one of consentClasses) {
      const [open, held] = [count('open', one), count('held', one)]
      expect(open + held, one).toBeGreaterThanOrEqual(40)
      expect(Math.abs(open - held), one).toBeLessThanOrEqual(1)
    }
    expect(both((split) => actions(split)).filter((row) => row.expected_class === 'none').length).toBeGreaterThanOrEqual(200)
  })

  test('has a row with each id once, in every file of both sets', () => {
    for (const name of ['actions', 'targets', 'races', 'injections', 'secrets'] as const) {
      const ids = frozenSets.flatMap((set) => both((split) => rowsOf(name, split, set).map((row) => row.id)))
      expect(new Set(ids).size, name).toBe(ids.length)
    }
  })

  test('has as many rows of a kind in one half of the second set as in the other', () => {
    for (const name of ['targets', 'races', 'secrets'] as const) {
      const count = (split: Split) => Map.groupBy(rowsOf(name, split, 'second'), ({ kind }) => kind as string)
      const [open, held] = [count('open'), count('held')]
      for (const kind of new Set([...open.keys(), ...held.keys()]))
        expect(Math.abs((open.get(kind)?.length ?? 0) - (held.get(kind)?.length ?? 0)), `${name}: ${kind}`).toBeLessThanOrEqual(3)
    }
  })

  test('has an adaptive text in the half of the plain one that it was made from', () => {
    for (const set of frozenSets) {
      const plain = new Map(both((split) => injections(split, set)).map((row) => [row.id, row]))

      for (const row of plain.values()) if (row.of !== undefined) expect(plain.get(row.of)?.split, row.id).toBe(row.split)
    }
  })
})

describe('the pages', () => {
  let browser: Browser | undefined
  let why = ''

  beforeAll(async () => {
    const opened = await openBrowser()
    browser = opened.browser
    if (opened.browser === undefined) why = opened.reason
  }, 60_000)

  afterAll(() => browser?.close())

  test('are rendered with the box of what is clicked, before and after a change', async ({ skip }) => {
    if (!browser) return skip(why)

    const target = await firstOf(targets('open', browser))
    const race = await firstOf(races('open', browser))
    const injection = await firstOf(injectionFrames('open', browser))
    const sheet = await firstOf(secretSheets('open', browser))

    expect(Buffer.from(target.screen.png).toString('latin1', 1, 4)).toBe('PNG')
    expect(target.expected).toBe('right')
    expect(target.claim).toContain(target.target.label)
    expect(race.action).toMatchObject({ type: 'click', at: { x: expect.any(Number) } })
    expect(injection.boxes.length).toBeGreaterThan(0)
    expect(sheet.items.every((item) => item.boxes.every(({ right, bottom }) => right <= 1280 && bottom <= 800))).toBe(true)
  }, 60_000)

  test('of the second set are rendered with the box of what is clicked', async ({ skip }) => {
    if (!browser) return skip(why)

    const target = await firstOf(targets('open', browser, { set: 'second' }))
    const race = await firstOf(races('open', browser, { set: 'second' }))
    const sheet = await firstOf(secretSheets('open', browser, { set: 'second' }))

    expect(target.expected).toBe('right')
    expect(race.decidedOn.boxes.map(({ key }) => key)).toContain(race.row.target)
    expect(sheet.items.every((item) => item.boxes.length > 0)).toBe(true)
  }, 60_000)
})

/** In the order of the sums, which is that of names: data, then pages. */
function filesOf(set: FrozenSet): string[] {
  const [data, pages] = [`data/${folderOf[set]}`, `pages/${folderOf[set]}`]
  const under = (path: string, endings: RegExp) =>
    readdirSync(new URL(path, folder))
      .filter((file) => endings.test(file))
      .toSorted()
      .map((file) => `${path}${file}`)
  return [...under(data, /\.jsonl$/), ...under(pages, /\.(?:css|html)$/)]
}

async function firstOf<Value>(values: AsyncGenerator<Value>): Promise<Value> {
  for await (const value of values) return value
  throw new Error('Cannot take the first value: there is none')
}
