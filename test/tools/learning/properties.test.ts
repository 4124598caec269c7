import fc from 'fast-check'
import { expect, test } from 'vitest'
import { wilsonBounds } from '../../../models/wilson.ts'
import { createLearned, type LearningBase, learn, promote } from '../../../tools/learning/learned.ts'
import type { OutcomeClass, ToolOutcome } from '../../../tools/learning/outcome.ts'
import { hostedTool } from '../../support/search/needs.ts'

const tools = ['s/a', 's/b', 't/c', 't/d', 'u/e'].map((id) => hostedTool(id))
const vector = fc.double({ min: 0, max: 2 * Math.PI, noNaN: true }).map((angle) => Float32Array.of(Math.cos(angle), Math.sin(angle)))
const kinds: OutcomeClass[] = ['accepted', 'edited', 'tool_error', 'schema', 'auth', 'timeout', 'drift', 'denied']

const outcome: fc.Arbitrary<ToolOutcome> = fc
  .record({
    vector,
    words: fc.array(fc.constantFrom('mail', 'file', 'send', 'constructor', '__proto__'), { maxLength: 4 }),
    tool: fc.nat({ max: tools.length - 1 }),
    class: fc.constantFrom(...kinds),
    source: fc.constantFrom('harness' as const, 'person' as const, 'model' as const),
    principal: fc.constantFrom('one', 'two'),
    propensity: fc.constantFrom(1, 0.5, 0.01, 0),
    tainted: fc.boolean(),
    previous: fc.option(fc.nat({ max: tools.length - 1 }), { nil: undefined }),
  })
  .map(({ vector, words, tool, previous, ...rest }) => ({
    ...rest,
    need: { vector, words },
    tool: tools[tool]?.name ?? '',
    hash: tools[tool]?.hash ?? '',
    at: 0,
    previousTool: previous === undefined ? undefined : tools[previous]?.name,
  }))

const base: LearningBase = {
  tools,
  scores: ({ vector }) => Float64Array.from(tools, (_, place) => 0.5 + 0.1 * Math.cos(place - (vector[0] ?? 0))),
}

test('learn() and rescore(): any outcomes give numbers for each tool, the same each time, and the given scores are left alone', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(outcome, { maxLength: 40 }), vector, async (outcomes, asked) => {
      const [model, again] = [await learn(outcomes, base), await learn(outcomes, base)]
      const scores = await base.scores({ vector: asked, words: [] })
      const before = scores.slice()
      const copy = structuredClone({ ...model, facts: JSON.parse(JSON.stringify(model.facts)) })
      const query = { vector: asked, words: ['mail', 'constructor'], used: [tools[0]?.name ?? ''] }

      const after = createLearned(model).rescore(query, tools, scores)

      expect(again.id).toBe(model.id)
      expect(scores).toEqual(before)
      expect(after).toHaveLength(tools.length)
      expect(after.every(Number.isFinite)).toBe(true)
      expect(createLearned(copy).rescore(query, tools, scores)).toEqual(after)
    }),
    { numRuns: 60 },
  )
})

test('rescore() leaves the order as it is without a vector, for a vector of another length and for changed definitions', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(outcome, { maxLength: 40 }), vector, async (outcomes, asked) => {
      const learned = createLearned(await learn(outcomes, base))
      const scores = await base.scores({ vector: asked, words: [] })
      const changed = tools.map((tool) => ({ ...tool, server: 'other', hash: `${tool.hash} changed` }))

      for (const vector of [undefined, new Float32Array(3)]) {
        expect(learned.rescore({ vector, words: [], used: [] }, tools, scores)).toEqual(scores)
      }
      expect(learned.rescore({ vector: asked, words: [], used: [] }, changed, scores)).toEqual(scores)
    }),
    { numRuns: 40 },
  )
})

test('promote() never lets a candidate in that ranks held-back outcomes worse than the static order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(outcome, { maxLength: 60 }), fc.array(outcome, { minLength: 30, maxLength: 60 }), async (past, heldBack) => {
      const verdict = await promote(await learn(past, base), undefined, heldBack, base)

      if (verdict.decision === 'promote') expect(verdict.gains.candidate).toBeGreaterThan(verdict.gains.static)
      else expect(verdict.decision).toBe('keep')
    }),
    { numRuns: 40 },
  )
})

test('wilsonBounds() hold the share between them and draw nearer with more cases', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 500 }), fc.integer({ min: 1, max: 500 }), (well, more) => {
      const total = well + more
      const few = wilsonBounds(well, total)
      const many = wilsonBounds(well * 10, total * 10)

      expect(few.lower).toBeLessThanOrEqual(well / total)
      expect(few.upper).toBeGreaterThanOrEqual(well / total)
      expect(many.upper - many.lower).toBeLessThan(few.upper - few.lower)
    }),
  )
})
