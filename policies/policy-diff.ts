import { isDeepStrictEqual } from 'node:util'
import type { Embedder } from '../models/embedder.ts'
import type { Pool } from '../models/pool.ts'
import { PolicyError, type PolicySurroundings } from './policy.ts'
import { type PolicyFile, policySchemas } from './policy-file.ts'
import { policyTestsOf, testPlanner } from './policy-tests.ts'

export interface PolicyData extends Pick<PolicySurroundings, 'readFile' | 'classify' | 'callTool' | 'own'> {
  /** Where it came from, for messages. */
  readonly source: string
  readonly data: unknown
}

export interface PolicyDiff {
  readonly parts: readonly PartDiff[]
  /** Of every test of both files, in which the two decide otherwise. */
  readonly decisions: readonly DecisionDiff[]
  readonly tests: number
  /** Tests on whose pools one of the two cannot be served. */
  readonly unfit: readonly { readonly test: string; readonly error: string }[]
}

export interface PartDiff {
  /** `signal`, `projection`, `rule`, `permission`, or `setting` for the keys beside them. */
  readonly part: string
  readonly name: string
  readonly change: 'added' | 'removed' | 'changed'
  /** What changed of it. */
  readonly fields: readonly { readonly field: string; readonly before: unknown; readonly after: unknown }[]
}

export interface DecisionDiff {
  readonly test: string
  /** The file in which the test stands. */
  readonly source: string
  readonly before: Decided
  readonly after: Decided
}

interface Decided {
  readonly rule: string
  readonly pool: string | null
  readonly model: string | null
}

/** What changes from one policy to another: its parts, and the decisions about the steps that the tests of both describe. */
export async function diffPolicies(
  before: PolicyData,
  after: PolicyData,
  surroundings: { pools: readonly Pool[]; embedder: Embedder | undefined },
): Promise<PolicyDiff> {
  const inBoth = [before, after].map((one) => policyTestsOf(one.data, { source: one.source, own: one.own, ...surroundings }))
  const planner = ({ data, ...own }: PolicyData) => testPlanner(data, { ...own, ...surroundings })
  const [planBefore, planAfter] = [planner(before), planner(after)] as const
  const decisions: DecisionDiff[] = []
  const unfit: { test: string; error: string }[] = []
  const seen: unknown[] = []
  for (const [index, { source }] of [before, after].entries()) {
    for (const placed of inBoth[index] ?? []) {
      const step = { given: placed.test.given, pools: placed.pools }
      if (seen.some((one) => isDeepStrictEqual(one, step))) continue
      seen.push(step)
      const [first, second] = [await planBefore(placed), await planAfter(placed)]
      const failed = [first, second].find((one) => one instanceof PolicyError)
      if (failed !== undefined) unfit.push({ test: placed.test.name, error: failed.message })
      if (first instanceof PolicyError || second instanceof PolicyError) continue
      const pair = { test: placed.test.name, source, before: decidedBy(first), after: decidedBy(second) }
      if (!isDeepStrictEqual(pair.before, pair.after)) decisions.push(pair)
    }
  }
  const fileOf = ({ data, own }: PolicyData) => policySchemas(own).policy.parse(data)
  return { parts: diffParts(fileOf(before), fileOf(after)), decisions, tests: seen.length, unfit }
}

function decidedBy({ plan }: { plan: { rule: string; pool: string | null; candidates: { model: string }[] } }): Decided {
  return { rule: plan.rule, pool: plan.pool, model: plan.candidates[0]?.model ?? null }
}

function diffParts(before: PolicyFile, after: PolicyFile): PartDiff[] {
  const { signals, projections, rules, permissions, tests: _tests, test_pools: _pools, ...settings } = before
  const { tests: _otherTests, test_pools: _otherPools, ...other } = after
  const { signals: _s, projections: _p, rules: _r, permissions: _m, ...otherSettings } = other
  return [
    ...diffNamed('signal', signals, other.signals),
    ...diffNamed('projection', projections, other.projections),
    ...diffNamed('rule', byName(rules), byName(other.rules)),
    ...diffNamed('permission', byName(permissions), byName(other.permissions)),
    ...diffNamed('setting', asParts(settings), asParts(otherSettings)),
  ]
}

function byName<One extends { name: string }>(all: readonly One[]): Record<string, One> {
  return Object.fromEntries(all.map((one) => [one.name, one]))
}

function asParts(settings: Readonly<Record<string, unknown>>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [key, typeof value === 'object' && value !== null ? value : { value }]),
  )
}

function diffNamed(part: string, before: Readonly<Record<string, object>>, after: Readonly<Record<string, object>>): PartDiff[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((name): PartDiff[] => {
    const [one, other] = [before[name], after[name]]
    if (one === undefined || other === undefined) return [{ part, name, change: one === undefined ? 'added' : 'removed', fields: [] }]
    const fields = diffFields(one, other)
    return fields.length === 0 ? [] : [{ part, name, change: 'changed', fields }]
  })
}

function diffFields(before: object, after: object): PartDiff['fields'] {
  const [one, other] = [new Map(Object.entries(before)), new Map(Object.entries(after))]
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((field) =>
    isDeepStrictEqual(one.get(field), other.get(field)) ? [] : [{ field, before: one.get(field), after: other.get(field) }],
  )
}
