import sharp from 'sharp'
import { expect, test } from 'vitest'
import { createThreads, openSqliteStore } from '../../memory/index.ts'
import { createImages } from '../../models/images.ts'
import { createFrameStore } from '../../src/computer/frame-store.ts'
import { createFrames as createOriginals } from '../../src/operations/frames.ts'
import { createFrames } from '../../tools/computer/frames.ts'

async function setUp() {
  const store = await openSqliteStore({ path: ':memory:' })
  const bytes = await sharp({ create: { width: 320, height: 200, channels: 3, background: '#eee' } })
    .png()
    .toBuffer()
  const open = () => createFrames({ images: createImages(), store: createFrameStore(store) })
  return { store, bytes, open }
}

test('createFrameStore() keeps frames over a restart, and their pictures as resources', async () => {
  const { store, bytes, open } = await setUp()
  const first = await open().take('local', 'th_1', { bytes, url: 'https://a.test/' })
  const second = await open().take('local', 'th_1', { bytes })

  const again = open()

  const { raster: _, ...facts } = first.frame
  expect(await again.get('local', facts.id)).toEqual({ ...facts, window: undefined })
  expect((await again.ofThread('local', 'th_1')).map(({ id }) => id)).toEqual([facts.id, second.frame.id])
  expect((await again.newest('local', 'th_1'))?.id).toBe(second.frame.id)
  expect((await again.open('local', facts.id))?.raster).toMatchObject({ width: 320, height: 200 })
  expect(Buffer.from((await createOriginals(store.blobs).get('local', facts.id))?.bytes ?? []).equals(bytes)).toBe(true)
  expect(await again.get('other', facts.id)).toBeUndefined()
})

test('createFrameStore() lets a thread take its screenshots along when it is removed', async () => {
  const { store, bytes, open } = await setUp()
  const threads = createThreads(store, { estimateTokens: (text) => text.length })
  const { thread } = await threads.open('local', undefined)
  const [gone, kept] = [await open().take('local', thread, { bytes }), await open().take('local', 'another', { bytes })]

  await threads.delete('local', thread)

  const frames = open()
  expect([await frames.get('local', gone.frame.id), await frames.ofThread('local', thread)]).toEqual([undefined, []])
  expect(await createOriginals(store.blobs).get('local', gone.frame.id)).toBeUndefined()
  expect((await frames.get('local', kept.frame.id))?.id).toBe(kept.frame.id)
})
