import { expect, test } from 'vitest'
import { createHeadReader, trainHead } from '../../../tools/learning/head.ts'
import { lessonsOf } from '../../../tools/learning/lessons.ts'
import type { ToolOutcome } from '../../../tools/learning/outcome.ts'
import { prototypesOf } from '../../../tools/learning/prototypes.ts'
import { transitionsOf } from '../../../tools/learning/transitions.ts'
import { hostedTool } from '../../support/search/needs.ts'
import { toolOutcome } from '../../support/tool-outcome.ts'

const tools = [hostedTool('s/a'), hostedTool('s/b')]

const outcome = (tool: number, angle: number, more: Partial<ToolOutcome> = {}) => toolOutcome(tools[tool], angle, more)

const times = (count: number, of: (index: number) => ToolOutcome) => Array.from({ length: count }, (_, index) => of(index))
const weightOf = (outcomes: readonly ToolOutcome[]) => lessonsOf(outcomes, tools).reduce((sum, { weight }) => sum + weight, 0)

test('lessonsOf() believes the harness more than a person and a person more than a model', () => {
  const [harness, person, model] = (['harness', 'person', 'model'] as const).map((source) => weightOf([outcome(0, 0, { source })]))

  expect(harness).toBeGreaterThan(person ?? 0)
  expect(person).toBeGreaterThan(model ?? 0)
})

test('lessonsOf() counts what exploration seldom showed for more, within bounds', () => {
  expect(weightOf([outcome(0, 0, { propensity: 0.5 })])).toBe(2)
  expect(weightOf([outcome(0, 0, { propensity: 0.0001 })])).toBe(4)
})

test('lessonsOf() lets one principal among several say no more than the others together', () => {
  const loud = times(100, (index) => outcome(0, index / 100, { principal: 'loud' }))
  const quiet = times(20, (index) => outcome(0, 2 + index / 100, { principal: 'quiet' }))

  expect(weightOf(loud)).toBe(100)
  expect(weightOf([...loud, ...quiet])).toBeCloseTo(40)
})

test('lessonsOf() takes a need that came back as one need, of bounded weight', () => {
  const lessons = lessonsOf(
    times(50, () => outcome(0, 0)),
    tools,
  )

  expect(lessons).toHaveLength(1)
  expect(lessons[0]?.weight).toBe(4)
})

test('prototypesOf() draws the needs of one tool together beyond the bound, and keeps their weight', () => {
  const lessons = lessonsOf(
    times(700, (index) => outcome(0, index / 1000, index % 7 === 0 ? { class: 'tool_error' } : {})),
    tools,
  )
  const prototypes = prototypesOf(lessons).get(0)

  expect(prototypes?.vectors).toHaveLength(500)
  expect(prototypes?.weights.filter((weight) => weight > 0).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(600)
  expect(prototypes?.weights.filter((weight) => weight < 0).reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(-100)
})

test('transitionsOf() tells what follows what, and nothing of single cases', () => {
  const after = times(30, (index) => outcome(1, index / 100, { previousTool: tools[0]?.name }))
  const once = outcome(0, 3, { previousTool: tools[1]?.name })

  const transitions = transitionsOf(lessonsOf([...after, once], tools))

  expect(transitions).toEqual([{ from: 0, to: 1, lower: expect.closeTo(0.886, 2) }])
})

test('trainHead() tells tools apart by vector and by words', async () => {
  const examples = times(200, (index) => outcome(index % 2, (index % 2) * 2 + (index % 13) / 40)).map(({ need }, index) => ({
    need: { ...need, words: [index % 2 === 0 ? 'even' : 'odd'] },
    shares: [{ tool: index % 2, share: 1 }],
  }))
  const read = createHeadReader(await trainHead(examples, 2, async () => undefined))
  const first = (angle: number, words: string[]) => {
    const shares = read({ vector: Float32Array.of(Math.cos(angle), Math.sin(angle)), words })
    return (shares[0] as number) > (shares[1] as number) ? 0 : 1
  }

  expect(first(0.1, [])).toBe(0)
  expect(first(2.1, [])).toBe(1)
  expect(first(1.2, ['even'])).toBe(0)
  expect(first(1.2, ['odd'])).toBe(1)
})
