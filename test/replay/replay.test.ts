import { expect, test } from 'vitest'
import type { Message } from '../../models/message.ts'
import { parsePolicy } from '../../policies/index.ts'
import { dispatchStep } from '../../src/dispatch/dispatch.ts'
import type { StepRequest } from '../../src/dispatch/step-request.ts'
import { replay } from '../../src/replay/replay.ts'
import { readReplayable } from '../../src/replay/replayable.ts'
import { deployment, pool, price } from '../support/deployments.ts'
import { lineOf } from '../support/line.ts'
import { standIn } from '../support/stand-in-provider.ts'

const signal = new AbortController().signal
const pools = [
  pool('quick', [deployment('a/quick', { price: price(1, 5) })]),
  pool('deep', [deployment('a/deep', { price: price(5, 25) })]),
]

function said(text: string): Message[] {
  return [{ role: 'user', content: [{ type: 'text', text }] }]
}

async function history() {
  const line = await lineOf({ pools, providers: [standIn('a', { text: 'Done' })] })
  const ask = async (messages: Message[], more: Partial<StepRequest> = {}) =>
    dispatchStep(line, { principal: 'ada', client: undefined, thread: undefined, messages, ...more }, { signal })
  return { line, ask }
}

const strongest = parsePolicy({ name: 'strong', default: { prefer: 'strongest' } }, { source: 'test', pools, embedder: undefined })
const same = parsePolicy({ name: 'plain', default: { prefer: 'first' } }, { source: 'test', pools, embedder: undefined })

async function replayed(line: Awaited<ReturnType<typeof history>>['line'], policy = strongest) {
  const { decisions } = await readReplayable(line.decisions, { since: 0, most: 100, signal })
  return replay(decisions, { policy, pools, embedText: async () => undefined, signal })
}

test('replay() under the policy that decided changes nothing', async () => {
  const { line, ask } = await history()
  await ask(said('One'))
  await ask(said('Two'))

  const report = await replayed(line, same)

  expect(report).toMatchObject({ steps: 2, flips: [], pools: { quick: { before: 2, after: 2 } } })
  expect(report.cost.afterUsd).toBe(report.cost.beforeUsd)
})

test('replay() names each step that would go elsewhere, and prices both', async () => {
  const { line, ask } = await history()
  const { plan } = await ask(said('Prove the theorem'))

  const report = await replayed(line)

  expect(report.flips).toMatchObject([
    {
      decision: plan.decision,
      text: 'Prove the theorem',
      before: { pool: 'quick', model: 'a/quick', rule: 'default' },
      after: { pool: 'deep', model: 'a/deep', rule: 'default' },
    },
  ])
  expect(report.cost.afterUsd / report.cost.beforeUsd).toBeCloseTo(5)
})

test('replay() lets a loop go on with the model that it would have begun with', async () => {
  const { line, ask } = await history()
  const first = await ask(said('Look'), { tools: [{ name: 'look', description: '', inputSchema: {} }] })
  const inLoop: Message[] = [
    ...said('Look'),
    { role: 'assistant', content: [{ type: 'tool-call', id: '1', name: 'look', input: {} }] },
    { role: 'user', content: [{ type: 'tool-result', id: '1', name: 'look', content: [], isError: false }] },
  ]
  await ask(inLoop, { loop: { context: first.context, previousModel: 'a/quick', parent: first.plan.decision } })

  const report = await replayed(line)

  expect(report.flips.map(({ after }) => [after.model, after.rule])).toEqual([
    ['a/deep', 'default'],
    ['a/deep', 'hold'],
  ])
})

test('replay() estimates quality from verdicts alone, and says how many steps they speak of', async () => {
  const { line, ask } = await history()
  for (const outcome of ['good', 'good', 'wrong'] as const) {
    const { plan } = await ask(said(outcome))
    await line.decisions.rate('ada', plan.decision, { outcome, by: 'person' })
  }
  await ask(said('nobody says anything of this'))

  const [kept, moved] = [await replayed(line, same), await replayed(line)]

  expect(kept.quality).toMatchObject({ steps: 3, overlapping: 3 })
  expect(kept.quality.logged?.value).toBeCloseTo(2 / 3)
  expect(kept.quality.inversePropensity?.value).toBeCloseTo(2 / 3)
  expect(moved.quality).toMatchObject({ overlapping: 0, inversePropensity: null })
})

test('readReplayable() leaves out what is older, and counts what keeps no step', async () => {
  const { line, ask } = await history()
  await ask(said('One'))
  await line.decisions.record('ada', { id: 'old', plan: { pool: 'quick' } })

  expect(await readReplayable(line.decisions, { since: 0, most: 100, signal })).toMatchObject({
    decisions: [{ step: { text: 'One' } }],
    skipped: 1,
  })
  expect(await readReplayable(line.decisions, { since: Date.now() + 1000, most: 100, signal })).toMatchObject({ decisions: [], skipped: 0 })
})
