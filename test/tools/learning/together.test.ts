import { expect, test } from 'vitest'
import { createLearned, type LearningBase, learn } from '../../../tools/learning/learned.ts'
import type { ToolOutcome } from '../../../tools/learning/outcome.ts'
import { togetherOf } from '../../../tools/learning/together.ts'
import { hostedTool } from '../../support/search/needs.ts'
import { toolOutcome } from '../../support/tool-outcome.ts'

const tools = Array.from({ length: 8 }, (_, index) => hostedTool(`s/t${index}`))
const dayMs = 86_400_000

const outcome = (tool: number, angle: number, more: Partial<ToolOutcome> = {}) => toolOutcome(tools[tool], angle, more)

/** So many needs, each served by both tools. */
const both = (count: number, first: number, second: number, more: Partial<ToolOutcome> = {}) =>
  Array.from({ length: count }, (_, index) => [outcome(first, index, more), outcome(second, index, more)]).flat()

const surely = (outcomes: readonly ToolOutcome[], from: number, to: number) =>
  togetherOf(outcomes, tools).find((pair) => pair.from === from && pair.to === to)?.lower ?? 0

test('togetherOf() grows surer with each need that both tools served, and less sure with each that one served alone', () => {
  const twice = both(2, 0, 1)
  const alone = Array.from({ length: 20 }, (_, index) => outcome(0, 100 + index))

  expect(surely(twice, 0, 1)).toBeGreaterThan(surely(both(1, 0, 1), 0, 1))
  expect(surely(both(20, 0, 1), 0, 1)).toBeGreaterThan(0.8)
  expect(surely([...twice, ...alone], 0, 1)).toBeLessThan(surely(twice, 0, 1) / 4)
  expect(surely([...twice, ...alone], 1, 0)).toBe(surely(twice, 1, 0))
})

test('togetherOf() joins what served in one piece of work, of one principal alone', () => {
  const piece = 'ou_1'

  expect(surely([outcome(0, 1, { piece }), outcome(1, 2, { piece })], 0, 1)).toBeGreaterThan(0)
  expect(surely([outcome(0, 1, { piece }), outcome(1, 2, { piece, principal: 'two' })], 0, 1)).toBe(0)
  expect(surely([outcome(0, 1), outcome(1, 2)], 0, 1)).toBe(0)
})

test('togetherOf() forgets by the month, and counts nothing that failed, is tainted or is of another definition', () => {
  const old = both(10, 0, 1)
  const newer = Array.from({ length: 10 }, (_, index) => outcome(0, 50 + index, { at: 90 * dayMs }))
  const sameDay = newer.map((one) => ({ ...one, at: 0 }))

  expect(surely([...old, ...newer], 0, 1)).toBeLessThan(surely([...old, ...sameDay], 0, 1) / 2)
  for (const more of [{ class: 'tool_error' }, { tainted: true }, { hash: 'an older one' }] as const) {
    expect(togetherOf(both(5, 0, 1, more), tools)).toEqual([])
  }
})

test('learn() brings along what served together, where that helps on needs set aside, and not what never did', async () => {
  // The static order knows the first tool of a need and nothing of the second.
  const first = (vector: Float32Array) => Math.round((Math.atan2(vector[1] ?? 0, vector[0] ?? 0) + Math.PI) * 1000) % 2
  const base: LearningBase = {
    tools,
    scores: ({ vector }) => Float64Array.from(tools, (_, place) => (place === first(vector) ? 0.5 : 0.3)),
  }
  // Needs lie everywhere, so their likeness tells nothing.
  const needs = Array.from({ length: 120 }, (_, index) => index * 2.399963)
  const outcomes = needs.flatMap((angle) => {
    const place = first(Float32Array.of(Math.cos(angle), Math.sin(angle)))
    return [outcome(place, angle), outcome(7 - place, angle)]
  })

  const model = await learn(outcomes, base)
  const need = { vector: Float32Array.of(Math.cos(1.234), Math.sin(1.234)), words: [], used: [] }
  const place = first(need.vector)
  const scores = createLearned(model).rescore(need, tools, await base.scores(need))
  const order = [...scores.keys()].toSorted((a, b) => (scores[b] as number) - (scores[a] as number))

  expect(model.facts.settings.together).toBeGreaterThan(0)
  expect(order.slice(0, 2)).toEqual([place, 7 - place])
})
