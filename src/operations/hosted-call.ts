import type { ToolEffect } from '../../policies/index.ts'
import { canonicalJson, sha256 } from '../../tools/definitions.ts'
import { type CheckedArguments, type HostedTool, type RawResult, ToolError } from '../../tools/tool.ts'
import type { Caller, Viewer } from '../caller.ts'
import type { Config } from '../config/config.ts'
import { printable } from '../log.ts'
import { reachOf } from '../reach.ts'
import type { RunScope } from '../runs/run.ts'
import type { Services } from './services.ts'
import { keepIfPossible } from './without-memory.ts'

export type CallDoor = 'call' | 'loop'

/** What a tool does to the world, as far as configuration, policy and pinned annotations tell. Unknown is a write. */
export function effectOf(tool: HostedTool): ToolEffect {
  if (tool.readOnly) return 'read'
  return tool.annotations?.['destructiveHint'] === true ? 'destructive' : 'write'
}

/** Whether this caller may see and call the tool at all: asked before it is ranked, and again before it is called. */
export function isAllowed(tool: HostedTool, viewer: Viewer, config: Config): boolean {
  return tool.quarantined === undefined && reachOf(viewer, config).tool(tool)
}

/** @throws {ToolError} Of stage `lookup`, with the nearest allowed names; one that is quarantined says so. */
export function lookUp(services: Services, name: string, caller: Caller): HostedTool {
  const tool = services.host.find(name)
  if (tool !== undefined && isAllowed(tool, caller, services.config())) return tool
  if (tool?.quarantined !== undefined && isAllowed({ ...tool, quarantined: undefined }, caller, services.config())) {
    throw new ToolError(`Cannot call ${name}: it is quarantined, ${tool.quarantined}`, { tool: name, stage: 'lookup' })
  }
  const nearest = services.search.nearestNames(name, (one) => isAllowed(one, caller, services.config()))
  const hint = nearest.length === 0 ? 'find_tools finds one by what it should do' : `the nearest are ${nearest.join(', ')}`
  throw new ToolError(`Cannot call "${name.slice(0, 100)}": there is no such tool; ${hint}`, { tool: name, stage: 'lookup', nearest })
}

/** What a tool has answered, to which arguments, and what its caller should be told beside it. */
interface HostedAnswer extends CheckedArguments {
  readonly raw: RawResult
}

interface HostedCallOptions {
  scope: RunScope
  door: CallDoor
  decision?: string | undefined
  /** The id of the thread that the call belongs to. */
  thread?: string | undefined
  /** Whether text of others stands in the step. */
  tainted?: boolean | undefined
}

/**
 * Calls a hosted tool as the policy allows: at once, after a person's yes, or not at all.
 *
 * The outcome is logged by its class, without arguments or results.
 *
 * @throws {ToolError} If the policy or the person says no, and whatever the host throws.
 */
export async function callHosted(
  services: Services,
  tool: HostedTool,
  args: Record<string, unknown>,
  { scope, door, decision, thread, tainted = false }: HostedCallOptions,
): Promise<HostedAnswer> {
  const recorded = services.outcomes.begin({ principal: scope.caller.principal, thread, tool, args, door, decision, tainted })
  // What a tool has done is done, also where nobody can note it.
  const log = (outcome: string) => keepIfPossible(services, `how ${tool.name} ended`, () => recorded.ended(outcome))
  let checked: CheckedArguments
  try {
    checked = await services.host.checkArguments(tool.name, args)
  } catch (error) {
    if (error instanceof ToolError) await log(error.kind ?? error.stage)
    throw error
  }
  // A person is asked only for what can be run, and is shown it as it will be.
  try {
    await permit(services, tool, checked.args, scope, door)
  } catch (error) {
    if (error instanceof ToolError && error.stage === 'run') await log('denied')
    throw error
  }
  recorded.started()
  try {
    const result = await services.host.call(tool.name, checked.args, {
      principal: scope.caller.principal,
      signal: scope.signal,
      onProgress: scope.progress,
      onLog: scope.log,
      logLevel: scope.logLevel,
      onInput: scope.ask,
      clientCapabilities: scope.caller.capabilities,
    })
    await log(result['isError'] === true ? 'tool_error' : 'accepted')
    return { raw: result, ...checked }
  } catch (error) {
    await log(error instanceof ToolError ? (error.kind ?? error.stage) : scope.signal.aborted ? 'cancelled' : 'internal')
    throw error
  }
}

async function permit(services: Services, tool: HostedTool, args: Record<string, unknown>, scope: RunScope, door: CallDoor): Promise<void> {
  const effect = effectOf(tool)
  const permission = services.policy().tools[door][effect]
  if (permission === 'allow') return
  const said = effect === 'destructive' ? 'may destroy data' : effect === 'write' ? 'may change data' : 'reads data'
  if (permission === 'deny') {
    throw new ToolError(`Cannot call ${tool.name}: it ${said}, and the policy ${services.policy().name} denies that`, {
      tool: tool.name,
      stage: 'run',
    })
  }
  const text = canonicalJson(args)
  const verdict = await scope.confirm({
    tool: tool.name,
    argumentsHash: sha256(text),
    effect: `Run ${tool.name} of the server "${tool.server}", which ${said}, with exactly ${shown(text)}`,
  })
  if (verdict === 'accepted') return checkUnchanged(services, tool, scope.caller, door)
  const reason = verdict === 'denied' ? 'the person said no' : 'nobody confirmed it in time'
  throw new ToolError(`${tool.name} was not run: ${reason}`, { tool: tool.name, stage: 'run' })
}

const longestEffect = 8000

/** Values as a person is asked for them: nothing in them is invisible, and what is too long to read is named by its hash. */
function shown(text: string): string {
  const visible = printable(text)
  if (visible.length <= longestEffect) return visible
  return `${visible.slice(0, longestEffect)}… (${text.length} characters in all, SHA-256 ${sha256(text)})`
}

/** A person said yes to the tool as it was: minutes may have passed, and servers, configuration and policy may have changed. */
function checkUnchanged(services: Services, tool: HostedTool, caller: Caller, door: CallDoor): void {
  const now = services.host.find(tool.name)
  const isSame = now !== undefined && now.hash === tool.hash && now.server === tool.server && effectOf(now) === effectOf(tool)
  if (isSame && isAllowed(now, caller, services.config()) && services.policy().tools[door][effectOf(now)] !== 'deny') return
  throw new ToolError(`${tool.name} was not run: it is not any more what was confirmed. Look it up with find_tools and call it again`, {
    tool: tool.name,
    stage: 'lookup',
  })
}
