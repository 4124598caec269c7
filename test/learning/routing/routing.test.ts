import { expect, test } from 'vitest'
import { openSqliteStore, type Store } from '../../../memory/index.ts'
import type { ToolDefinition } from '../../../models/message.ts'
import { dispatchStep } from '../../../src/dispatch/dispatch.ts'
import type { StepRequest } from '../../../src/dispatch/step-request.ts'
import { runToolLoop } from '../../../src/dispatch/tool-loop.ts'
import { createRoutingLearning } from '../../../src/learning/routing/routing.ts'
import { routingFields } from '../../../src/operations/routing-status.ts'
import { deployment, pool, price } from '../../support/deployments.ts'
import { type LineFacts, lineOf } from '../../support/line.ts'
import { servicesFor } from '../../support/services.ts'
import { standIn, type Turn } from '../../support/stand-in-provider.ts'

const small = deployment('a/small', { price: price(0.1, 0.4) })
const large = deployment('a/large', { price: price(5, 25) })
const pools = [pool('quick', [small, large])]
const read: ToolDefinition = { name: 'files_read', description: 'Reads', inputSchema: { type: 'object' } }
const silent = { warn: () => undefined, info: () => undefined }

async function lineWith(turns: readonly Turn[], facts: Partial<LineFacts> = {}) {
  const store = facts.store ?? (await openSqliteStore({ path: ':memory:' }))
  const line = await lineOf({ pools, providers: [standIn('a', ...turns)], ...facts, store })
  return { line, store, routing: line.routing }
}

function request(text: string, facts: Partial<StepRequest> = {}): StepRequest {
  return {
    principal: 'local',
    client: undefined,
    thread: undefined,
    messages: [{ role: 'user', content: [{ type: 'text', text }] }],
    ...facts,
  }
}

const signal = new AbortController().signal
const linucb = (more: object = {}) => ({ name: 'p', default: { prefer: 'first', selector: { kind: 'linucb', ...more } } })
const again = (store: Store) =>
  createRoutingLearning({ logs: store.logs, rows: store.rows, enabled: () => true, clock: Date.now, log: silent })

test('a loop teaches what its calls showed, of the model that made them', async () => {
  const call = (id: string, path: string) => ({ id, name: 'files_read', input: { path } })
  const { line, routing, store } = await lineWith([
    { calls: [call('1', 'a'), call('2', 'b')] },
    { calls: [call('3', 'c')] },
    { text: 'Done' },
  ])

  const { last } = await runToolLoop(line, request('What is in them?'), {
    signal,
    tools: [read],
    maxSteps: 5,
    isParallel: () => true,
    callTool: async ({ id, name }) => ({
      result: { type: 'tool-result', id, name, content: [{ type: 'text', text: id === '3' ? 'no such file' : 'ok' }], isError: id === '3' },
    }),
  })

  expect(last.outcome.text).toBe('Done')
  expect(routing.knowledge().reputation('a/small', { tool: 'files_read' })).toMatchObject({ good: 2, bad: 1 })
  expect(routing.knowledge().reputation('a/small')).toMatchObject({ good: 0, bad: 0.5 })
  expect(routing.knowledge().reputation('a/large')).toMatchObject({ good: 0, bad: 0 })
  const other = again(store)
  await other.start()
  expect(other.reputations()).toEqual(routing.reputations())
})

test('the next turn of a thread judges the step before, beside its decision as well', async () => {
  const { services, run } = await servicesFor({ pools, providers: [standIn('a', { text: 'It is 5' })] })

  const first = await run('ask', { prompt: 'What is 2 + 2?', thread: 'sums' })
  await run('ask', { prompt: 'No, that is wrong', thread: 'sums' })

  expect(services.routing.knowledge().reputation('a/small')).toMatchObject({ good: 0, bad: expect.closeTo(0.56) })
  const { verdicts } = (await services.decisions.get('local', String(first.structured?.['decision']))) ?? { verdicts: [] }
  expect(verdicts).toMatchObject([{ outcome: 'wrong', by: 'person', note: 'corrected' }])
})

test('rate counts for the model, by who says it, and shows in status', async () => {
  const { services, run } = await servicesFor({ pools, providers: [standIn('a', { text: 'Hi' })] })
  const { structured } = await run('ask', { prompt: 'Hello' })
  const decision = structured?.['decision']

  const rated = await run('rate', { decision, outcome: 'good' })
  expect(rated.structured?.['changed']).toContain('counts for the model that answered it')
  expect(services.routing.knowledge().reputation('a/small')).toMatchObject({ good: 0.4, bad: 0 })

  await run('rate', { decision, outcome: 'wrong' }, { door: 'cli' })
  expect(services.routing.knowledge().reputation('a/small')).toMatchObject({ good: 0, bad: 0.8 })

  await run('rate', { decision, facts: { tests: 'passed', tool_ok: 'files_read' } }, { door: 'http' })
  expect(services.routing.knowledge().reputation('a/small')).toMatchObject({ good: 1, bad: 0 })
  expect(services.routing.knowledge().reputation('a/small', { tool: 'files_read' })).toMatchObject({ good: 1 })

  expect(await routingFields(services)).toMatchObject({ reputation: [{ model: 'a/small', good: 1 }, { tool: 'files_read' }], learners: [] })
})

test('rate refuses what is neither an outcome nor a fact, and facts from elsewhere than HTTP', async () => {
  const { run } = await servicesFor({ pools, providers: [standIn('a', { text: 'Hi' })] })
  const { structured } = await run('ask', { prompt: 'Hello' })
  const decision = structured?.['decision']

  await expect(run('rate', { decision })).rejects.toThrow('give an outcome or facts')
  await expect(run('rate', { decision, facts: {} }, { door: 'http' })).rejects.toThrow('give an outcome or facts')
  await expect(run('rate', { decision, facts: { tests: 'passed' } })).rejects.toThrow('over POST /v1/outcomes')
  expect((await run('rate', { decision: 'de_none', outcome: 'good' })).isError).toBe(true)
})

test('a step in which text of others stood teaches nothing', async () => {
  const { line, routing } = await lineWith([{ text: 'Hi' }])
  const taint = { untrustedRead: true, privateRead: false, canSend: false }

  const { plan } = await dispatchStep(line, request('Hello', { taint: () => taint }), { signal })

  expect(await routing.judged('local', plan.decision, [{ sign: 'good', source: 'harness' }])).toBe(false)
  expect(routing.knowledge().reputation('a/small')).toMatchObject({ good: 0 })
  expect(await routing.judged('another', plan.decision, [{ sign: 'good', source: 'harness' }])).toBeUndefined()
})

test('an answer that its caller left in the middle is held against the model that gave it', async () => {
  const { line, routing } = await lineWith([{ text: 'Well', hangs: true }])
  const controller = new AbortController()

  const step = dispatchStep(line, request('Hello'), { signal: controller.signal, onArrival: () => controller.abort(new Error('gone')) })

  await expect(step).rejects.toThrow('gone')
  expect(routing.knowledge().reputation('a/small')).toMatchObject({ good: 0, bad: 0.3 })
})

test('what failed at the provider is held against nobody', async () => {
  const { line, routing } = await lineWith([{ fails: 'unavailable' }, { text: 'Hi' }])

  await dispatchStep(line, request('Hello'), { signal })

  expect(routing.reputations()).toEqual([])
})

test('a selector that learns is taught by verdicts, paced by what is spent, and kept', async () => {
  const { line, routing, store } = await lineWith([{ text: 'Hi' }], { policy: linucb({ name: 'agents', usd_per_step: 0.0000001 }) })

  for (let index = 0; index < 5; index += 1) {
    const { plan } = await dispatchStep(line, request(`Hello ${index}`), { signal })
    expect(plan).toMatchObject({ selector: 'linucb', selection: { learner: { name: 'agents', stage: 'shadow', incumbent: 'a/small' } } })
    await routing.judged('local', plan.decision, [{ sign: 'failed', source: 'harness' }])
  }

  const bandit = routing.knowledge().bandit('agents')
  expect(bandit?.lessons).toBe(5)
  expect(Object.keys(bandit?.arms ?? {})).toEqual(['a/small'])
  expect(bandit?.costPressure).toBeGreaterThan(0)
  const other = again(store)
  await other.start()
  expect(other.knowledge().bandit('agents')).toEqual(bandit)
})

test('a person moves a selector that learns one stage at a time, and every process of the instance follows', async () => {
  const { line, routing, store } = await lineWith([{ text: 'Hi' }], { policy: linucb() })
  await dispatchStep(line, request('Hello'), { signal })
  const other = again(store)

  expect(await other.move('unknown', 'up')).toBeUndefined()
  expect(await other.move('linucb', 'up')).toMatchObject({ stage: 'canary', by: 'hand' })
  expect(await other.move('linucb', 'up')).toMatchObject({ stage: 'serving' })
  await routing.look()

  const { plan } = await dispatchStep(line, request('Hello'), { signal })
  expect(plan.selection.learner).toMatchObject({ stage: 'serving', model: 'a/large' })
  expect(plan.candidates[0]?.model).toBe('a/large')
  await other.move('linucb', 'down')
  expect((await other.learners())[0]).toMatchObject({ name: 'linucb', stage: 'canary', evaluation: { steps: 0 } })
})

test('a selector on trial that proves better is let serve by what is looked at, not by hand', async () => {
  const policy = linucb({ canary: 0.5, alpha: 0 })
  const { line, routing } = await lineWith([{ text: 'Hi' }], { policy })
  await dispatchStep(line, request('Hello'), { signal })
  await routing.move('linucb', 'up')

  for (let index = 0; index < 150; index += 1) {
    const { plan, outcome } = await dispatchStep(line, request('Hello'), { signal })
    await routing.judged('local', plan.decision, [{ sign: outcome.model === 'a/large' ? 'tests_passed' : 'failed', source: 'harness' }])
  }
  await routing.look()

  expect((await routing.learners())[0]).toMatchObject({ stage: 'serving', by: 'evaluation' })
})

test('forget takes what was seen of steps with it', async () => {
  const { run, services } = await servicesFor({ pools, providers: [standIn('a', { text: 'Hi' })] })
  const { structured } = await run('ask', { prompt: 'Hello', thread: 'one' })
  await run('rate', { decision: structured?.['decision'], outcome: 'good' })
  const entries = async () => (await Array.fromAsync(services.routing.entries())).length
  expect(await entries()).toBe(2)

  await run('forget', { thread: 'one' })

  expect(await entries()).toBe(0)
  expect(services.routing.reputations()).toEqual([])
})

test('no word of a step is kept', async () => {
  const { line, routing } = await lineWith([{ text: 'The answer is secret' }])

  await dispatchStep(line, request('A private question'), { signal })

  const [entry] = await Array.fromAsync(routing.entries())
  expect(entry).toMatchObject({ model: 'a/small', principal: 'local' })
  expect(JSON.stringify(entry)).not.toMatch(/private|secret/)
})
