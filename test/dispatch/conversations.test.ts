import { expect, test } from 'vitest'
import { openSqliteStore } from '../../memory/index.ts'
import type { Message } from '../../models/message.ts'
import { createConversations } from '../../src/dispatch/conversations.ts'
import { dispatchStep } from '../../src/dispatch/dispatch.ts'
import { planStep } from '../../src/dispatch/plan-step.ts'
import { deployment, pool } from '../support/deployments.ts'
import { lineOf } from '../support/line.ts'
import { standIn } from '../support/stand-in-provider.ts'
import { historyOf } from '../support/tool-history.ts'

const rates = (input: number) => ({
  inputPerMillion: input,
  outputPerMillion: input * 5,
  cacheReadPerMillion: input / 10,
  cacheWritePerMillion: input * 1.25,
  source: 'test',
})
const deep = deployment('a/claude-opus-4-6', { price: rates(5) })
const quick = deployment('a/claude-haiku-4-5', { price: rates(1) })
const pools = [pool('quick', [quick]), pool('deep', [deep])]
const policy = {
  name: 'coding',
  signals: { stage: { kind: 'stage' }, stalled: { kind: 'stall' } },
  rules: [
    { name: 'trouble', priority: 9, when: 'signals.stalled || signals.stage == "failed"', action: { prefer: 'strongest' } },
    { name: 'opening', when: 'step.kind == "user_turn"', action: { prefer: 'strongest' } },
  ],
  default: { prefer: 'first' },
}
const options = { signal: new AbortController().signal }
// About 30,000 tokens, of which any cache keeps something.
const long: Message = { role: 'user', content: [{ type: 'text', text: 'word '.repeat(24_000) }] }

async function setUp() {
  const store = await openSqliteStore({ path: ':memory:' })
  const line = await lineOf({ pools, providers: [standIn('a', { text: 'Yes' })], policy, store })
  const { thread } = await line.threads.open('local', undefined)
  const request = (messages: readonly Message[]) => ({ principal: 'local', client: undefined, thread, messages, maxOutputTokens: 200 })
  return { line, store, request, thread }
}

const calm = [long, ...historyOf([{ name: 'read' }]).slice(1)]

test('dispatchStep() holds the model of a loop that comes in by its thread, until the gate is won, and shows the sum in dollars', async () => {
  const { line, request } = await setUp()
  await dispatchStep(line, request([long]), options)

  const { plan } = await planStep(line, request(calm), options)

  expect(plan.hold).toMatchObject({ model: deep.id, broken_by: 'gate_win', gate: { from: deep.id, to: quick.id, steps: 8, wins: true } })
  expect(plan.hold.gate?.stay_usd).toBeGreaterThan(0.1)
  expect(plan.candidates[0]?.model).toBe(quick.id)
})

test('dispatchStep() keeps what it knows of a conversation in the store, for the next process', async () => {
  const { line, store, request, thread } = await setUp()
  await dispatchStep(line, request([long]), options)

  const log = { warn: () => undefined }
  const reopened = createConversations(store.rows, Date.now, log)

  expect(await reopened.get('local', thread)).toMatchObject({ model: deep.id, stages: 'O', troubledAt: null })
  expect(await reopened.get('another', thread)).toBeUndefined()
  expect(await reopened.past('local')).toEqual(['O'])
})

test('dispatchStep() brings in the stronger model after an error, and says that a stage did it', async () => {
  const { line, request } = await setUp()
  await dispatchStep(line, request([long]), options)
  await dispatchStep(line, request(calm), options)

  const failing = [...calm, ...historyOf([{}, { name: 'bash', text: 'Command exited with code 1', isError: true }]).slice(3)]
  const { plan } = await planStep(line, request(failing), options)

  expect(plan.hold).toMatchObject({ model: quick.id, broken_by: 'stage_escalation' })
  expect(plan.candidates[0]?.model).toBe(deep.id)
  expect(plan.cache).toMatchObject({ warm: true })
  expect(plan.cache.warm_tokens).toBeGreaterThan(20_000)
})
