import { afterAll, expect, test } from 'vitest'
import { computerSessionRow, frameRow } from '../../memory/index.ts'
import { frameImage, listFrames, readFrame } from '../../src/console/frames.ts'
import { servicesFor } from '../support/services.ts'

const { services, store } = await servicesFor()
afterAll(() => store.close())

test('readFrame() shows what a model wanted to do on a screen, where, and what the guard said of it', async () => {
  const frame = { id: 'fr_1', takenAt: 1, source: { width: 640, height: 400 }, url: 'https://shop.example/', text: [] }
  await store.rows.put('key:a', frameRow, frame.id, frame)
  const step = {
    frame: frame.id,
    model: 'cloud/screen',
    actions: [
      { type: 'drag', from: { x: 10, y: 20 }, to: { x: 30, y: 40 } },
      { type: 'wait', ms: 100 },
    ],
    safetyChecks: [],
    verdicts: [
      { verdict: 'confirm', reasons: ['it spends money'] },
      { verdict: 'allow', reasons: [] },
    ],
    approved: true,
    results: [{ index: 0, ok: false, error: 'gone' }],
  }
  await store.rows.put('key:a', computerSessionRow, 'th_1', { goal: 'Buy a ticket', steps: [step] })

  const shown = await readFrame(services, frame.id)

  expect(shown).toMatchObject({
    principal: 'key:a',
    goal: 'Buy a ticket',
    model: 'cloud/screen',
    unread: 'its picture is not kept any more',
  })
  expect(shown?.actions).toMatchObject([
    {
      type: 'drag',
      points: [
        { x: 10, y: 20 },
        { x: 30, y: 40 },
      ],
      verdict: 'confirm',
      reasons: ['it spends money'],
      approved: true,
      result: 'gone',
    },
    { type: 'wait', points: [], verdict: 'allow', result: null },
  ])
  expect((await listFrames(services, undefined)).frames).toHaveLength(1)
  expect(await frameImage(services, frame.id)).toBeUndefined()
  expect(await readFrame(services, 'fr_absent')).toBeUndefined()
})
