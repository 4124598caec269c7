import type { Taint } from '../models/taint.ts'
import { type ConditionLanguage, createConditionLanguage } from './condition.ts'
import { taintFields, taintValues } from './taint-facts.ts'

/** `call`: the client itself calls. `loop`: a model does, inside `use_tools`. */
export type ToolOperation = 'call' | 'loop'
export type ToolEffect = 'read' | 'write' | 'destructive'

export interface CallerFacts {
  readonly principal: string
  readonly roles: readonly string[]
  readonly door: string
  /** What the client calls itself: anybody can call itself so. */
  readonly client: string
  readonly profile: string
  /** How suspicious its messages have been, 0 to 1; 0 where no signal of the policy looks. */
  readonly risk?: number | undefined
}

/** What is known of a tool: by configuration, and by annotations that are trusted and pinned. */
export interface ToolFacts {
  readonly name: string
  readonly server: string
  readonly tool: string
  readonly title: string
  readonly effect: ToolEffect
  readonly readOnly: boolean
  readonly destructive: boolean
  /** Whether it is not known to stay inside: it may send, and what it reads may be anybody's. */
  readonly openWorld: boolean
  readonly private: boolean
}

/** What a permission rule looks at. What is left out is unknown: see `createConditionLanguage`. */
export interface PermissionFacts {
  readonly operation: ToolOperation
  readonly caller?: Partial<CallerFacts> | undefined
  readonly tool: ToolFacts | Pick<ToolFacts, 'server'>
  readonly arguments?: Readonly<Record<string, unknown>> | undefined
  readonly taint?: Taint | undefined
  /** Whether the call belongs to a thread, so that `taint` knows what was read before. */
  readonly tracked?: boolean | undefined
}

const callerFields: Record<keyof CallerFacts, string> = {
  principal: 'string',
  roles: 'list<string>',
  door: 'string',
  client: 'string',
  profile: 'string',
  risk: 'double',
}

const toolFields = {
  name: 'string',
  server: 'string',
  tool: 'string',
  title: 'string',
  effect: 'string',
  read_only: 'bool',
  destructive: 'bool',
  open_world: 'bool',
  private: 'bool',
} as const

export const permissionConditions: ConditionLanguage<PermissionFacts> = createConditionLanguage(
  { caller: callerFields, tool: toolFields, operation: 'string', arguments: 'map<string, dyn>', taint: taintFields },
  ({ caller, tool, operation, arguments: args, taint, tracked = false }) => ({
    operation,
    tool: 'name' in tool ? toolValues(tool) : tool,
    ...(caller !== undefined && { caller: { ...caller } }),
    ...(args !== undefined && { arguments: args }),
    ...(taint !== undefined && { taint: taintValues(taint, tracked) }),
  }),
)

function toolValues(tool: ToolFacts): Record<keyof typeof toolFields, unknown> {
  return {
    name: tool.name,
    server: tool.server,
    tool: tool.tool,
    title: tool.title,
    effect: tool.effect,
    read_only: tool.readOnly,
    destructive: tool.destructive,
    open_world: tool.openWorld,
    private: tool.private,
  }
}
