import { z } from 'zod'
import type { Embedder } from '../models/embedder.ts'
import type { Pool } from '../models/pool.ts'
import { type Condition, createConditionLanguage } from './condition.ts'
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

const policySchema = z.strictObject({
  name: z.string().min(1).max(60),
  description: z.string().max(500).default(''),
  signals: z.record(signalName, signalSchema).default({}),
  rules: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z][a-z0-9_]{0,59}$/, 'a rule is named in lower case, such as hard_step'),
        why: z.string().max(300).default(''),
        priority: z.int().min(0).max(1000).default(0),
        when: z.string().min(1).max(4000),
        action: actionSchema,
      }),
    )
    .max(1000)
    .default([]),
  default: actionSchema,
  hold: z.boolean().default(true),
  tools: z
    .strictObject({
      call: z.strictObject({ read: permission, write: permission, destructive: permission }),
      loop: z.strictObject({ read: permission, write: permission, destructive: permission }),
    })
    .default({
      call: { read: 'allow', write: 'allow', destructive: 'confirm' },
      loop: { read: 'allow', write: 'confirm', destructive: 'confirm' },
    }),
})

export type PolicyAction = z.infer<typeof actionSchema>
export type Permission = z.infer<typeof permission>
export type ToolEffect = 'read' | 'write' | 'destructive'

export interface Rule {
  readonly name: string
  /** The rule in a sentence, for people who read a plan. */
  readonly why: string
  readonly priority: number
  readonly condition: Condition
  readonly action: PolicyAction
}

/** Rules from signals to a plan, checked before it is served. */
export interface Policy {
  readonly name: string
  readonly description: string
  /** Only those that the policy names are computed. */
  readonly signals: readonly Signal[]
  /** By priority, then by name: the first whose condition holds decides. */
  readonly rules: readonly Rule[]
  readonly default: PolicyAction
  /** Whether a continuation keeps the model of its loop. */
  readonly hold: boolean
  /** What a tool call of each effect needs: asked for by the client itself, and inside the loop of `use_tools`. */
  readonly tools: { readonly call: Readonly<Record<ToolEffect, Permission>>; readonly loop: Readonly<Record<ToolEffect, Permission>> }
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
  const parsed = policySchema.safeParse(data)
  if (!parsed.success) {
    const issues = parsed.error.issues.map((issue) => ({ path: issue.path.join('.') || '(file)', message: issue.message }))
    throw new PolicyError(surroundings.source, issues)
  }
  const issues: PolicyIssue[] = []
  const signals = Object.entries(parsed.data.signals).map(([name, options]) => createSignal(name, options, surroundings))
  const language = createConditionLanguage(signals)

  const rules: Rule[] = []
  parsed.data.rules.forEach((rule, index) => {
    checkAction(rule.action, `rules.${index}.action`, signals, surroundings.pools, issues)
    try {
      rules.push({ ...rule, condition: language.parse(rule.when) })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      issues.push({
        path: `rules.${index}.when`,
        message: `rule "${rule.name}" has a condition that cannot be used (${reason}): ${rule.when}`,
      })
    }
  })
  const names = new Set<string>()
  for (const rule of parsed.data.rules) {
    if (names.has(rule.name)) issues.push({ path: 'rules', message: `two rules are named "${rule.name}"` })
    names.add(rule.name)
  }
  checkAction(parsed.data.default, 'default', signals, surroundings.pools, issues)
  if (issues.length > 0) throw new PolicyError(surroundings.source, issues)

  return {
    ...parsed.data,
    signals,
    rules: rules.toSorted((left, right) => right.priority - left.priority || (left.name < right.name ? -1 : 1)),
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

function checkAction(action: PolicyAction, path: string, signals: readonly Signal[], pools: readonly Pool[], issues: PolicyIssue[]): void {
  const { prefer } = action
  if (typeof prefer === 'string') return
  if ('pool' in prefer && !pools.some((pool) => pool.name === prefer.pool)) {
    issues.push({
      path: `${path}.prefer.pool`,
      message: `pool "${prefer.pool}" is not configured (configured: ${pools.map((pool) => pool.name).join(', ')})`,
    })
  }
  if ('signal' in prefer && !signals.some((signal) => signal.name === prefer.signal && signal.type === 'string')) {
    issues.push({ path: `${path}.prefer.signal`, message: `"${prefer.signal}" is not one of the policy's signals that name a pool` })
  }
}
