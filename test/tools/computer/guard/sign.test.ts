import sharp from 'sharp'
import { describe, expect, test } from 'vitest'
import { frameOf } from '../../../../bench/computer/frames-of.ts'
import { OcrError } from '../../../../models/errors.ts'
import { createIconReader, type IconReader } from '../../../../models/local/icons/index.ts'
import type { Ocr, TextBox } from '../../../../models/local/ocr/index.ts'
import { noTaint } from '../../../../models/taint.ts'
import { judgeOnScreen } from '../../../../src/computer/judged.ts'
import { defaultRules } from '../../../../tools/computer/guard/rules.ts'
import { mayStandFor, signsOfClaim } from '../../../../tools/computer/guard/sign-meanings.ts'
import { signsAt } from '../../../../tools/computer/guard/sign-place.ts'
import { checkTarget } from '../../../../tools/computer/guard/target.ts'
import { screenWith } from '../../../support/drawn-signs.ts'

describe('signsAt()', () => {
  test('finds the same drawing in any colour, at another size, and wherever its button is clicked', async () => {
    const plain = await screenWith([{ sign: 'delete', x: 300, y: 180 }])
    const faced = await screenWith([{ sign: 'delete', x: 300, y: 180, size: 36, ink: '#ffffff', face: '#b3261e' }], { paper: '#101418' })

    // Between the strokes of a lid and a body, the whole is found last.
    const first = signsAt(plain, { x: 312, y: 192 }).at(-1)
    const clicks = [312, 296, 340].map((x) => signsAt(faced, { x, y: x === 340 ? 220 : 190 }).map(({ ink }) => ink))

    expect(first?.box).toMatchObject({ left: 302, right: 322 })
    for (const inks of clicks) expect(Math.min(...inks.map((ink) => differenceOf(ink, first?.ink)))).toBeLessThan(30)
  })

  test('takes nothing of a neighbour, and nothing where nothing is drawn', async () => {
    const bar = await screenWith([
      { sign: 'delete', x: 300, y: 180, size: 20 },
      { sign: 'search', x: 332, y: 180, size: 20 },
    ])

    expect(signsAt(bar, { x: 342, y: 190 })[0]?.box.left).toBeGreaterThan(330)
    expect(signsAt(bar, { x: 80, y: 300 })).toEqual([])
    expect(signsAt(await screenWith([]), { x: 639, y: 399 })).toEqual([])
  })
})

test('signsOfClaim() knows signs by what they show and by what they do, in three languages', () => {
  for (const claim of ['bin in the row of Ines', 'Click the trash can', 'Mülleimer bei Ines', 'Löschen', 'Ines 行的垃圾桶', '删除'])
    expect(signsOfClaim(claim)).toContain('delete')
  for (const claim of ['magnifying glass', 'Lupe', '放大镜', 'the search icon']) expect(signsOfClaim(claim)).toContain('search')
  expect(signsOfClaim('gear')).toContain('settings')
  expect([...signsOfClaim('the quarterly figures of Mara')]).toEqual([])
})

test('mayStandFor() holds both ways, and keeps apart what does different things', () => {
  expect(mayStandFor('close', 'delete')).toBe(true)
  expect(mayStandFor('delete', 'close')).toBe(true)
  expect(mayStandFor('delete', 'search')).toBe(false)
  expect(mayStandFor('send', 'delete')).toBe(false)
})

/** A reader that says this. */
const says = (meaning: string, confidence: number): IconReader => ({ read: async () => ({ meaning, confidence }), close: async () => {} })
const page = await screenWith([{ sign: 'delete', x: 300, y: 180 }])
const at = { x: 312, y: 192 }
const check = (targetText: string, signs: IconReader, text: readonly TextBox[] = []) =>
  checkTarget({ raster: page, at, claim: { targetText }, text }, { signs })

describe('checkTarget() of a sign', () => {
  test('stops a click whose sign means something else than is claimed, with both in its reason', async () => {
    const { findings, sign } = await check('the search icon', says('delete', 0.97))

    expect(findings).toMatchObject([{ verdict: 'reobserve', code: 'sign-mismatch', score: 0.97 }])
    expect(findings[0]?.reason).toBe('The click claims to hit "the search icon", but the sign there looks like: delete')
    expect(sign).toEqual({ meaning: 'delete', confidence: 0.97 })
  })

  test.each(['Delete', 'Mülleimer', '垃圾桶', 'Remove the row', 'Close'])(
    'scores a click whose sign may be what is claimed: %s',
    async (claim) => {
      expect(await check(claim, says('delete', 0.97))).toMatchObject({ findings: [], unscored: undefined })
    },
  )

  test.each([
    ['the search icon', says('delete', 0.6), /cannot surely be read \("delete", 0\.60\)/],
    ['Delete', says('delete', 0.3), /looks like "delete", which is unsure/],
    ['Send mails', says('check', 0.99), /cannot surely be read \("check", 0\.99\)/],
    ['Quartz', says('delete', 0.97), /looks like "delete", of which the claim says nothing/],
    ['look into what the team that searches has written about the plan', says('delete', 0.97), /no name of a sign/],
    ['Delete', { read: async () => undefined, close: async () => {} }, /none that is known/],
    [
      'Delete',
      {
        read: async () => {
          throw new OcrError('Cannot read the sign on a target: no memory')
        },
        close: async () => {},
      },
      /no memory/,
    ],
  ] as [string, IconReader, RegExp][])('says what it could not judge of %j', async (claim, reader, unscored) => {
    const report = await check(claim, reader)

    expect(report.findings).toEqual([])
    expect(report.unscored).toMatch(unscored)
  })

  test('asks no reader where letters stand on the target or beside its sign', async () => {
    const beside = { left: 332, top: 182, right: 380, bottom: 202, text: 'Empty', confidence: 1 }
    const on = { left: 302, top: 182, right: 324, bottom: 202, text: 'Ok', confidence: 1 }

    for (const text of [beside, on]) expect(await check('the search icon', says('delete', 0.97), [text])).not.toHaveProperty('sign')
  })

  test('reads a sign for which letters are read that are none', async () => {
    const box = { left: 302, top: 182, right: 324, bottom: 202, text: '而', confidence: 0.6 }

    expect(await check('垃圾桶', says('delete', 0.97), [box])).toMatchObject({ findings: [], unscored: undefined })
  })
})

test('judgeOnScreen() with the shipped network asks a person about a sign that deletes, stops a claim of another, and passes a harmless one', async () => {
  const signs = createIconReader()
  const ocr: Ocr = { id: 'blind', read: async () => [], close: async () => {} }
  const raster = await screenWith([
    { sign: 'delete', x: 100, y: 100, face: '#eeeeee' },
    { sign: 'search', x: 300, y: 100, face: '#eeeeee' },
  ])
  const png = await sharp(raster.data, { raw: { width: raster.width, height: raster.height, channels: 3 } })
    .png()
    .toBuffer()
  const frame = await frameOf({ png, url: 'https://mail.example/' })
  const judge = (x: number, claim: string) =>
    judgeOnScreen(
      { type: 'click', at: { x, y: 112 }, button: 'left', count: 1, modifiers: [] },
      { newest: frame, decidedOn: frame },
      { taint: noTaint, claim, url: 'https://mail.example/', index: 0 },
      { ocr, signs, knowledge: undefined, rules: defaultRules },
      new AbortController().signal,
    )
  try {
    const deletes = await judge(112, 'bin')
    const other = await judge(112, 'search icon')
    const searches = await judge(312, 'search icon')

    expect(deletes.verdict).toBe('confirm')
    expect(deletes.findings.map(({ code }) => code)).toContain('delete')
    expect(deletes.unscored).toEqual([])
    expect(other.verdict).toBe('reobserve')
    expect(other.reasons.join()).toContain('the sign there looks like: delete')
    expect(other.reasons.join()).toContain('it deletes data (the sign on it looks like "delete")')
    expect(searches).toMatchObject({ verdict: 'allow', reasons: [], unscored: [] })
  } finally {
    await signs.close()
  }
})
function differenceOf(one: Uint8Array, other: Uint8Array | undefined): number {
  return one.reduce((sum, value, at) => sum + Math.abs(value - (other?.[at] ?? 0)), 0) / one.length
}
