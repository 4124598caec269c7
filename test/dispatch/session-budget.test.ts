import { expect, test } from 'vitest'
import { openSqliteStore } from '../../memory/index.ts'
import { dispatchStep } from '../../src/dispatch/dispatch.ts'
import { createSessionBudgets, type SessionLimits } from '../../src/dispatch/session-budget.ts'
import type { StepRequest } from '../../src/dispatch/step-request.ts'
import { deployment, pool, price } from '../support/deployments.ts'
import { lineOf } from '../support/line.ts'
import { silent } from '../support/silent-log.ts'
import { standIn } from '../support/stand-in-provider.ts'

const tools = Array.from({ length: 12 }, (_, at) => ({ name: `tool_${at}`, description: '', inputSchema: { type: 'object' } }))

async function setUp(session: SessionLimits, store?: Awaited<ReturnType<typeof openSqliteStore>>) {
  const line = await lineOf({
    pools: [pool('deep', [deployment('a/dear', { price: price(10, 10) })]), pool('quick', [deployment('a/cheap', { price: price(1, 1) })])],
    providers: [standIn('a', { text: 'Hi' })],
    policy: { name: 'p', default: { prefer: { pool: 'deep' } } },
    session,
    store: store ?? (await openSqliteStore({ path: ':memory:' })),
  })
  const step = (conversation: string, facts: Partial<StepRequest> = {}) =>
    dispatchStep(
      line,
      {
        principal: 'local',
        client: undefined,
        thread: undefined,
        conversation,
        messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
        tools,
        ...facts,
      },
      { signal: AbortSignal.timeout(10_000) },
    )
  return { line, step }
}

test('a session is shaped, compressed, downgraded and stopped by degrees, each named, and nobody else is', async () => {
  const { step } = await setUp({ steps: 6, past: false })

  const seen = []
  for (let number = 0; number < 6; number += 1) {
    const { plan, warnings } = await step('one')
    seen.push([plan.budget.session?.degree, plan.tools.length, plan.candidates[0]?.model, warnings.length])
  }
  const stopped = await step('one').catch((error: Error) => error.message)

  expect(seen).toEqual([
    ['none', 12, 'a/dear', 0],
    ['none', 12, 'a/dear', 0],
    ['shape', 8, 'a/dear', 1],
    ['compress', 8, 'a/dear', 1],
    ['downgrade', 8, 'a/cheap', 1],
    ['downgrade', 8, 'a/cheap', 1],
  ])
  expect(stopped).toContain(
    'this session has taken 6 of 6 steps that it may (budget.session); what was done stands in one, go on in a new one',
  )
  expect((await step('two')).plan.budget.session).toMatchObject({ degree: 'none', spent: 0 })
  expect((await step('one', { principal: 'ann' })).plan.budget.session).toMatchObject({ degree: 'none', spent: 0 })
})

test('limits come of past sessions once there are enough of them, over a restart', async () => {
  const store = await openSqliteStore({ path: ':memory:' })
  const before = await setUp({ past: true }, store)

  expect((await before.step('first')).plan.budget.session).toBeUndefined()
  for (let number = 0; number < 30; number += 1)
    await before.line.sessionBudgets.add('local', `past ${number}`, { tokens: 100 + number, usd: 0.01, domain: undefined })
  const after = await setUp({ past: true }, store)
  await after.line.sessionBudgets.add('local', 'long', { tokens: 200, usd: null, domain: undefined })
  const { plan } = await after.step('long')

  expect(plan.budget.session).toMatchObject({ from: 'past', measure: 'tokens', spent: 200, limit: 378, degree: 'compress' })
})

test('money and tokens are counted of what was used, and tools that the conversation has used stay', async () => {
  const { line, step } = await setUp({ tokens: 300, usd: 1, past: false })

  await step('one')
  const call = { type: 'tool-call' as const, id: '1', name: 'tool_11', input: {} }
  const result = { type: 'tool-result' as const, id: '1', name: 'tool_11', content: [], isError: false }
  const messages = [
    { role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] },
    { role: 'assistant' as const, content: [call] },
    { role: 'user' as const, content: [result] },
  ]
  const { plan } = await step('one', { messages })

  expect(plan.budget.session).toMatchObject({ measure: 'tokens', spent: 110, degree: 'shape' })
  expect(plan.tools).toEqual([...tools.slice(0, 7), tools[11]].map((tool) => tool?.name))
  expect(await line.sessionBudgets.standing('local', 'one', undefined)).toMatchObject({ spent: 220 })
})

test('a domain has a ceiling of its own within each session, and a caller limits of its own', async () => {
  const session: SessionLimits = {
    steps: 10,
    domains: { mail: { steps: 2 } },
    callers: { ann: { steps: 1, domains: { code: { tokens: 5 } } } },
    past: false,
  }
  const line = await lineOf({
    pools: [pool('quick', [deployment('a/cheap')])],
    providers: [standIn('a', { text: 'Hi' })],
    policy: { name: 'p', signals: { domain: { kind: 'metadata', key: 'domain' } }, default: { prefer: 'first' } },
    session,
  })
  const step = (domain: string, principal = 'local', conversation = 'one') => {
    const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] }]
    const request = { principal, client: undefined, thread: undefined, conversation, messages, metadata: { domain } }
    return dispatchStep(line, request, { signal: AbortSignal.timeout(10_000) }).then(
      ({ plan }) => plan.budget.session,
      (error: Error) => error.message,
    )
  }

  await step('mail')
  await step('code')
  await step('mail')

  expect(await step('mail')).toContain('this session has taken 2 of 2 steps that it may in the domain mail (budget.session)')
  expect(await step('code')).toMatchObject({ measure: 'steps', spent: 3, limit: 10, degree: 'none' })
  await step('constructor')
  expect(await step('code')).toMatchObject({ spent: 5 })
  expect(await step('mail', 'local', 'two')).toMatchObject({ spent: 0 })
  expect(await step('mail', 'ann')).toMatchObject({ spent: 0, limit: 1 })
  expect(await step('mail', 'ann')).toContain('taken 1 of 1 steps')
})

test('answers that broke off count for their session by what they took, and what nobody began to answer does not', async () => {
  const failing = standIn('a', { fails: 'bad_request' }, { text: 'Half an answer', fails: 'bad_request' })
  const line = await lineOf({
    pools: [pool('quick', [deployment('a/cheap', { price: price(1, 1) })])],
    providers: [failing],
    session: { steps: 10, past: false },
  })
  const step = () => {
    const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'Hi' }] }]
    const request = { principal: 'local', client: undefined, thread: undefined, conversation: 'one', messages }
    return dispatchStep(line, request, { signal: AbortSignal.timeout(10_000) })
  }

  await expect(step()).rejects.toThrow()
  const unbegun = await line.sessionBudgets.standing('local', 'one', undefined)
  await expect(step()).rejects.toThrow('broke off')

  expect(unbegun).toMatchObject({ spent: 0 })
  expect(await line.sessionBudgets.standing('local', 'one', undefined)).toMatchObject({ measure: 'steps', spent: 1 })
})

test('what a session has taken is kept until 30 days after its last step', async () => {
  let now = Date.UTC(2026, 0, 1)
  const store = await openSqliteStore({ path: ':memory:', clock: () => now })
  const budgets = createSessionBudgets(
    store.rows,
    () => ({ steps: 10, past: false }),
    () => now,
    silent,
  )
  const days = async (count: number) => {
    now += count * 86_400_000
    await store.sweep(now)
  }

  await budgets.add('local', 'one', { tokens: 1, usd: 0, domain: undefined })
  await days(20)
  await budgets.add('local', 'one', { tokens: 1, usd: 0, domain: undefined })
  await days(20)
  const used = await budgets.standing('local', 'one', undefined)
  await days(11)

  expect(used).toMatchObject({ spent: 2 })
  expect(await budgets.standing('local', 'one', undefined)).toMatchObject({ spent: 0 })
})
