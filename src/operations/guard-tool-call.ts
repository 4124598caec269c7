import type { PermissionDecision } from '../../policies/index.ts'
import type { HostedTool } from '../../tools/tool.ts'
import { guardVerdicts } from '../telemetry/metrics.ts'
import { effectOf } from './permission.ts'
import type { Services } from './services.ts'

/** As the audit and the person who is asked name it. */
export const toolCallsRule = 'guards.tool_calls'

/**
 * Whether a call follows from what the person asked for, where the policy wants to know. The stricter of this and what the rules say
 * holds; a call that could not be judged (nobody has said anything, or no embedder runs) is left to the rules.
 *
 * A tool that only reads and stays inside is not judged: it can neither change nor tell anything.
 */
export async function guardToolCall(
  services: Services,
  tool: HostedTool,
  ruling: PermissionDecision,
  { asked, signal }: { readonly asked: string | undefined; readonly signal: AbortSignal },
): Promise<PermissionDecision> {
  const guard = services.policy().default.guards?.tool_calls
  const effect = effectOf(tool)
  if (guard === undefined || ruling.verdict === 'deny') return ruling
  if (effect === 'read' && tool.staysInside === true) return ruling
  if (asked === undefined || asked.trim() === '') return noted(services, ruling, 'unscored')
  try {
    const call = { asked, tool: { name: tool.tool, description: tool.description, effect }, arguments: ruling.arguments }
    const { score, reasons, threshold } = await services.suspicionOf(call, signal)
    if (score < (guard.threshold ?? threshold)) return noted(services, ruling, 'asked')
    services.log.warn('A call does not follow from what the person asked for', { tool: tool.name, score: Math.round(score * 100) / 100 })
    const why = reasons.length === 0 ? 'it does not follow from what the person asked for' : reasons.join(', and ')
    if (guard.action === 'observe') return noted(services, ruling, 'not_asked')
    const verdict = guard.action === 'refuse' ? 'deny' : 'confirm'
    return noted(services, { ...ruling, verdict, rule: toolCallsRule, why }, 'not_asked')
  } catch (error) {
    signal.throwIfAborted()
    services.log.debug('A call could not be compared with what was asked for', { error })
    return noted(services, ruling, 'unscored')
  }
}

function noted({ meter }: Pick<Services, 'meter'>, ruling: PermissionDecision, verdict: string): PermissionDecision {
  meter.add(guardVerdicts, { guard: 'tool_calls', verdict })
  return ruling
}
