import { isDeepStrictEqual } from 'node:util'
import type { Embedder } from '../models/embedder.ts'
import type { Pool } from '../models/pool.ts'
import type { Plan } from './plan.ts'
import { type Policy, PolicyError, type PolicySurroundings, parsePolicy } from './policy.ts'
import { policySchemas } from './policy-file.ts'
import { testIssues } from './testing/check-tests.ts'
import { ownPools } from './testing/own-pools.ts'
import { type PlannedGiven, planGiven } from './testing/plan-given.ts'
import type { Expected, PolicyTest, TestPools } from './testing/test-file.ts'

export interface PolicyTestSurroundings extends Pick<PolicySurroundings, 'readFile' | 'classify' | 'callTool' | 'own'> {
  /** Where the policy came from, for messages. */
  readonly source: string
  /** Those of the configuration, for tests that bring none. */
  readonly pools: readonly Pool[]
  readonly embedder: Embedder | undefined
}

export interface PolicyTestResult {
  readonly test: string
  readonly passed: boolean
  /** What was expected and is not so. */
  readonly differences: readonly { readonly of: string; readonly expected: unknown; readonly received: unknown }[]
  /** Why the test could not be run: the policy does not fit the test's pools. */
  readonly error: string | undefined
  readonly decided: Pick<Plan, 'rule' | 'why' | 'pool' | 'selector'> & { readonly model: string | null }
}

/**
 * Runs the tests that stand in a policy file, in their order.
 *
 * A signal that a test does not fix is read as it would be; one that cannot be is unscored, as everywhere.
 *
 * @throws {PolicyError} If the file is no policy.
 */
export async function runPolicyTests(data: unknown, surroundings: PolicyTestSurroundings): Promise<PolicyTestResult[]> {
  const results: PolicyTestResult[] = []
  const plan = testPlanner(data, surroundings)
  for (const one of policyTestsOf(data, surroundings)) {
    const planned = await plan(one)
    results.push(planned instanceof PolicyError ? unfit(one.test, planned) : compare(one.test, planned))
  }
  return results
}

export interface PlacedTest {
  readonly test: PolicyTest
  /** `undefined`: those that are configured. */
  readonly pools: TestPools | undefined
}

/** @throws {PolicyError} If the file has not the shape of a policy, or a test names what is not there. */
export function policyTestsOf(
  data: unknown,
  { source, ...surroundings }: Pick<PolicyTestSurroundings, 'source' | 'pools' | 'own'>,
): PlacedTest[] {
  const parsed = policySchemas(surroundings.own).policy.safeParse(data)
  const issues = parsed.success
    ? testIssues(parsed.data, surroundings)
    : parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  if (!parsed.success || issues.length > 0) throw new PolicyError(source, issues)
  return parsed.data.tests.map((test) => ({ test, pools: test.given.pools ?? parsed.data.test_pools }))
}

/** Plans the steps of tests under a policy; gives the policy's error where it does not fit a test's pools. */
export function testPlanner(
  data: unknown,
  { pools: configured, ...surroundings }: PolicyTestSurroundings,
): (placed: PlacedTest) => Promise<PlannedGiven | PolicyError> {
  const fitted = new Map<TestPools | undefined, { policy: Policy; pools: readonly Pool[] } | PolicyError>()
  const parseFor = (own: TestPools | undefined) => {
    const pools = own === undefined ? configured : ownPools(own)
    try {
      return { policy: parsePolicy(withoutTests(data), { ...surroundings, pools }), pools }
    } catch (error) {
      if (error instanceof PolicyError) return error
      throw error
    }
  }
  return async ({ test, pools: own }) => {
    const under = fitted.get(own) ?? parseFor(own)
    fitted.set(own, under)
    return under instanceof PolicyError
      ? under
      : planGiven(test.given, { ...under, embedder: surroundings.embedder, decision: `test: ${test.name}` })
  }
}

/** Tests are checked once, where the file is read. */
function withoutTests(data: unknown): unknown {
  return typeof data === 'object' && data !== null ? { ...data, tests: undefined, test_pools: undefined } : data
}

function unfit(test: PolicyTest, error: PolicyError): PolicyTestResult {
  return { test: test.name, passed: false, differences: [], error: error.message, decided: nothing }
}

const nothing = { rule: '', why: '', pool: null, selector: '', model: null }

function compare(test: PolicyTest, { plan }: PlannedGiven): PolicyTestResult {
  const decided = { rule: plan.rule, why: plan.why, pool: plan.pool, model: plan.candidates[0]?.model ?? null, selector: plan.selector }
  const differences = Object.entries(test.expect).flatMap(([of, expected]) => {
    const received = receivedFor(of as keyof Expected, plan, test.expect)
    return isDeepStrictEqual(sorted(of, expected), sorted(of, received)) ? [] : [{ of, expected, received }]
  })
  return { test: test.name, passed: differences.length === 0, differences, error: undefined, decided }
}

/** What a plan says of one thing that a test expects; of lists and records that name some, these alone. */
function receivedFor(of: keyof Expected, plan: Plan, expected: Expected): unknown {
  switch (of) {
    case 'rule':
    case 'pool':
    case 'selector':
    case 'tools':
    case 'headers':
    case 'guards':
      return plan[of]
    case 'model':
      return plan.candidates[0]?.model ?? null
    case 'held':
      return plan.hold.held
    case 'fired':
      return plan.fired.map(({ rule }) => rule)
    case 'rejected':
      return expected.rejected?.filter((model) => plan.rejected.some((one) => one.model === model))
    case 'projections': {
      const values = new Map(plan.projections.map(({ projection, value }) => [projection, value]))
      return Object.fromEntries(Object.keys(expected.projections ?? {}).map((name) => [name, values.get(name)]))
    }
  }
}

/** The order in which rules are looked at is nothing that a test speaks of. */
function sorted(of: string, value: unknown): unknown {
  return of === 'fired' && Array.isArray(value) ? value.toSorted() : value
}
