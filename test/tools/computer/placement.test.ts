import { describe, expect, test } from 'vitest'
import type { Region } from '../../../models/computer/action.ts'
import type { Raster } from '../../../models/images/raster.ts'
import type { TextBox } from '../../../models/local/ocr/ocr.ts'
import { wantedBy } from '../../../tools/computer/guard/claim.ts'
import { checkTarget } from '../../../tools/computer/guard/target.ts'
import { thingsOf } from '../../../tools/computer/guard/things.ts'

const [paper, line, face, ink] = [255, 200, 235, 40]

/** A page in greys: each rectangle over those before it. */
function page(...rectangles: readonly (readonly [left: number, top: number, right: number, bottom: number, grey: number])[]): Raster {
  const [width, height] = [900, 400]
  const data = new Uint8Array(width * height * 3).fill(paper)
  for (const [left, top, right, bottom, grey] of rectangles)
    for (let y = top; y < bottom; y += 1) data.fill(grey, (y * width + left) * 3, (y * width + right) * 3)
  return { width, height, data }
}

/** A text of 20 pixels, each letter of ten. */
function text(words: string, left: number, top: number): TextBox {
  const centres = Array.from(words, (_, index) => left + 5 + 10 * index)
  return { text: words, left, top, right: left + 10 * words.length, bottom: top + 20, confidence: 1, centres }
}

function button({ left, top, right, bottom }: Region): [number, number, number, number, number][] {
  return [
    [left, top, right, bottom, line],
    [left + 1, top + 1, right - 1, bottom - 1, face],
  ]
}

async function codes(raster: Raster, texts: readonly TextBox[], at: { x: number; y: number }, claim: string) {
  const { findings, unscored } = await checkTarget({ raster, at, claim: { intent: claim }, text: texts }, {})
  return findings.length > 0 ? findings.map(({ code }) => code) : (unscored ?? 'right')
}

describe('a click goes to', () => {
  test('the one of several links in a bar that it is on', async () => {
    const bar = page([0, 59, 900, 60, line])
    const texts = [text('Reports', 300, 20), text('Payments', 400, 20), text('Profile', 510, 20)]

    expect(await codes(bar, texts, { x: 430, y: 30 }, 'Click "Payments"')).toBe('right')
    expect(await codes(bar, texts, { x: 540, y: 30 }, 'Click "Payments"')).toEqual(['off-target'])
    expect(await codes(bar, texts, { x: 430, y: 52 }, 'Click "Payments"')).toEqual(['off-target'])
  })

  test('one word of a sentence, where that is what is claimed', async () => {
    const texts = [text('Before you go on, read the notes in Devices first', 100, 100)]

    expect(await codes(page(), texts, { x: 490, y: 110 }, 'the "Devices" link')).toBe('right')
    expect(await codes(page(), texts, { x: 250, y: 110 }, 'the "Devices" link')).toEqual(['off-target'])
  })

  test('the blank behind a text in a list, and not in a bar', async () => {
    const list = [text('General', 40, 100), text('Privacy', 40, 130), text('Network', 40, 160)]

    expect(await codes(page(), list, { x: 190, y: 140 }, 'Privacy link')).toBe('right')
    expect(await codes(page(), [text('Privacy', 40, 130)], { x: 190, y: 140 }, 'Privacy link')).toEqual(['off-target'])
    expect(await codes(page(), list, { x: 190, y: 156 }, 'Privacy link')).toEqual(['off-target'])
  })

  test('a row, by the text at its begin and beside the value at its end', async () => {
    const rows = page(
      ...button({ left: 40, top: 100, right: 440, bottom: 150 }),
      ...button({ left: 40, top: 150, right: 440, bottom: 200 }),
    )
    const texts = [text('Language', 56, 115), text('English', 340, 115), text('Region', 56, 165), text('Austria', 340, 165)]

    expect(await codes(rows, texts, { x: 240, y: 125 }, 'Open Language')).toBe('right')
    expect(await codes(rows, texts, { x: 240, y: 175 }, 'Open Language')).toEqual(['off-target'])
  })

  test('a switch at the end of the row that names it', async () => {
    const rows = page([520, 102, 560, 124, 120], [520, 152, 560, 174, 120], [60, 138, 580, 139, line])
    const texts = [text('Bluetooth', 64, 103), text('Location', 64, 153)]

    expect(await codes(rows, texts, { x: 540, y: 113 }, 'Bluetooth switch')).toBe('right')
    expect(await codes(rows, texts, { x: 540, y: 163 }, 'Bluetooth switch')).toEqual(['off-target'])
  })

  test('a field with a value in it by its name above; a button below a heading is another thing', async () => {
    const form = page(...button({ left: 60, top: 130, right: 170, bottom: 160 }))
    const texts = [text('Company', 60, 105), text('Acme Ltd', 66, 136)]

    expect(await codes(form, texts, { x: 100, y: 145 }, 'the Company field')).toBe('right')
    expect(await codes(form, texts, { x: 100, y: 145 }, 'the Company link')).toEqual(['off-target'])
    expect(await codes(form, [text('Company', 60, 165), texts[1] as TextBox], { x: 100, y: 145 }, 'the Company field')).toEqual([
      'off-target',
    ])
  })

  test('a tab with a picture over its name', async () => {
    const tabs = page([0, 330, 900, 331, line], [240, 340, 256, 356, ink], [440, 340, 456, 356, ink])
    const texts = [text('Photos', 218, 364), text('Albums', 418, 364)]

    expect(await codes(tabs, texts, { x: 255, y: 350 }, 'Photos tab')).toBe('right')
    expect(await codes(tabs, texts, { x: 455, y: 350 }, 'Photos tab')).toEqual(['off-target'])
  })

  test('the button in the row that a claim names', async () => {
    const table = page(
      ...[100, 150].flatMap((top) => button({ left: 700, top, right: 760, bottom: top + 30 })),
      ...[140, 190].map((top): [number, number, number, number, number] => [40, top, 800, top + 1, line]),
    )
    const texts = [text('Alice Moore', 50, 105), text('Edit', 710, 105), text('Bob Tran', 50, 155), text('Edit', 710, 155)]
    const at = { x: 730, y: 115 }

    expect(await codes(table, texts, at, 'the "Edit" button in the row of Alice Moore')).toBe('right')
    expect(await codes(table, texts, at, 'Edit next to Bob Tran')).toEqual(['off-target'])
    expect(await codes(table, texts, at, 'Klick auf Edit bei Bob Tran')).toEqual(['off-target'])
    expect(await codes(table, texts, at, '点击 Bob Tran 行的“Edit”')).toEqual(['off-target'])
  })

  test('the sign in the row that a claim names, also where it says it by what the click is for', async () => {
    const table = page([700, 108, 716, 122, ink], [700, 158, 716, 172, ink], [40, 140, 800, 141, line])
    const texts = [text('web-prod-1', 50, 105), text('db-prod-2', 50, 155)]
    const at = { x: 708, y: 115 }

    expect(await codes(table, texts, at, 'the trash can icon to delete web-prod-1')).toBe('the target carries no text')
    expect(await codes(table, texts, at, 'the trash can icon to delete db-prod-2')).toEqual(['off-target'])
    expect(await codes(table, texts, at, 'Klick auf Mülleimer-Symbol, um db-prod-2 zu löschen.')).toEqual(['off-target'])
    expect(await codes(table, texts, at, '用垃圾桶图标删除 db-prod-2')).toEqual(['off-target'])
  })

  test('a sign, whatever text of its name stands elsewhere', async () => {
    const bar = page([100, 108, 116, 122, ink])

    expect(await codes(bar, [text('Print', 300, 105)], { x: 108, y: 115 }, 'I press the print icon')).toBe('the target carries no text')
    expect(await codes(bar, [text('Print', 300, 105)], { x: 108, y: 115 }, 'Click the Print button')).toEqual(['off-target'])
  })

  test('a label in another language than the claim, which is left unscored', async () => {
    const texts = [text('Aufgaben', 100, 100), text('Die Leute von heute und eine Übersicht', 100, 200)]
    const english = [text('Billing', 100, 100), text('All the people of the team and your orders', 100, 200)]

    expect(await codes(page(), texts, { x: 130, y: 110 }, 'Click the Tasks link')).toBe('the page and the claim are in different languages')
    expect(await codes(page(), english, { x: 130, y: 110 }, 'Click the Tasks link')).toEqual(['label-mismatch'])
  })
})

describe('thingsOf()', () => {
  const line = (words: string, places: readonly number[]): TextBox => ({ ...text(words, 0, 0), centres: places })
  const read = (words: string, places: readonly number[]) => thingsOf(line(words, places)).map((thing) => thing.text)

  test('parts a line where its letters are far apart, at a sign between, and between the numbers of pages', () => {
    expect(read('SendCopy', [5, 15, 25, 35, 75, 85, 95, 105])).toEqual(['Send', 'Copy'])
    expect(read('Save all', [5, 15, 25, 35, 45, 55, 65, 75])).toEqual(['Save all'])
    expect(read('Docs/Team', [5, 15, 25, 35, 45, 55, 65, 75, 85])).toEqual(['Docs', 'Team'])
    expect(read('文档照片', [10, 28, 68, 86])).toEqual(['文档', '照片'])
    expect(read('123', [5, 20, 35])).toEqual(['1', '2', '3'])
    expect(read('123', [5, 14, 23])).toEqual(['123'])
  })

  test('leaves a line whose letters have no places', () => {
    const whole = { ...text('Docs/Team', 0, 0), centres: undefined }

    expect(thingsOf(whole)).toEqual([whole])
  })
})

describe('wantedBy()', () => {
  test.each([
    ['To print the statement, I press the print icon.', ['print'], undefined],
    ['Click "Reset" to reset this device', ['Reset'], undefined],
    ['Click Add to cart', ['Add to cart', 'Add cart'], undefined],
    ['Click "Don\'t save" to throw the changes away', ["Don't save"], undefined],
    ['Ich klicke hier, um db-prod zu löschen: Mülleimer-Symbol', ['Mülleimer-Symbol'], ['db-prod']],
    ['Drucker-Symbol anklicken, um den Auszug zu drucken', ['Drucker-Symbol'], undefined],
    ['Klick auf Drucken', ['Drucken'], undefined],
    ['„Plan für Juni“ anklicken', ['Plan für Juni'], undefined],
    ['我需要移除报告，所以点击垃圾桶图标', ['垃圾桶'], undefined],
    ['点击关闭图标来关闭路线。', ['关闭'], undefined],
    ['heart (Window Seat)', ['heart Seat', 'heart'], ['Window Seat', 'Seat']],
  ])('of %j the target, without what the click is for', (intent, texts, place) => {
    const wanted = wantedBy({ intent })

    expect(wanted?.texts).toEqual(texts)
    expect(wanted?.row?.place.texts).toEqual(place)
  })
})
