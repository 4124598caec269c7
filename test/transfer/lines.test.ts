import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { linesOf } from '../../src/transfer/lines.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-lines-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function read(text: string): Promise<string[]> {
  const path = join(folder, 'lines.jsonl')
  writeFileSync(path, text)
  return Array.fromAsync(linesOf(path))
}

test('linesOf() parts a file at line feeds alone, whatever else stands in its texts', async () => {
  const value = fc.string({ unit: fc.constantFrom('a', '€', '\u{1f642}', '\u2028', '\u2029', '\u0085', '\r', '\n', '"'), maxLength: 20 })
  await fc.assert(
    fc.asyncProperty(fc.array(value, { minLength: 1, maxLength: 5 }), fc.constantFrom('\n', '\r\n'), async (texts, end) => {
      const lines = texts.map((text) => JSON.stringify({ text }))

      expect(await read(`${lines.join(end)}${end}`)).toEqual(lines)
      expect(await read(lines.join(end))).toEqual(lines)
    }),
    { numRuns: 50 },
  )
})

test('linesOf() reads lines that are longer than what is read at one time', async () => {
  const long = '€'.repeat(200_000)

  expect(await read(`${long}\nshort\n`)).toEqual([long, 'short'])
  expect(await read('')).toEqual([])
})
