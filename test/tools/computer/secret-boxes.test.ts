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
