import { afterAll, expect, test } from 'vitest'
import { createMiniLM } from '../../../models/local/index.ts'
import type { Message } from '../../../models/message.ts'
import { createStep, readSignals } from '../../../policies/index.ts'
import { createSignal, type SignalOptions, signalSchema } from '../../../policies/signals/kinds.ts'
import { shippedHead } from '../../../policies/signals/shipped-heads.ts'

const embedder = createMiniLM()
afterAll(() => embedder.close())

const said = (role: 'user' | 'assistant', text: string): Message => ({ role, content: [{ type: 'text', text }] })

async function read(options: unknown, ...messages: readonly Message[]) {
  const signal = createSignal('s', signalSchema.parse(options) as SignalOptions, { pools: [], embedder })
  const step = createStep({ messages, inputTokens: 1, maxOutputTokens: 1, principal: 'local' })
  const live = { now: 0, budget: { usdPerDay: undefined, spentTodayUsd: undefined }, pools: [], state: () => undefined }
  const { readings, failures } = await readSignals([signal], step, { live })
  expect(failures).toEqual([])
  return readings[0]?.value
}

test.each([
  ['Which organelle of the cell produces ATP?', 'biology'],
  ['Solve the integral of x squared from 0 to 3.', 'math'],
  ['What does the doctrine of adverse possession require of a trespasser?', 'law'],
])('domain() says of "%s" that it is %s', async (text, expected) => {
  expect(await read({ kind: 'domain' }, said('user', text))).toBe(expected)
})

test.each([
  ['That is wrong, the tests still fail.', 'wrong'],
  ['Thank you, that is exactly what I needed.', 'satisfied'],
  ['Can you explain the second step in simpler words?', 'clarification'],
  ['Now write the release notes for version 2.', ''],
])('feedback() hears "%s" after an answer as "%s"', async (text, expected) => {
  expect(await read({ kind: 'feedback' }, said('user', 'Fix the parser.'), said('assistant', 'Done.'), said('user', text))).toBe(expected)
})

test('feedback() is silent where no answer came before', async () => {
  expect(await read({ kind: 'feedback' }, said('user', 'That is wrong.'))).toBe('')
})

test('fact_check() asks evidence for facts, not for verse', async () => {
  expect(await read({ kind: 'fact_check' }, said('user', 'In which year was penicillin discovered, and by whom?'))).toBe(true)
  expect(await read({ kind: 'fact_check' }, said('user', 'Write a limerick about penicillin.'))).toBe(false)
})

test('complexity() tells a proof from a greeting', async () => {
  expect(await read({ kind: 'complexity' }, said('user', 'Prove that every bounded monotone sequence converges.'))).toBe('hard')
  expect(await read({ kind: 'complexity' }, said('user', 'Hi, how are you doing?'))).toBe('easy')
})

test('every shipped head fits the built-in embedder, and says how well it does on texts it has not seen', async () => {
  for (const name of ['domain', 'complexity', 'feedback', 'fact_check'] as const) {
    const { head, measured, trained_on: trainedOn } = await shippedHead(name)

    expect(head.embedder).toBe(embedder.id)
    expect(trainedOn).toMatch(/Apache-2\.0|MIT/)
    expect(measured['accuracy'] ?? measured['cross_validated_accuracy']).toBeGreaterThan(Number(measured['nearest_centroid']))
  }
})
