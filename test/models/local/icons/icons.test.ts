import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { decodeIconNetwork, probabilitiesOf } from '../../../../models/local/icons/icon-network.ts'
import { createIconReader, signSide } from '../../../../models/local/icons/index.ts'
import { trainedMeanings } from '../../../../scripts/icons/names.ts'
import { signMeanings } from '../../../../tools/computer/guard/sign-meanings.ts'
import { iconReaderContract } from '../../../contract/icon-reader.ts'

const shipped = readFileSync(new URL('../../../../models/local/icons/icons.head', import.meta.url))

iconReaderContract('createIconReader()', () => createIconReader())

test('what the shipped network names, what it was taught and what claims are compared with are the same', () => {
  const { meanings } = decodeIconNetwork(shipped, 'icons.head')

  expect(meanings).toEqual(trainedMeanings)
  expect([...signMeanings].toSorted()).toEqual([...meanings].toSorted())
})

test('probabilitiesOf() gives each name and none a share of one', () => {
  const network = decodeIconNetwork(shipped, 'icons.head')
  const ink = Uint8Array.from({ length: signSide * signSide }, (_, at) => (at * 7919) % 256)

  const shares = probabilitiesOf(network, ink)

  expect(shares).toHaveLength(network.meanings.length + 1)
  expect(shares.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 4)
  expect(Math.min(...shares)).toBeGreaterThanOrEqual(0)
})

test('decodeIconNetwork() refuses what is cut short or of another kind', () => {
  expect(() => decodeIconNetwork(shipped.subarray(0, -1), 'icons.head')).toThrow(
    /Cannot use the network in icons\.head: it must have \d+ bytes, has \d+/,
  )
  expect(() => decodeIconNetwork(Buffer.from('{"format":"signalbox-text-head"}\n'), 'icons.head')).toThrow()
})

test('createIconReader() fails each reading in the same words where its weights cannot be used', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-icons-'))
  try {
    const path = join(folder, 'icons.head')
    writeFileSync(path, shipped.subarray(0, 5000))
    const reader = createIconReader({ path })
    const ink = new Uint8Array(signSide * signSide)

    const first = await reader.read([ink]).catch((error: unknown) => error)
    const second = await reader.read([ink]).catch((error: unknown) => error)

    expect(first).toMatchObject({
      code: 'ocr_unavailable',
      message: expect.stringContaining('Cannot read the sign on a target: Cannot use the network in'),
    })
    expect(second).toBe(first)
    await reader.close()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

test('createIconReader() lets its worker go when it is idle, and starts it again', async () => {
  const reader = createIconReader({ idleMs: 1 })
  const ink = Uint8Array.from({ length: signSide * signSide }, (_, at) => (at % 3) * 80)

  const before = await reader.read([ink])
  await new Promise((resolve) => setTimeout(resolve, 50))
  const after = await reader.read([ink])

  expect(after).toEqual(before)
  await reader.close()
})
