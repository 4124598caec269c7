import type { z } from 'zod'
import type { Pool } from '../models/pool.ts'
import type { Condition, ConditionLanguage } from './condition.ts'
import type { HoldSettings } from './hold/settings.ts'
import type { OwnKinds } from './own-kinds.ts'
import { permissionConditions } from './permission-conditions.ts'
import { type PermissionRule, type Permissions, sortPermissions } from './permissions.ts'
import {
  type PolicyAction,
  type PolicyFile,
  type PolicyPermissionData,
  type PolicyRuleData,
  permissionSchema,
  policySchemas,
} from './policy-file.ts'
import { createProjections, type Projection, projectionSchema } from './projections.ts'
import { createRoutingConditions, type RoutingFacts } from './routing-conditions.ts'
import { createSelector } from './selectors/kinds.ts'
import type { Selector } from './selectors/selector.ts'
import { signalName } from './signal-name.ts'
import { createSignal, type SignalOptions, signalSchemaWith } from './signals/kinds.ts'
import type { Signal, SignalSurroundings } from './signals/signal.ts'
import { testIssues } from './testing/check-tests.ts'

/** What a rule does, with its selector made once. */
export interface Action extends Omit<PolicyAction, 'selector'> {
  readonly selector: Selector
}

export interface Rule extends Omit<PolicyRuleData, 'when' | 'action'> {
  readonly condition: Condition<RoutingFacts>
  readonly action: Action
}

/** Rules from signals to a plan, checked before it is served. */
export interface Policy extends Permissions {
  readonly name: string
  readonly description: string
  /** Only those that the policy names are computed. */
  readonly signals: readonly Signal[]
  readonly projections: readonly Projection<RoutingFacts>[]
  /** By tier, then priority, then name: the first that enforces and whose condition holds decides. */
  readonly rules: readonly Rule[]
  readonly default: Action
  /** How a continuation keeps the model of its loop; `null` when it does not. */
  readonly hold: HoldSettings | null
  /** What becomes of the results of hosted tools: long ones condensed, those of read-only tools kept for a while. */
  readonly results: PolicyFile['results']
  /** What is kept of answers; `undefined`: nothing, unless a rule says so. */
  readonly cache?: PolicyFile['cache']
  /** As it was written, with what was left out filled in: for those who look at the policy itself. */
  readonly file: PolicyFile
}

export interface PolicyIssue {
  path: string
  message: string
}

/** A policy that cannot be served, with everything that is wrong with it. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError'
  readonly code = 'policy_invalid'
  readonly issues: readonly PolicyIssue[]

  constructor(source: string, issues: readonly PolicyIssue[]) {
    super(`Cannot use policy ${source}: ${issues.map((issue) => `${issue.path}: ${issue.message}`).join('; ')}`)
    this.issues = issues
  }
}

/** Without an embedder, embedding signals report a failure at each step and their rules do not fire. */
export interface PolicySurroundings extends SignalSurroundings {
  /** Where the policy came from, for messages: `balanced` or a path. */
  source: string
  /** Beside ours. */
  own?: OwnKinds | undefined
}

/**
 * Turns the data of a policy file into a policy that can be served.
 *
 * @throws {PolicyError} With all issues: shape, unknown pools, models and signals, conditions that do not type-check.
 */
export function parsePolicy(data: unknown, surroundings: PolicySurroundings): Policy {
  const issues: PolicyIssue[] = []
  const report = (path: string, message: string) => void issues.push({ path, message })
  const { own } = surroundings
  const parsed = policySchemas(own).policy.safeParse(data)
  for (const { path, message } of parsed.error?.issues ?? []) report(path.join('.') || '(file)', message)
  // What is wrong in one place keeps nothing else from being looked at.
  const file = parsed.data ?? usableParts(data, own)

  const signals = Object.entries(file.signals).flatMap(([name, options]) => {
    try {
      return [createSignal(name, options, surroundings, own?.signals)]
    } catch (error) {
      report(`signals.${name}`, error instanceof Error ? error.message : String(error))
      return []
    }
  })
  const unread = (part: 'signals' | 'projections', read: readonly string[]) =>
    namesIn(data, part)
      .filter((name) => !read.includes(name))
      .map((name) => ({ name, type: 'dyn' as const }))
  const brokenSignals = unread(
    'signals',
    signals.map(({ name }) => name),
  )
  const named = [...signals, ...brokenSignals]
  const projections = createProjections(file.projections, createRoutingConditions({ signals: named }), report)
  const brokenProjections = unread('projections', Object.keys(file.projections))
  const routing = createRoutingConditions({ signals: named, projections: [...projections, ...brokenProjections] })
  const texts = (all: readonly { name: string; type: string }[]) => all.flatMap(({ name, type }) => (type === 'double' ? [] : [name]))
  const known: Known = {
    pools: surroundings.pools,
    signals: texts([...signals.filter(({ type }) => type === 'string'), ...brokenSignals]),
    projections: texts([...projections, ...brokenProjections]),
  }

  const rules: Rule[] = []
  file.rules.forEach((rule, index) => {
    if (rule === undefined) return
    checkAction(rule.action, `rules.${index}.action`, known, report)
    // An action on a screen is judged outside of any step, too: two guards for one screen would leave open which holds.
    if (rule.action.guards !== undefined)
      report(`rules.${index}.action.guards`, 'guards stand in the default of a policy, and hold for all its rules')
    const condition = parseCondition(routing, rule, `rules.${index}.when`, report)
    const action = toAction(rule.action, `rules.${index}.action`, surroundings, report)
    if (condition !== undefined && action !== undefined) rules.push({ ...withoutWhen(rule), condition, action })
  })
  const permissions: PermissionRule[] = []
  file.permissions.forEach((rule, index) => {
    if (rule === undefined) return
    const condition = parseCondition(permissionConditions, rule, `permissions.${index}.when`, report)
    if (condition !== undefined) permissions.push({ ...rule, condition })
  })
  checkNames(file.rules, 'rules', report)
  checkNames(file.permissions, 'permissions', report)
  if (file.default !== undefined) checkAction(file.default, 'default', known, report)
  const otherwise = file.default && toAction(file.default, 'default', surroundings, report)
  if (Object.keys(parsed.data?.cache?.domains ?? {}).length > 0 && !named.some(({ name }) => name === 'domain'))
    report('cache.domains', 'needs a signal named "domain", whose values its keys are')
  if (parsed.data !== undefined) issues.push(...testIssues(parsed.data, surroundings))
  if (parsed.data === undefined || otherwise === undefined || issues.length > 0) throw new PolicyError(surroundings.source, issues)

  return {
    ...parsed.data,
    file: parsed.data,
    signals,
    projections,
    rules: rules.toSorted((left, right) => left.tier - right.tier || right.priority - left.priority || (left.name < right.name ? -1 : 1)),
    default: otherwise,
    permissions: sortPermissions(permissions),
  }
}

function toAction(
  { selector, ...action }: PolicyAction,
  path: string,
  surroundings: PolicySurroundings,
  report: Report,
): Action | undefined {
  try {
    return { ...action, selector: createSelector(selector, surroundings, surroundings.own?.selectors) }
  } catch (error) {
    report(`${path}.selector`, error instanceof Error ? error.message : String(error))
    return undefined
  }
}

function withoutWhen({ when: _when, ...rule }: PolicyRuleData): Omit<PolicyRuleData, 'when'> {
  return rule
}

interface UsableParts {
  readonly signals: Readonly<Record<string, SignalOptions>>
  readonly projections: PolicyFile['projections']
  readonly rules: readonly (PolicyRuleData | undefined)[]
  readonly permissions: readonly (PolicyPermissionData | undefined)[]
  readonly default: PolicyAction | undefined
}

/** Of a file of the wrong shape, each part that is right by itself. */
function usableParts(data: unknown, own: OwnKinds = {}): UsableParts {
  const { action, rule } = policySchemas(own)
  const part = (name: string): unknown => (isObject(data) ? data[name] : undefined)
  const list = <Schema extends z.ZodType>(value: unknown, schema: Schema) =>
    Array.isArray(value) ? value.map((one) => schema.safeParse(one).data) : []
  const named = <Schema extends z.ZodType>(name: 'signals' | 'projections', schema: Schema) =>
    Object.fromEntries(
      namesIn(data, name).flatMap((key) => {
        const one = schema.safeParse((part(name) as Record<string, unknown>)[key])
        return one.success && signalName.safeParse(key).success ? [[key, one.data]] : []
      }),
    )
  return {
    signals: named('signals', signalSchemaWith(own.signals ?? [])),
    projections: named('projections', projectionSchema),
    rules: list(part('rules'), rule),
    permissions: list(part('permissions'), permissionSchema),
    default: action.safeParse(part('default')).data,
  }
}

function namesIn(data: unknown, part: string): string[] {
  const entries = isObject(data) ? data[part] : undefined
  return isObject(entries) ? Object.keys(entries) : []
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

type Report = (path: string, message: string) => void

function parseCondition<Facts>(
  language: ConditionLanguage<Facts>,
  { name, when }: { name: string; when: string },
  path: string,
  report: Report,
): Condition<Facts> | undefined {
  try {
    return language.parse(when)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    report(path, `rule "${name}" has a condition that cannot be used (${reason}): ${when}`)
    return undefined
  }
}

function checkNames(rules: readonly ({ name: string } | undefined)[], path: string, report: Report): void {
  const names = new Set<string>()
  for (const rule of rules) {
    if (rule === undefined) continue
    if (names.has(rule.name)) report(path, `two rules are named "${rule.name}"`)
    names.add(rule.name)
  }
}

interface Known {
  readonly pools: readonly Pool[]
  /** Those whose value can name a pool. */
  readonly signals: readonly string[]
  readonly projections: readonly string[]
}

function checkAction({ prefer, models = [], require: required, guards }: PolicyAction, path: string, known: Known, report: Report): void {
  const poolNames = known.pools.map((pool) => pool.name)
  const checkPool = (name: string, where: string) => {
    if (poolNames.includes(name)) return
    report(`${path}.${where}`, `pool "${name}" is not configured (configured: ${poolNames.join(', ')})`)
  }
  if (typeof prefer === 'object') {
    if ('pool' in prefer) checkPool(prefer.pool, 'prefer.pool')
    if ('signal' in prefer && !known.signals.includes(prefer.signal))
      report(`${path}.prefer.signal`, `"${prefer.signal}" is not one of the policy's signals that name a pool`)
    if ('projection' in prefer && !known.projections.includes(prefer.projection))
      report(`${path}.prefer.projection`, `"${prefer.projection}" is not one of the policy's projections that name a pool`)
  }
  for (const name of required?.pools ?? []) checkPool(name, 'require.pools')
  if (guards?.computer?.judge !== undefined) checkPool(guards.computer.judge, 'guards.computer.judge')
  if (guards?.grounding?.retry !== undefined) checkPool(guards.grounding.retry, 'guards.grounding.retry')
  const configured = known.pools.flatMap((pool) => pool.deployments.map(({ id }) => id))
  for (const model of models) {
    if (!configured.includes(model)) report(`${path}.models`, `model "${model}" is in none of the configured pools`)
  }
}
