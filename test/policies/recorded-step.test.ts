import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Message } from '../../models/message.ts'
import { createStep, recordedStepSchema, recordStep, restoreStep } from '../../policies/index.ts'

const same = (text: string) => text

function stepOf(messages: readonly Message[]) {
  return createStep({ messages, inputTokens: 42, maxOutputTokens: 100, principal: 'ada', previousModel: 'a/deep', roles: ['owner'] })
}

const text = fc.string({ unit: 'grapheme', maxLength: 600 })
const part = fc.oneof(
  fc.record({ type: fc.constant('text' as const), text }),
  fc.record({
    type: fc.constant('tool-call' as const),
    id: fc.string(),
    name: fc.string(),
    input: fc.dictionary(fc.string(), fc.jsonValue() as never),
  }),
  fc.record({
    type: fc.constant('tool-result' as const),
    id: fc.string(),
    name: fc.string(),
    content: fc.array(fc.record({ type: fc.constant('text' as const), text }), { maxLength: 2 }),
    isError: fc.boolean(),
  }),
)
const messages = fc.array(
  fc.record({ role: fc.constantFrom('user' as const, 'assistant' as const), content: fc.array(part, { maxLength: 4 }) }),
  {
    maxLength: 60,
  },
)

test('restoreStep() gives back every fact of any step, through JSON', () => {
  fc.assert(
    fc.property(messages, (given) => {
      const step = stepOf(given as Message[])

      const kept = recordedStepSchema.parse(JSON.parse(JSON.stringify(recordStep(step, ['a'], same))))
      const { history, text: words, ...facts } = restoreStep(kept, 'ada')

      const { history: whole, text: ownWords, ...expected } = step
      expect(facts).toEqual(expected)
      expect(history).toHaveLength(Math.min(40, whole.length))
      expect(words.length).toBeLessThanOrEqual(ownWords.length)
    }),
  )
})

test('recordStep() stays small however long the step is, and masks what it keeps', () => {
  const long: Message = { role: 'user', content: [{ type: 'text', text: `begin ${'x'.repeat(50_000)} secret end` }] }
  const recorded = recordStep(stepOf(Array.from({ length: 500 }, () => long)), [], (one) => one.replaceAll('secret', '***'))

  const kept = JSON.stringify(recorded)
  expect(kept.length).toBeLessThan(24_000)
  expect(kept).toContain('*** end')
  expect(kept).not.toContain('secret')
})
