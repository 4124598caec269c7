import { identifiersToWords } from '../../models/local/index.ts'
import { type HostedTool, ToolError } from '../../tools/tool.ts'
import type { RunScope } from '../runs/run.ts'
import { callWith } from './find-tools.ts'
import { effectOf, isAllowed } from './permission.ts'
import type { Services } from './services.ts'

interface Failed {
  readonly tool: HostedTool
  readonly args: Readonly<Record<string, unknown>>
  /** What failed, or `undefined` when the tool itself said so in its result. */
  readonly error?: ToolError | undefined
}

const comparedTools = 8
const namedTools = 2
/** Of the failed tool's own likeness to itself. */
const leastLikeness = 0.5
const ranks = { read: 0, write: 1, destructive: 2 } as const
/** What an error of the whole server looks like: its other tools would fail as well. */
const serverFailures: readonly (string | undefined)[] = ['transport', 'auth', 'quota', 'timeout', 'unavailable']

/**
 * Names tools that do something alike and take the very same arguments, for a model whose call has failed. None of them is called.
 *
 * Nothing is named where the arguments were wrong, where somebody has said no, or where a call that writes may have been done after all:
 * another tool would do it twice. Nothing that may do more to the world than the failed one is named.
 */
export async function alternativesTo(services: Services, { tool, args, error }: Failed, scope: RunScope): Promise<string | undefined> {
  if (error !== undefined && (error.stage !== 'run' || error.kind === undefined || error.kind === 'schema')) return undefined
  const effect = effectOf(tool)
  if (effect !== 'read' && (error?.kind === 'timeout' || error?.kind === 'transport')) return undefined
  const mayBeNamed = (other: HostedTool) =>
    isAllowed(services, other, scope.caller, 'call') &&
    ranks[effectOf(other)] <= ranks[effect] &&
    (other.server !== tool.server || !serverFailures.includes(error?.kind))
  try {
    const need = `${identifiersToWords(tool.tool)} ${tool.description.split('\n')[0] ?? ''}`
    const { hits } = await services.search.find({
      need,
      // The failed tool is the measure of what is alike.
      allowed: (other) => other.name === tool.name || mayBeNamed(other),
      limit: comparedTools,
      signal: scope.signal,
    })
    const own = hits.find((hit) => hit.tool.name === tool.name)?.score ?? Number.POSITIVE_INFINITY
    const alike = hits.filter((hit) => hit.tool.name !== tool.name && hit.score >= leastLikeness * own)
    const fitting: HostedTool[] = []
    for (const hit of alike) {
      if (fitting.length < namedTools && (await takes(services, hit.tool, args))) fitting.push(hit.tool)
    }
    if (fitting.length === 0) return undefined
    const names = fitting.map((one) => `${one.name} (with ${callWith(one)})`).join(' and ')
    return `${fitting.length === 1 ? 'Another tool takes' : 'Other tools take'} the same arguments: ${names}. Nothing of it was called.`
  } catch (reason) {
    if (scope.signal.aborted) throw reason
    services.log.debug('Cannot look for another tool', { error: reason })
    return undefined
  }
}

/** Whether the arguments are all known to the tool and valid as they are: a schema that takes anything says nothing. */
async function takes(services: Services, tool: HostedTool, args: Readonly<Record<string, unknown>>): Promise<boolean> {
  const properties = tool.inputSchema['properties']
  const known = typeof properties === 'object' && properties !== null ? properties : {}
  const keys = Object.keys(args)
  if (keys.length === 0 || keys.some((key) => !Object.hasOwn(known, key))) return false
  try {
    return (await services.host.checkArguments(tool.name, args)).warnings.length === 0
  } catch (error) {
    if (error instanceof ToolError) return false
    throw error
  }
}
