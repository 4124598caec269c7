import { expect, test } from 'vitest'
import type { TextBox } from '../../../models/local/ocr/ocr.ts'
import { secretBoxes } from '../../../tools/computer/guard/secret-boxes.ts'
import { settingsPage } from '../../contract/ocr.ts'

const box = (left: number, top: number, text: string, width = text.length * 8): TextBox => ({
  left,
  top,
  right: left + width,
  bottom: top + 16,
  text,
  confidence: 1,
})

test('secretBoxes() masks of a line only the value', async () => {
  const [mask, ...others] = await secretBoxes([box(100, 20, 'Card number 4111 1111 1111 1111 visa')])

  expect(others).toEqual([])
  expect(mask).toMatchObject({ kind: 'card', group: 'personal', checked: true, top: 20, bottom: 36 })
  expect(mask?.left).toBeGreaterThan(190)
  expect(mask?.left).toBeLessThan(197)
  expect(mask?.right).toBeGreaterThan(347)
  expect(mask?.right).toBeLessThan(356)
})

test('secretBoxes() goes by where the reader saw the characters', async () => {
  const text = 'x 4111111111111111'
  const centres = Array.from(text, (_, index) => (index < 2 ? 5 * index : 100 + 4 * index))

  const [mask] = await secretBoxes([{ ...box(0, 0, text, 200), centres }])

  expect(mask?.left).toBeGreaterThan(50)
})

test('secretBoxes() finds a value that two boxes of a row hold together, one beside or below its label, and a wrapped key', async () => {
  const key = `gith${'ub_pat'}_${'Zk3vQ9xLmT7bR2nWc5YdH8'}_${'Zk3vQ9xLmT7bR2nWc5YdH8sJfA1gPe'.repeat(2).slice(0, 59)}`
  const boxes = [
    box(0, 0, 'DE89 3704 0044'),
    box(140, 1, '0532 0130 00'),
    box(0, 40, 'Password'),
    box(200, 41, 'hunter22!'),
    box(0, 80, 'Security code'),
    box(0, 100, '4821'),
    box(0, 140, key.slice(0, 50)),
    box(0, 158, key.slice(50)),
  ]

  const masks = await secretBoxes(boxes)

  expect(masks.map(({ top, kind }) => [top, kind]).toSorted((a, b) => Number(a[0]) - Number(b[0]))).toEqual([
    [0, 'iban'],
    [1, 'iban'],
    [41, 'assigned-secret'],
    [100, 'assigned-secret'],
    [140, 'github-token'],
    [158, 'github-token'],
  ])
})

const masked = async (boxes: TextBox[]) => (await secretBoxes(boxes)).map(({ left, top, right }) => [left, top, right])

test('secretBoxes() goes on in the lines that a broken key fills, above and below where its name stands', async () => {
  const part = 'Zk3vQ9xLmT7bR2nWc5YdH8sJfA1gPe'
  const boxes = [
    box(200, 0, part),
    box(0, 12, 'API key'),
    box(200, 16, part),
    box(200, 32, 'Zk3v'),
    box(0, 80, 'Secret: xai-'),
    box(0, 96, `${part}${part}`, 90),
    box(0, 140, `PyPI token: ${part}-`),
    box(0, 156, '7bR2nW, thanks'),
  ]

  expect(await masked(boxes)).toEqual(
    expect.arrayContaining([
      [200, 0, 440],
      [200, 16, 440],
      [200, 32, 232],
      [0, 96, 90],
    ]),
  )
  expect((await masked(boxes)).find(([, top]) => top === 156)?.[2]).toBeLessThan(60)
})

test('secretBoxes() masks every line of a private key, and none after it', async () => {
  const boxes = [
    box(0, 0, `-.--BEGIN EC PRIVATE ${'KEY'}-.`),
    box(0, 16, 'hl3X4A3Q3rz97wi/2aGMgCoHJ2gISsnb0JWsAscgInRR'),
    box(0, 32, 'Fq8='),
    box(0, 48, '.-END PRIVATE KEY.-.'),
    box(0, 64, 'Secret: expires in 30 days'),
  ]

  expect((await masked(boxes)).map(([, top]) => top)).toEqual([0, 16, 32, 48])
})

test('secretBoxes() takes neither the next setting nor the next row of a table for more of a key', async () => {
  const key = `API_KEY=${'Zk3vQ9xLmT7bR2nWc5YdH8sJfA1gPe'}`

  expect((await masked([box(0, 0, key), box(0, 16, 'COMMIT=69bd573af330')])).map(([, top]) => top)).toEqual([0])
  expect(
    (await masked([box(0, 0, 'Token'), box(200, 0, key.slice(8)), box(0, 24, 'Commit'), box(200, 24, '69bd573af330')])).map(
      ([, top]) => top,
    ),
  ).toEqual([0])
})

test('secretBoxes() passes on what the page marks, and finds nothing in harmless lines', async () => {
  const marked = [{ left: 10, top: 10, right: 110, bottom: 40 }]

  expect(await secretBoxes([box(0, 0, 'Order 2026-004211'), box(0, 30, 'Total 12.50')], { marked })).toEqual([
    { ...marked[0], kind: 'marked-field', group: 'secret', checked: false },
  ])
})

test('secretBoxes() with the pixels at hand ends where the letters end', async () => {
  const raster = await settingsPage()
  const line: TextBox = { left: 10, top: 240, right: 300, bottom: 272, text: 'Card number 4111 1111 1111 1111', confidence: 1 }

  const [mask] = await secretBoxes([line], { raster })

  expect(mask?.top).toBeGreaterThan(245)
  expect(mask?.bottom).toBeLessThan(265)
  expect(mask?.right).toBeLessThan(290)
})
