import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { openSqliteStore } from '../../memory/index.ts'
import type { ToolDefinition } from '../../models/message.ts'
import { createProvider } from '../../models/providers/index.ts'
import { dispatchStep } from '../../src/dispatch/dispatch.ts'
import { hearText } from '../../src/dispatch/heard.ts'
import type { StepRequest } from '../../src/dispatch/step-request.ts'
import { deployment, pool, price } from '../support/deployments.ts'
import { lineOf } from '../support/line.ts'
import { type RecordedRequest, type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

let cloud: ScriptedProvider
beforeAll(async () => {
  cloud = await startScriptedProvider()
})
afterAll(() => cloud.close())
beforeEach(() => cloud.answer(() => ({ status: 500 })))

const small = deployment('cloud/small', { price: price(1, 1) })
const middle = deployment('cloud/middle', { price: price(2, 2) })
const large = deployment('cloud/large', { price: price(10, 10) })
const read: ToolDefinition = { name: 'files_read', description: 'Reads', inputSchema: { type: 'object' } }
const isJudged = ({ system }: RecordedRequest) => system.includes('Reply with JSON alone')

async function setUp(selector: Record<string, unknown>, budget?: { usdPerCall: number }) {
  const store = await openSqliteStore({ path: ':memory:' })
  const providers = [
    createProvider({
      name: 'cloud',
      kind: 'openai',
      format: 'openai-chat',
      baseUrl: cloud.openaiUrl,
      apiKey: 'sk-0123456789',
      apiKeyVariable: 'KEY',
    }),
  ]
  const policy = { name: 'p', default: { prefer: 'first', selector } }
  const limits = budget && { usdPerDay: undefined, ...budget }
  const line = await lineOf({ pools: [pool('quick', [middle, small, large])], providers, policy, store, ...(limits && { budget: limits }) })
  const before = cloud.requests.length
  return {
    line,
    asked: () => cloud.requests.slice(before).map(({ model }) => model),
    requests: () => cloud.requests.slice(before),
    async step(text: string, facts: Partial<StepRequest> = {}) {
      let heard = ''
      const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text }] }]
      const request = { principal: 'local', client: undefined, thread: undefined, messages, maxOutputTokens: 100, ...facts }
      const onArrival = hearText((delta) => {
        heard += delta
      })
      const result = await dispatchStep(line, request, { signal: new AbortController().signal, onArrival })
      const recorded = (await line.decisions.get('local', result.plan.decision))?.outcome as { way?: string[]; attempts: unknown[] }
      const spent = (await line.budget.limits()).spentTodayUsd
      return { ...result, heard, recorded, spent }
    },
  }
}

describe('cascade', () => {
  test('the small answer stands when it judges itself well, and both calls count', async () => {
    const { step, asked } = await setUp({ kind: 'cascade' })
    cloud.answer((request) => (isJudged(request) ? { text: '{"score": 0.9}' } : { text: `From ${request.model}` }))

    const { outcome, heard, recorded, plan } = await step('What is 2 + 2?')

    expect(asked()).toEqual(['small', 'small'])
    expect(heard).toBe('From small')
    expect(outcome).toMatchObject({ model: 'cloud/small', text: 'From small', usage: { inputTokens: 20, outputTokens: 10 } })
    expect(outcome.costUsd).toBeCloseTo(30e-6)
    expect(recorded.attempts).toHaveLength(2)
    expect(recorded.way).toEqual(['cloud/small answered: it judged it 0.90, of 0.7 that are wanted'])
    expect(plan).toMatchObject({
      selector: 'cascade',
      candidates: [{ model: 'cloud/small' }, { model: 'cloud/large' }, { model: 'cloud/middle' }],
    })
  })

  test('goes on to the strongest when a judge says so, and only its answer is heard', async () => {
    const { step, asked } = await setUp({ kind: 'cascade', judge: 'cloud/middle' })
    cloud.answer((request) => (isJudged(request) ? { text: 'I think {"score": 0.2}.' } : { text: `From ${request.model}` }))

    const { outcome, heard, recorded } = await step('Prove it')

    expect(asked()).toEqual(['small', 'middle', 'large'])
    expect(heard).toBe('From large')
    expect(outcome).toMatchObject({ model: 'cloud/large', usage: { inputTokens: 30, outputTokens: 15 } })
    expect(outcome.costUsd).toBeCloseTo((15 * 1 + 15 * 2 + 15 * 10) / 1e6)
    expect(recorded.way).toEqual([
      'cloud/small answered: cloud/middle judged it 0.20, of 0.7 that are wanted',
      'cloud/large answered instead',
    ])
  })

  test.each([
    [-0.05, 'small', ['small']],
    [-1.2, 'large', ['small', 'large']],
  ])('judges a call by the log-probabilities of its arguments: %d', async (logprob, answering, expected) => {
    const { step, asked, requests } = await setUp({ kind: 'cascade' })
    cloud.answer(() => ({ toolCalls: [{ name: 'files_read', input: { path: 'a.txt' }, logprob }] }))

    const { outcome } = await step('Read a.txt', { tools: [read] })

    expect(asked()).toEqual(expected)
    expect(outcome.model).toBe(`cloud/${answering}`)
    expect(outcome.toolCalls).toMatchObject([{ name: 'files_read', input: { path: 'a.txt' } }])
    expect(requests()[0]?.body).toMatchObject({ logprobs: true })
  })

  test('stays with the strongest for the rest of the thread, and of no other', async () => {
    const { step, asked } = await setUp({ kind: 'cascade' })
    cloud.answer((request) => (isJudged(request) ? { text: '{"score": 0}' } : { text: `From ${request.model}` }))
    await step('Prove it', { thread: 'th_1' })

    const { plan } = await step('And this', { thread: 'th_1' })

    expect(asked()).toEqual(['small', 'small', 'large', 'large'])
    expect(plan.selection.note).toContain('had to go on')
    await step('Another', { thread: 'th_2' })
    expect(asked().slice(4)).toEqual(['small', 'small', 'large'])
  })

  test('a judge that fails, or says no number, lets the answer pass', async () => {
    const { step } = await setUp({ kind: 'cascade' })
    cloud.answer((request) => (isJudged(request) ? { text: 'It is good' } : { text: 'Hi' }))
    expect((await step('Hello')).outcome).toMatchObject({ model: 'cloud/small', text: 'Hi' })

    cloud.answer((request) => (isJudged(request) ? { status: 401 } : { text: 'Hi again' }))
    const { outcome, recorded } = await step('Hello')
    expect(outcome).toMatchObject({ model: 'cloud/small', text: 'Hi again' })
    expect(recorded.way?.[0]).toContain('no judge could be asked')
  })

  test('the small answer stands, with a warning, when the strong one may not be paid for', async () => {
    const { step, asked } = await setUp({ kind: 'cascade' }, { usdPerCall: 0.0007 })
    const toolCalls = [{ name: 'files_read', input: { path: 'a.txt' }, logprob: -2 }]
    cloud.answer(() => ({ text: 'Let me look', toolCalls, usage: { inputTokens: 400, outputTokens: 100 } }))

    const { outcome, heard, warnings } = await step('Read a.txt', { tools: [read] })

    expect(asked()).toEqual(['small'])
    expect(outcome.model).toBe('cloud/small')
    expect(heard).toBe('Let me look')
    expect(warnings).toContain('the answer of cloud/small may not do, and nobody stronger could be asked')
  })

  test('whoever is next answers when the small one cannot', async () => {
    const { step } = await setUp({ kind: 'cascade' })
    cloud.answer(({ model }) => (model === 'small' ? { status: 404 } : { text: `From ${model}` }))

    const { outcome, warnings } = await step('Hello')

    expect(outcome.text).toBe('From large')
    expect(warnings).toContain('cloud/small could not answer')
  })
})

describe('panel', () => {
  const isWritten = ({ system }: RecordedRequest) => system.includes('Write the one answer')
  const panel = { kind: 'panel', members: 3, judge: 'cloud/large' }

  test('all answer, a judge compares, and one answer is written of theirs; everything counts', async () => {
    const { step, asked, requests } = await setUp(panel)
    cloud.answer((request) => {
      if (isJudged(request)) return { text: '{"best": 2, "notes": "The second is right."}' }
      return { text: isWritten(request) ? 'All together' : `From ${request.model}` }
    })

    const { outcome, heard, recorded } = await step('Which is better?', { system: 'You speak like a pirate' })

    expect(asked().slice(0, 3).toSorted()).toEqual(['large', 'middle', 'small'])
    expect(asked().slice(3)).toEqual(['large', 'large'])
    expect(heard).toBe('All together')
    expect(outcome).toMatchObject({ model: 'cloud/large', text: 'All together', usage: { inputTokens: 50, outputTokens: 25 } })
    expect(outcome.costUsd).toBeCloseTo((15 * (2 + 1 + 10) + 2 * 15 * 10) / 1e6)
    expect(recorded.attempts).toHaveLength(5)
    expect(recorded.way).toEqual([
      'cloud/middle, cloud/small, cloud/large answered',
      'cloud/large found that of cloud/small best',
      'cloud/large wrote the answer of them',
    ])
    const writing = requests().at(-1)
    expect(writing?.system).toMatch(/^You speak like a pirate/)
    expect(writing?.prompt).toContain('<answer number="2">\nFrom small\n</answer>')
    expect(writing?.prompt).toContain('The second is right.')
  })

  test('calls of tools are not written together: the best answer is taken as it is', async () => {
    const { step, asked } = await setUp(panel)
    cloud.answer((request) =>
      isJudged(request) ? { text: '{"best": 3}' } : { toolCalls: [{ name: 'files_read', input: { path: request.model } }] },
    )

    const { outcome } = await step('Read it', { tools: [read] })

    expect(outcome.toolCalls).toMatchObject([{ input: { path: 'large' } }])
    expect(asked()).toHaveLength(4)
  })

  test('goes on with those that answer, and says who did not', async () => {
    const { step } = await setUp(panel)
    cloud.answer((request) => (request.model === 'large' ? { status: 404 } : { text: `From ${request.model}` }))

    const { outcome, warnings, heard } = await step('Hello')

    expect(outcome.text).toBe('From middle')
    expect(heard).toBe('From middle')
    expect(warnings).toContain('cloud/large could not answer')
  })

  test('the only answer stands, and no answer fails with the attempts of all', async () => {
    const { step } = await setUp(panel)
    cloud.answer(({ model }) => (model === 'small' ? { text: 'Alone' } : { status: 404 }))
    expect((await step('Hello')).outcome.text).toBe('Alone')

    const other = await setUp(panel)
    cloud.answer(() => ({ status: 404 }))
    await expect(other.step('Hello')).rejects.toMatchObject({ code: 'pool_exhausted', attempts: { length: 3 } })
  })
})
