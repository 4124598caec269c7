import type { Taint } from '../../models/taint.ts'
import {
  type CallerFacts,
  decidePermission,
  mayRun,
  mayRunForAll,
  type PermissionDecision,
  type Policy,
  type ToolEffect,
  type ToolFacts,
  type ToolOperation,
} from '../../policies/index.ts'
import type { HostedTool } from '../../tools/tool.ts'
import type { Caller, Viewer } from '../caller.ts'
import { type Reach, reachOf } from '../reach.ts'
import type { Services } from './services.ts'

/** What a tool does to the world, as far as configuration, policy and pinned annotations tell. Unknown is a write. */
export function effectOf(tool: HostedTool): ToolEffect {
  if (tool.readOnly) return 'read'
  return tool.annotations?.['destructiveHint'] === true ? 'destructive' : 'write'
}

type Rules = Pick<Services, 'config' | 'policy'>

/**
 * Whether somebody may see the tool at all, and call it with some arguments: asked before it is ranked, counted, named or
 * completed, and again before it is called.
 */
export function isAllowed(services: Rules, tool: HostedTool, viewer: Viewer, operation: ToolOperation = 'call'): boolean {
  return allowedTo(services, viewer, operation)(tool)
}

/** The same for many tools at one moment: what is the same for all of them is found out once. */
export function allowedTo(services: Rules, viewer: Viewer, operation: ToolOperation = 'call'): (tool: HostedTool) => boolean {
  const reach = reachOf(viewer, services.config())
  const isOpen = openTo(services.policy(), viewer, operation)
  return (tool) => tool.quarantined === undefined && reach.tool(tool) && isOpen(tool)
}

/** Whether everybody with this view may see the tool: what is told to all of them must hold nothing that one of them may not know. */
export function isAllowedToAll({ config, policy }: Rules, tool: HostedTool, viewer: Viewer): boolean {
  if (tool.quarantined !== undefined || !reachOf(viewer, config()).tool(tool)) return false
  return mayRunForAll(policy(), { tool: toolFacts(tool), caller: callerFacts(viewer), operation: 'call' })
}

/** How far somebody reaches who is bound by the policy as well: a server whose tools are all denied is as one that is not there. */
export function reachFor({ config, policy }: Rules, viewer: Viewer): Reach {
  const reach = reachOf(viewer, config())
  const caller = callerFacts(viewer)
  const isServerOpen = (server: string) => mayRun(policy(), { tool: { server }, caller, operation: 'call' })
  return {
    ...reach,
    tool: (tool) => reach.tool(tool) && openTo(policy(), viewer, 'call')(tool),
    server: (server) => reach.server(server) && isServerOpen(server),
    content: (server) => reach.content(server) && isServerOpen(server),
    everything: reach.everything && config().servers.every(({ name }) => isServerOpen(name)),
  }
}

/** What the policy says of one call, with arguments that fit the tool's schema. */
export function decideCall(
  { policy }: Rules,
  tool: HostedTool,
  args: Readonly<Record<string, unknown>>,
  { caller, operation, taint, tracked, risk }: { caller: Caller; operation: ToolOperation; taint: Taint; tracked: boolean; risk: number },
): PermissionDecision {
  return decidePermission(policy(), {
    operation,
    caller: { principal: caller.principal, door: caller.door, client: caller.client?.name ?? '', risk, ...callerFacts(caller) },
    tool: toolFacts(tool),
    arguments: args,
    taint,
    tracked,
  })
}

/** Rules do not change under a policy, nor facts under a tool: each pair is decided once. */
const decided = new WeakMap<Policy, Map<string, WeakMap<HostedTool, boolean>>>()
const maxCallersKept = 64

function openTo(policy: Policy, viewer: Viewer, operation: ToolOperation): (tool: HostedTool) => boolean {
  const facts = callerFacts(viewer)
  const decide = (tool: HostedTool) => mayRun(policy, { tool: toolFacts(tool), caller: facts, operation })
  if (policy.permissions.length === 0) return decide

  const callers = decided.get(policy) ?? new Map<string, WeakMap<HostedTool, boolean>>()
  decided.set(policy, callers)
  const key = JSON.stringify([operation, facts])
  const tools = callers.get(key) ?? new WeakMap<HostedTool, boolean>()
  if (!callers.has(key)) {
    if (callers.size >= maxCallersKept) callers.clear()
    callers.set(key, tools)
  }
  return (tool) => {
    const known = tools.get(tool)
    if (known !== undefined) return known
    const open = decide(tool)
    tools.set(tool, open)
    return open
  }
}

/** Of somebody who only looks, not all is known. */
function callerFacts(viewer: Viewer | Caller): Partial<CallerFacts> & Pick<CallerFacts, 'roles' | 'profile'> {
  const seen = { roles: viewer.roles, profile: viewer.profile ?? '' }
  return 'principal' in viewer ? { ...seen, principal: viewer.principal, door: viewer.door, client: viewer.client?.name ?? '' } : seen
}

/** A title is the server's own text: so much of it as anybody would compare. */
const comparedTitle = 200

function toolFacts(tool: HostedTool): ToolFacts {
  const effect = effectOf(tool)
  return {
    name: tool.name,
    server: tool.server,
    tool: tool.tool,
    title: (tool.title ?? '').slice(0, comparedTitle),
    effect,
    readOnly: tool.readOnly,
    destructive: effect === 'destructive',
    openWorld: tool.staysInside !== true,
    private: tool.readsPrivate === true,
  }
}
