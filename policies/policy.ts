import { z } from 'zod'
import type { Embedder } from '../models/embedder.ts'
import type { Pool } from '../models/pool.ts'
import type { Condition, ConditionLanguage } from './condition.ts'
import { permissionConditions } from './permission-conditions.ts'
import { type PermissionRule, type Permissions, sortPermissions } from './permissions.ts'
import { rewriteSchema } from './rewrite.ts'
import { createRoutingConditions, type RoutingFacts } from './routing-conditions.ts'
import { embedding } from './signals/embedding.ts'
import { keyword } from './signals/keyword.ts'
import { modality } from './signals/modality.ts'
import type { Signal } from './signals/signal.ts'
import { size } from './signals/size.ts'
import { toolLoop } from './signals/tool-loop.ts'
import { turn } from './signals/turn.ts'

const signalName = z.string().regex(/^[a-z][a-z0-9_]{0,39}$/, 'a signal is named in lower case, such as hard_words')
const fraction = z.number().min(0).max(1)

const signalSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('size') }),
  z.strictObject({ kind: z.literal('modality') }),
  z.strictObject({ kind: z.literal('turn') }),
  z.strictObject({ kind: z.literal('tool_loop') }),
  z.strictObject({ kind: z.literal('keyword'), any: z.array(z.string().min(1).max(100)).min(1).max(500) }),
  z.strictObject({
    kind: z.literal('embedding'),
    examples: z.union([z.literal('pools'), z.record(z.string(), z.array(z.string().min(1).max(1000)).min(1).max(200))]),
    threshold: fraction.default(0.35),
    margin: fraction.default(0.03),
  }),
])

const actionSchema = z.strictObject({
  prefer: z.union([
    z.enum(['first', 'cheapest', 'strongest']),
    z.strictObject({ pool: z.string() }),
    z.strictObject({ signal: signalName }),
  ]),
  selector: z.enum(['in-order', 'lowest-cost']).default('in-order'),
  fallback: z.boolean().default(true),
})

const permission = z.enum(['allow', 'confirm', 'deny'])

const ruleName = z.string().regex(/^[a-z][a-z0-9_]{0,59}$/, 'a rule is named in lower case, such as hard_step')
const sentence = z.string().max(300).default('')
const priority = z.int().min(0).max(1000).default(0)
const condition = z.string().min(1).max(4000)

const ruleSchema = z.strictObject({ name: ruleName, why: sentence, priority, when: condition, action: actionSchema })

const permissionSchema = z
  .strictObject({
    name: ruleName,
    why: sentence,
    priority,
    when: condition,
    do: z.enum(['allow', 'confirm', 'deny', 'rewrite']),
    rewrite: rewriteSchema.optional(),
  })
  .refine(({ do: wanted, rewrite }) => (wanted === 'rewrite') === (rewrite !== undefined), {
    path: ['rewrite'],
    error: 'must be there if, and only if, do is rewrite',
  })

const policySchema = z.strictObject({
  name: z.string().min(1).max(60),
  description: z.string().max(500).default(''),
  signals: z.record(signalName, signalSchema).default({}),
  rules: z.array(ruleSchema).max(1000).default([]),
  default: actionSchema,
  hold: z.boolean().default(true),
  tools: z
    .strictObject({
      call: z.strictObject({ read: permission, write: permission, destructive: permission }),
      loop: z.strictObject({
        read: permission,
        write: permission,
        destructive: permission,
        send_after_private_read: permission.default('confirm'),
      }),
    })
    .default({
      call: { read: 'allow', write: 'allow', destructive: 'confirm' },
      loop: { read: 'allow', write: 'confirm', destructive: 'confirm', send_after_private_read: 'confirm' },
    }),
  permissions: z.array(permissionSchema).max(1000).default([]),
  results: z
    .strictObject({
      condense: z.boolean().default(false),
      over_bytes: z.int().min(1000).max(10_000_000).default(20_000),
      cache: z
        .strictObject({
          ttl_s: z.int().min(1).max(86_400),
          tools: z.array(z.string().min(1).max(128)).min(1).max(256),
        })
        .optional(),
    })
    .prefault({}),
})

export type PolicyAction = z.infer<typeof actionSchema>

export interface Rule {
  readonly name: string
  /** The rule in a sentence, for people who read a plan. */
  readonly why: string
  readonly priority: number
  readonly condition: Condition<RoutingFacts>
  readonly action: PolicyAction
}

/** Rules from signals to a plan, checked before it is served. */
export interface Policy extends Permissions {
  readonly name: string
  readonly description: string
  /** Only those that the policy names are computed. */
  readonly signals: readonly Signal[]
  /** By priority, then by name: the first whose condition holds decides. */
  readonly rules: readonly Rule[]
  readonly default: PolicyAction
  /** Whether a continuation keeps the model of its loop. */
  readonly hold: boolean
  /** What becomes of the results of hosted tools: long ones condensed, those of read-only tools kept for a while. */
  readonly results: {
    readonly condense: boolean
    readonly over_bytes: number
    readonly cache?: { readonly ttl_s: number; readonly tools: readonly string[] } | undefined
  }
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

export interface PolicySurroundings {
  /** Where the policy came from, for messages: `balanced` or a path. */
  source: string
  pools: readonly Pool[]
  /** Without one, embedding signals report a failure at each step and their rules do not fire. */
  embedder: Embedder | undefined
}

/**
 * Turns the data of a policy file into a policy that can be served.
 *
 * @throws {PolicyError} With all issues: shape, unknown pools and signals, conditions that do not type-check.
 */
export function parsePolicy(data: unknown, surroundings: PolicySurroundings): Policy {
  const issues: PolicyIssue[] = []
  const parsed = policySchema.safeParse(data)
  for (const { path, message } of parsed.error?.issues ?? []) issues.push({ path: path.join('.') || '(file)', message })
  // What is wrong in one place keeps nothing else from being looked at.
  const file = parsed.data ?? usableParts(data)

  const signals = Object.entries(file.signals).map(([name, options]) => createSignal(name, options, surroundings))
  const broken = namesIn(data, 'signals').filter((name) => !Object.hasOwn(file.signals, name))
  const routing = createRoutingConditions([...signals, ...broken.map((name) => ({ name, type: 'dyn' as const }))])

  const poolSignals = [...signals.filter(({ type }) => type === 'string').map(({ name }) => name), ...broken]

  const rules: Rule[] = []
  file.rules.forEach((rule, index) => {
    if (rule === undefined) return
    checkAction(rule.action, `rules.${index}.action`, poolSignals, surroundings.pools, issues)
    const parsedCondition = parseCondition(routing, rule, `rules.${index}.when`, issues)
    if (parsedCondition !== undefined) rules.push({ ...rule, condition: parsedCondition })
  })
  const permissions: PermissionRule[] = []
  file.permissions.forEach((rule, index) => {
    if (rule === undefined) return
    const parsedCondition = parseCondition(permissionConditions, rule, `permissions.${index}.when`, issues)
    if (parsedCondition !== undefined) permissions.push({ ...rule, condition: parsedCondition })
  })
  checkNames(file.rules, 'rules', issues)
  checkNames(file.permissions, 'permissions', issues)
  if (file.default !== undefined) checkAction(file.default, 'default', poolSignals, surroundings.pools, issues)
  if (parsed.data === undefined || issues.length > 0) throw new PolicyError(surroundings.source, issues)

  return {
    ...parsed.data,
    signals,
    rules: rules.toSorted((left, right) => right.priority - left.priority || (left.name < right.name ? -1 : 1)),
    permissions: sortPermissions(permissions),
  }
}

interface UsableParts {
  readonly signals: Readonly<Record<string, z.infer<typeof signalSchema>>>
  readonly rules: readonly (z.infer<typeof ruleSchema> | undefined)[]
  readonly permissions: readonly (z.infer<typeof permissionSchema> | undefined)[]
  readonly default: PolicyAction | undefined
}

/** Of a file of the wrong shape, each part that is right by itself. */
function usableParts(data: unknown): UsableParts {
  const part = (name: string): unknown => (isObject(data) ? data[name] : undefined)
  const list = <Schema extends z.ZodType>(value: unknown, schema: Schema) =>
    Array.isArray(value) ? value.map((one) => schema.safeParse(one).data) : []
  return {
    signals: Object.fromEntries(
      namesIn(data, 'signals').flatMap((name) => {
        const signal = signalSchema.safeParse((part('signals') as Record<string, unknown>)[name])
        return signal.success && signalName.safeParse(name).success ? [[name, signal.data]] : []
      }),
    ),
    rules: list(part('rules'), ruleSchema),
    permissions: list(part('permissions'), permissionSchema),
    default: actionSchema.safeParse(part('default')).data,
  }
}

function namesIn(data: unknown, part: string): string[] {
  const entries = isObject(data) ? data[part] : undefined
  return isObject(entries) ? Object.keys(entries) : []
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function parseCondition<Facts>(
  language: ConditionLanguage<Facts>,
  { name, when }: { name: string; when: string },
  path: string,
  issues: PolicyIssue[],
): Condition<Facts> | undefined {
  try {
    return language.parse(when)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    issues.push({ path, message: `rule "${name}" has a condition that cannot be used (${reason}): ${when}` })
    return undefined
  }
}

function checkNames(rules: readonly ({ name: string } | undefined)[], path: string, issues: PolicyIssue[]): void {
  const names = new Set<string>()
  for (const rule of rules) {
    if (rule === undefined) continue
    if (names.has(rule.name)) issues.push({ path, message: `two rules are named "${rule.name}"` })
    names.add(rule.name)
  }
}

function createSignal(name: string, options: z.infer<typeof signalSchema>, surroundings: PolicySurroundings): Signal {
  switch (options.kind) {
    case 'size':
      return size({ name })
    case 'modality':
      return modality({ name })
    case 'turn':
      return turn({ name })
    case 'tool_loop':
      return toolLoop({ name })
    case 'keyword':
      return keyword({ name, any: options.any })
    case 'embedding':
      return surroundings.embedder === undefined
        ? withoutEmbedder(name)
        : embedding({
            name,
            examples: options.examples === 'pools' ? purposesOf(surroundings.pools) : options.examples,
            threshold: options.threshold,
            margin: options.margin,
            embedder: surroundings.embedder,
          })
  }
}

function withoutEmbedder(name: string): Signal {
  return {
    name,
    cost: 'embed',
    type: 'string',
    read() {
      throw new Error('no embedder is configured')
    },
  }
}

/** What each pool says it is for, a piece of text between commas being one example. */
function purposesOf(pools: readonly Pool[]): Record<string, string[]> {
  const purposes: Record<string, string[]> = {}
  for (const pool of pools) {
    const pieces = pool.purpose
      .split(/[,;\n]/)
      .map((piece) => piece.trim())
      .filter((piece) => piece !== '')
    if (pieces.length > 0) purposes[pool.name] = pieces
  }
  return purposes
}

function checkAction(
  action: PolicyAction,
  path: string,
  poolSignals: readonly string[],
  pools: readonly Pool[],
  issues: PolicyIssue[],
): void {
  const { prefer } = action
  if (typeof prefer === 'string') return
  if ('pool' in prefer && !pools.some((pool) => pool.name === prefer.pool)) {
    issues.push({
      path: `${path}.prefer.pool`,
      message: `pool "${prefer.pool}" is not configured (configured: ${pools.map((pool) => pool.name).join(', ')})`,
    })
  }
  if ('signal' in prefer && !poolSignals.includes(prefer.signal)) {
    issues.push({ path: `${path}.prefer.signal`, message: `"${prefer.signal}" is not one of the policy's signals that name a pool` })
  }
}
