import { expect, test } from 'vitest'
import { type Finding, lintDeeply } from '../../../policies/linter/lint.ts'
import { parsePolicy } from '../../../policies/policy.ts'
import { createStep } from '../../../policies/step.ts'
import { pools } from '../../support/linter/worlds.ts'

const policy = parsePolicy(
  {
    name: 'p',
    signals: {
      hard: { kind: 'keyword', any: ['prove'] },
      long: { kind: 'keyword', any: ['essay'] },
    },
    rules: [
      { name: 'first', priority: 2, when: 'signals.hard', action: { prefer: 'strongest' } },
      { name: 'second', priority: 1, when: 'signals.long', action: { prefer: 'cheapest' } },
    ],
    default: { prefer: 'first' },
  },
  { source: 'test', pools, embedder: undefined },
)

async function findingsOf(texts: readonly string[]): Promise<Finding[]> {
  const steps = texts.map((text) =>
    createStep({ messages: [{ role: 'user', content: [{ type: 'text', text }] }], inputTokens: 5, maxOutputTokens: 5, principal: 'ada' }),
  )
  return (await lintDeeply(policy, { steps })).filter(({ level }) => level === 3)
}

test('rules that choose differently and fire on the same recorded steps are counted, with an interval and a step', async () => {
  const findings = await findingsOf([...Array(4).fill('prove it in an essay'), ...Array(36).fill('hello')])

  expect(findings).toMatchObject([{ code: 'co_fire', severity: 'report', rules: ['first', 'second'] }])
  expect(findings[0]?.message).toContain('4 of 40 steps (10.0 %, 4.0 to 23.1)')
  expect(findings[0]?.witness).toMatchObject({ 'step.text': 'prove it in an essay', 'signals.hard': true })
})

test('what may be chance, and what never happened, is not reported', async () => {
  expect(await findingsOf(['prove it in an essay', 'hello'])).toEqual([])
  expect(await findingsOf([])).toEqual([])
})
