import { expect, test } from 'vitest'
import type { Embedder } from '../../../models/embedder.ts'
import { type Finding, lintDeeply } from '../../../policies/linter/lint.ts'
import { parsePolicy } from '../../../policies/policy.ts'
import { pools } from '../../support/linter/worlds.ts'

/** Texts are angles in degrees: `40 anything` lies 40 degrees from `0 something`. */
const onCircle: Embedder = {
  id: 'on-circle',
  dimensions: 2,
  runtime: 'test',
  embed: async (texts) =>
    texts.map((text) => {
      const turn = (Number.parseFloat(text) / 180) * Math.PI
      return Float32Array.from([Math.cos(turn), Math.sin(turn)])
    }),
  close: async () => undefined,
}

const degrees = (angle: number) => Math.cos((angle / 180) * Math.PI)

function cap(centres: Record<string, string[]>, radius: number) {
  return { kind: 'embedding', examples: centres, aggregation: 'max', threshold: degrees(radius) }
}

async function findingsOf(signals: Record<string, unknown>, conditions: readonly string[]): Promise<Finding[]> {
  const prefer = ['strongest', 'cheapest']
  const rules = conditions.map((when, index) => ({ name: `r${index}`, priority: 100 - index, when, action: { prefer: prefer[index % 2] } }))
  const policy = parsePolicy({ name: 'p', signals, rules, default: { prefer: 'first' } }, { source: 'test', pools, embedder: onCircle })
  return (await lintDeeply(policy, { embedder: onCircle })).filter(({ level }) => level === 2)
}

test('caps that do not touch cannot fire together, and a rule that waits for both never fires', async () => {
  const both = ['signals.a == "x" && signals.b == "y"']

  const apart = await findingsOf({ a: cap({ x: ['0'] }, 20), b: cap({ y: ['60'] }, 30) }, both)
  const touching = await findingsOf({ a: cap({ x: ['0'] }, 20), b: cap({ y: ['45'] }, 30) }, both)

  const [contradiction] = apart.filter(({ code }) => code === 'contradiction')
  expect(contradiction).toMatchObject({ severity: 'warning', rules: ['r0'] })
  expect(contradiction?.message).toContain('where the examples of its signals lie')
  expect(touching).toEqual([])
})

test('a union of caps is apart only when all of its caps are', async () => {
  const both = ['signals.a == "x" && signals.b == "y"']

  const apart = await findingsOf({ a: cap({ x: ['0', '180'] }, 20), b: cap({ y: ['80'] }, 30) }, both)

  expect(apart.map(({ code }) => code)).toContain('contradiction')
  expect(await findingsOf({ a: cap({ x: ['0', '120'] }, 20), b: cap({ y: ['80'] }, 30) }, both)).toEqual([])
})

test('a cap inside another one is decided by the outer one where that comes first', async () => {
  const conditions = ['signals.a == "x"', 'signals.b == "y" && signals.a != "nothing"']

  const inside = await findingsOf({ a: cap({ x: ['0'] }, 60), b: cap({ y: ['10'] }, 20) }, conditions)
  const reaching = await findingsOf({ a: cap({ x: ['0'] }, 60), b: cap({ y: ['50'] }, 20) }, conditions)

  expect(inside.map(({ code, rules }) => [code, rules])).toContainEqual(['shadowed', ['r1', 'r0']])
  expect(reaching.map(({ code }) => code)).not.toContain('shadowed')
})

test('a label whose examples all stand under another label is never named', async () => {
  const findings = await findingsOf({ a: cap({ x: ['0', '90'], y: ['90'] }, 20) }, ['signals.a == "x"'])

  expect(findings).toMatchObject([{ code: 'label_never_named' }])
  expect(findings[0]?.message).toContain('never names y')
})

test('examples for which a rule waits, and which an earlier rule takes, are counted and shown', async () => {
  const signals = { a: cap({ x: ['0'] }, 50), b: cap({ y: ['40', '70', '100'] }, 10) }

  const findings = await findingsOf(signals, ['signals.a == "x"', 'signals.b == "y"'])

  expect(findings).toMatchObject([{ code: 'examples_taken', severity: 'report', rules: ['r0', 'r1'], witness: { 'step.text': '40' } }])
  expect(findings[0]?.message).toMatch(/^1 of 3 examples/)
})
