import { afterAll, expect, test } from 'vitest'
import { computerSessionRow, frameRow } from '../../memory/index.ts'
import { keepCheck } from '../../src/computer/kept-checks.ts'
import { frameImage, listFrames, readFrame } from '../../src/console/frames.ts'
import { servicesFor } from '../support/services.ts'

const { services, store } = await servicesFor()
afterAll(() => store.close())

test('readFrame() shows what check_action said of an action on a screen, without what was to be typed', async () => {
  await store.rows.put('key:b', frameRow, 'fr_2', { id: 'fr_2', takenAt: 1, source: { width: 640, height: 400 } })
  const actions = [
    { type: 'click', at: { x: 5, y: 6 }, button: 'left', count: 1 },
    { type: 'type', text: 'hunter2' },
  ] as never
  await keepCheck(store.rows, 'key:b', 'fr_2', { at: 1, actions, verdict: 'confirm', reasons: ['it sends'], approved: false })

  const shown = await readFrame(services, 'fr_2')

  expect(shown?.actions).toMatchObject([
    { asked_by: 'check_action', type: 'click', points: [{ x: 5, y: 6 }], verdict: 'confirm', reasons: ['it sends'] },
    { asked_by: 'check_action', type: 'type', verdict: 'confirm' },
  ])
  expect(JSON.stringify(shown)).not.toContain('hunter2')
})

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
  expect((await listFrames(services, undefined)).frames).toHaveLength(2)
  expect(await frameImage(services, frame.id)).toBeUndefined()
  expect(await readFrame(services, 'fr_absent')).toBeUndefined()
})
