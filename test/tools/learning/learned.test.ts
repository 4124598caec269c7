import { expect, test } from 'vitest'
import { createLearned, type LearningBase, learn, promote } from '../../../tools/learning/learned.ts'
import type { ToolOutcome } from '../../../tools/learning/outcome.ts'
import { hostedTool } from '../../support/search/needs.ts'
import { toolOutcome } from '../../support/tool-outcome.ts'

const tools = ['a', 'b', 'c'].map((name) => hostedTool(`s/${name}`))
// The static order is always a, b, c.
const base: LearningBase = { tools, scores: () => Float64Array.of(0.5, 0.4, 0.3) }

const outcome = (tool: number, direction: number, more: Partial<ToolOutcome> = {}) =>
  toolOutcome(tools[tool], direction + ((more.at ?? 0) % 7) / 20, more)

const many = (tool: number, direction: number, more: Partial<ToolOutcome> = {}) =>
  Array.from({ length: 30 }, (_, at) => outcome(tool, direction, { at, ...more }))

function firstFor(model: Awaited<ReturnType<typeof learn>>, direction: number): string | undefined {
  const query = { vector: Float32Array.of(Math.cos(direction), Math.sin(direction)), words: [], used: [] }
  const scores = createLearned(model).rescore(query, tools, Float64Array.of(0.5, 0.4, 0.3))
  return tools[scores.indexOf(Math.max(...scores))]?.tool
}

test('learn() puts the tool first that served needs like it, and not for other needs', async () => {
  const model = await learn([...many(2, 0), ...many(0, Math.PI / 2)], base)

  expect(firstFor(model, 0)).toBe('c')
  expect(firstFor(model, Math.PI / 2)).toBe('a')
})

test('learn() learns nothing of tainted outcomes, of faults that are no need’s, and of another definition', async () => {
  const model = await learn(
    [...many(2, 0, { tainted: true }), ...many(2, 0, { class: 'timeout' }), ...many(2, 0, { hash: 'an older one' })],
    base,
  )

  expect(model.facts.tools).toEqual([])
  expect(firstFor(model, 0)).toBe('a')
})

test('learn() stops with the reason of the signal', async () => {
  const reason = new Error('Enough')

  await expect(learn(many(2, 0), base, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})

test('promote() takes what wins on held-back outcomes and keeps the static order otherwise', async () => {
  const heldBack = many(2, 0.1)
  const helps = await promote(await learn(many(2, 0), base), undefined, heldBack, base)
  const hurts = await promote(await learn(many(1, 0), base), undefined, heldBack, base)
  const tooFew = await promote(await learn(many(2, 0), base), undefined, heldBack.slice(0, 5), base)

  expect(helps).toMatchObject({ decision: 'promote', compared: 30 })
  expect(hurts.decision).toBe('keep')
  expect(tooFew.decision).toBe('keep')
})

test('promote() rolls back what loses against the static order', async () => {
  const base: LearningBase = { tools, scores: () => Float64Array.of(0.3, 0.5, 0.4) }
  const wrong = await learn(many(0, 0), base)

  const verdict = await promote(await learn([], base), wrong, many(1, 0), base)

  expect(verdict.decision).toBe('rollback')
})
