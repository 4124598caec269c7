import { noTaint } from '../models/taint.ts'
import { type Condition, ConditionError } from './condition.ts'
import type { CallerFacts, PermissionFacts, ToolEffect, ToolFacts, ToolOperation } from './permission-conditions.ts'
import { type Rewrite, RewriteError, rewriteArguments } from './rewrite.ts'

export type Permission = 'allow' | 'confirm' | 'deny'

export interface PermissionRule {
  readonly name: string
  /** The rule in a sentence, for whoever is told of it. */
  readonly why: string
  readonly priority: number
  readonly condition: Condition<PermissionFacts>
  readonly do: Permission | 'rewrite'
  readonly rewrite?: Rewrite | undefined
}

/** What holds where no rule decides. */
export type PermissionTable = Readonly<Record<ToolOperation, Readonly<Record<ToolEffect, Permission>>>> & {
  /** A tool that is not known to stay inside, in a loop whose thread has read private data: the stricter of both counts. */
  readonly loop: {
    readonly send_after_private_read: Permission
    /** The same after a result in which orders to the model were found. */
    readonly send_after_injection: Permission
  }
}

export interface Permissions {
  /** In the order in which they are looked at. */
  readonly permissions: readonly PermissionRule[]
  readonly tools: PermissionTable
}

export interface PermissionDecision {
  readonly verdict: Permission
  /** The rule that decided, or the entry of the table: `tools.loop.write`. */
  readonly rule: string
  /** Why, in words that go on from "because". */
  readonly why: string
  /** As they may be sent. */
  readonly arguments: Record<string, unknown>
  /** What rules made different in them, each with its rule. */
  readonly changes: readonly string[]
}

/** All that is known of a call. */
export type CallFacts = Required<PermissionFacts> & {
  readonly caller: CallerFacts
  readonly tool: ToolFacts
  readonly arguments: Readonly<Record<string, unknown>>
}

const strictness: Record<PermissionRule['do'], number> = { deny: 0, confirm: 1, rewrite: 2, allow: 3 }

/** By priority; among equals what is stricter comes first, then the name decides. */
export function sortPermissions(rules: readonly PermissionRule[]): PermissionRule[] {
  return rules.toSorted(
    (left, right) => right.priority - left.priority || strictness[left.do] - strictness[right.do] || (left.name < right.name ? -1 : 1),
  )
}

/**
 * Decides on one call: first each rule that rewrites, so that what is judged is what would run, then the first of the other
 * rules that holds, else the table.
 *
 * A rule that cannot be evaluated counts on the safe side: one that denies or rewrites denies, one that confirms confirms,
 * one that allows does not.
 */
export function decidePermission(policy: Permissions, facts: CallFacts): PermissionDecision {
  const changes: string[] = []
  let args: Record<string, unknown> = { ...facts.arguments }
  for (const { name, condition, rewrite } of policy.permissions) {
    if (rewrite === undefined) continue
    try {
      if (!condition.holds({ ...facts, arguments: args })) continue
      const done = rewriteArguments(args, rewrite)
      args = done.arguments
      changes.push(...done.changes.map((change) => `${change} (${name})`))
    } catch (error) {
      return { verdict: 'deny', rule: name, why: `the rule ${name} could not be applied: ${reasonOf(error)}`, arguments: args, changes }
    }
  }

  const rewritten = { ...facts, arguments: args }
  const ruled = firstRule(policy, rewritten) ?? tabled(policy, rewritten)
  return { ...withGuard(policy, rewritten, ruled), arguments: args, changes }
}

type Ruling = Pick<PermissionDecision, 'verdict' | 'rule' | 'why'>

function firstRule(policy: Permissions, facts: CallFacts): Ruling | undefined {
  for (const rule of policy.permissions) {
    const { name, do: wanted, condition } = rule
    if (wanted === 'rewrite') continue
    try {
      if (condition.holds(facts)) return { verdict: wanted, rule: name, why: whyOf(rule) }
    } catch (error) {
      if (wanted !== 'allow') return { verdict: wanted, rule: name, why: `the rule ${name} could not be evaluated: ${reasonOf(error)}` }
    }
  }
  return undefined
}

function tabled({ tools }: Permissions, { operation, tool }: CallFacts): Ruling {
  return { verdict: tools[operation][tool.effect], rule: `tools.${operation}.${tool.effect}`, why: effectInWords[tool.effect] }
}

/** Whoever has read what is private, or orders of strangers, could be told to send something away. */
function withGuard({ tools }: Permissions, { operation, tool, taint = noTaint }: CallFacts, ruled: Ruling): Ruling {
  if (operation !== 'loop' || !tool.openWorld) return ruled
  const guards = [
    {
      holds: taint.injectedRead === true,
      name: 'send_after_injection',
      read: 'a result that was read in this thread gives orders to the model',
    },
    { holds: taint.privateRead, name: 'send_after_private_read', read: 'private data has been read in this thread' },
  ] as const
  return guards
    .filter(({ holds }) => holds)
    .reduce<Ruling>((strictest, { name, read }) => {
      const verdict = tools.loop[name]
      if (strictness[verdict] >= strictness[strictest.verdict]) return strictest
      return { verdict, rule: `tools.loop.${name}`, why: `${effectInWords[tool.effect]} and is not known to stay inside, and ${read}` }
    }, ruled)
}

export const effectInWords: Record<ToolEffect, string> = {
  read: 'it reads data',
  write: 'it may change data',
  destructive: 'it may destroy data',
}

/**
 * Whether such a call could run at all, with whatever is unknown in `facts` (arguments, taint, the caller, of a tool all but its
 * server): what is denied in any case is not shown, ranked, counted or named.
 */
export function mayRun(policy: Permissions, facts: PermissionFacts): boolean {
  for (const { do: wanted, condition } of policy.permissions) {
    if (wanted === 'rewrite') continue
    const holds = known(condition, facts)
    if (holds === true) return wanted !== 'deny'
    if (holds === undefined && wanted !== 'deny') return true
  }
  const { tool, operation } = facts
  const table = policy.tools[operation]
  const effects: readonly ToolEffect[] = 'effect' in tool ? [tool.effect] : ['read', 'write', 'destructive']
  return effects.some((effect) => table[effect] !== 'deny')
}

/** Whether it could run for every caller of whom `facts` hold, whatever is not known of them: so that one may not hear of what is closed to them. */
export function mayRunForAll(policy: Permissions, facts: PermissionFacts & { tool: ToolFacts }): boolean {
  for (const { do: wanted, condition } of policy.permissions) {
    if (wanted === 'rewrite') continue
    const holds = known(condition, facts)
    if (holds === true) return wanted !== 'deny'
    if (holds === undefined && wanted === 'deny' && condition.names.has('caller')) return false
  }
  return policy.tools[facts.operation][facts.tool.effect] !== 'deny'
}

/** `undefined` when it depends on what is unknown, or cannot be told. */
function known(condition: Condition<PermissionFacts>, facts: PermissionFacts): boolean | undefined {
  try {
    return condition.holds(facts)
  } catch (error) {
    if (error instanceof ConditionError) return undefined
    throw error
  }
}

function whyOf({ why, name, condition }: PermissionRule): string {
  return why === '' ? `the rule ${name} holds: ${condition.source}` : why
}

function reasonOf(error: unknown): string {
  if (error instanceof ConditionError || error instanceof RewriteError) return error.message
  throw error
}
