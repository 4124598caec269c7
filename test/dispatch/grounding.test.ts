import { afterAll, expect, test } from 'vitest'
import { ground } from '../../models/local/grounding/index.ts'
import { createMiniLM } from '../../models/local/index.ts'
import { dispatchStep } from '../../src/dispatch/dispatch.ts'
import { hearText } from '../../src/dispatch/heard.ts'
import type { StepRequest } from '../../src/dispatch/step-request.ts'
import { deployment, pool } from '../support/deployments.ts'
import { lineOf } from '../support/line.ts'
import { standIn } from '../support/stand-in-provider.ts'

const embedder = createMiniLM()
afterAll(() => embedder.close())

const source = {
  id: 'ferry.txt',
  text: 'The ferry from Harwich leaves each evening at 23:00. Cabins are obligatory on the night crossing. A cabin costs 84 pounds.',
}
const right = 'The ferry leaves Harwich at 11 PM every evening. A cabin costs £84.'
const wrong = 'The ferry leaves Harwich at 9 PM every evening. A cabin costs £48.'

async function setUp(grounding: Record<string, unknown>, first: string, second = right) {
  const cheap = standIn('a', { text: first })
  const strong = standIn('b', { text: second })
  const base = await lineOf({
    pools: [pool('quick', [deployment('a/small')]), pool('deep', [deployment('b/large')])],
    providers: [cheap, strong],
    policy: { name: 'p', default: { prefer: 'first', guards: { grounding } } },
    embedder,
  })
  const line = {
    ...base,
    ground: (answer: string, sources: Parameters<typeof ground>[1], options: object) => ground(answer, sources, { ...options, embedder }),
  }
  const ask = async (facts: Partial<StepRequest> = {}) => {
    let heard = ''
    const messages = [
      { role: 'user' as const, content: [{ type: 'text' as const, text: 'When does the ferry leave, and what is a cabin?' }] },
    ]
    const onArrival = hearText((delta) => {
      heard += delta
    })
    const request = { principal: 'local', client: undefined, thread: undefined, messages, sources: [source], ...facts }
    const result = await dispatchStep(line, request, { signal: AbortSignal.timeout(60_000), onArrival })
    const recorded = (await line.decisions.get('local', result.plan.decision))?.outcome as { grounding?: unknown; way?: string[] }
    return { ...result, heard, recorded }
  }
  return { line, ask, asked: () => [cheap.requests.length, strong.requests.length] }
}

test('an answer that its sources bear is grounded, and its model gains by it', async () => {
  const { line, ask } = await setUp({ when: 'always' }, right)

  const { outcome, recorded, warnings } = await ask()

  expect(outcome.grounding).toMatchObject({ verdict: 'grounded', claims: 2, share: 1, unborne: [] })
  expect(recorded.grounding).toEqual(outcome.grounding)
  expect(warnings).toEqual([])
  expect(line.routing.reputations()).toMatchObject([{ model: 'a/small', good: expect.closeTo(0.3) }])
})

test('numbers that stand in no source are named by their place in the answer', async () => {
  const { ask } = await setUp({ when: 'always' }, wrong)

  const { outcome, warnings } = await ask()

  const { verdict, unborne = [] } = outcome.grounding ?? {}
  expect(verdict).toBe('ungrounded')
  expect(unborne.map(({ start, end, why }) => [outcome.text.slice(start, end), why])).toEqual([
    ['The ferry leaves Harwich at 9 PM every evening.', 'exact'],
    ['A cabin costs £48.', 'exact'],
  ])
  expect(warnings.join()).toContain('does not bear "The ferry leaves Harwich at 9 PM every evening."')
})

test('an answer that is not borne is asked for once more, of the pool that the policy names, and nobody hears the first', async () => {
  const { line, ask, asked } = await setUp({ when: 'always', below: 0.8, retry: 'deep' }, wrong)

  const { outcome, heard, recorded } = await ask()

  expect(outcome).toMatchObject({ model: 'b/large', text: right, grounding: { verdict: 'grounded' }, attempts: [{}, {}] })
  expect(heard).toBe(right)
  expect(asked()).toEqual([1, 1])
  expect(recorded.way).toEqual([
    'a/small answered: 0 of 2 claims are borne by what the step was given',
    'b/large answered: 2 of 2 claims are borne by what the step was given',
    'the answer of b/large was given',
  ])
  expect(line.routing.reputations().map(({ model, good, bad }) => [model, good > 0, bad > 0])).toEqual([
    ['a/small', false, true],
    ['b/large', true, false],
  ])
})

test('of two answers the better borne one is given, and what has gone out as bytes gets no second try', async () => {
  const worse = await setUp({ when: 'always', below: 0.8, retry: 'deep' }, wrong, 'Pigs can fly to Mars on Tuesdays for 900 dollars.')
  const passage = { format: 'other', relay: () => undefined, attribute: (messages: StepRequest['messages']) => messages }
  const gone = await setUp({ when: 'always', below: 0.8, retry: 'deep' }, wrong)

  expect(await worse.ask()).toMatchObject({ outcome: { model: 'a/small', text: wrong }, heard: wrong })
  const { outcome, warnings } = await gone.ask({ passage })
  expect(outcome).toMatchObject({ model: 'a/small', grounding: { verdict: 'ungrounded' } })
  expect(warnings).toContain('the pool for a second try was not asked: the answer had gone out')
  expect(gone.asked()).toEqual([1, 0])
})

test('what cannot be compared is unscored and says why', async () => {
  const { ask } = await setUp({ when: 'always' }, right)

  const { outcome, warnings } = await ask({ sources: [] })

  expect(outcome.grounding).toEqual({ verdict: 'unscored', unborne: [], why: 'the step was given no text to compare the answer with' })
  expect(warnings.join()).toContain('not grounded, nor found wrong')
})
