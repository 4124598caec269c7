import { isDeepStrictEqual } from 'node:util'
import { callerHalfLifeMs, riskLevel } from '../../models/risk.ts'
import type { Taint } from '../../models/taint.ts'
import { effectInWords, type PermissionDecision, type ToolOperation } from '../../policies/index.ts'
import { canonicalJson, sha256 } from '../../tools/definitions.ts'
import { type HostedTool, ToolError } from '../../tools/tool.ts'
import { objectionTo } from '../commitments.ts'
import { printable } from '../log.ts'
import type { RunScope } from '../runs/run.ts'
import { decideCall, effectOf, isAllowed } from './permission.ts'
import type { Services } from './services.ts'

/** Under what circumstances a tool is called. */
export interface Calling {
  readonly scope: RunScope
  readonly operation: ToolOperation
  /** What has come into the thread by now. */
  readonly taint: () => Taint
  /** Whether there is a thread that keeps account of it. */
  readonly tracked: boolean
}

type Args = Readonly<Record<string, unknown>>

/** What the policy says of a call whose arguments fit. What its rules change must fit as well, else the call is denied. */
export async function judgeCall(services: Services, tool: HostedTool, args: Args, calling: Calling): Promise<PermissionDecision> {
  const { caller } = calling.scope
  // Only rules look at it.
  const track = services.policy().permissions.length === 0 ? undefined : await services.risks.ofCaller(caller.principal)
  const risk = riskLevel(track, services.now(), callerHalfLifeMs)
  const decided = decideCall(services, tool, args, { ...calling, taint: calling.taint(), caller, risk })
  const ruling = await withCommitments(services, tool, decided, calling)
  if (ruling.changes.length === 0 || ruling.verdict === 'deny') return ruling
  try {
    return { ...ruling, arguments: (await services.host.checkArguments(tool.name, ruling.arguments)).args }
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    return {
      ...ruling,
      verdict: 'deny',
      why: `with its arguments changed (${ruling.changes.join(', ')}) it does not fit: ${error.message}`,
    }
  }
}

/** By which a call is asked about or denied where somebody has laid down a boundary. */
export const commitmentRule = 'commitments'

/** Who tries what was laid down as forbidden is a little suspect, however it came about. */
const severityOfBreach = 0.5

/** What was laid down holds over what the policy allows. */
async function withCommitments(
  services: Services,
  tool: HostedTool,
  ruling: PermissionDecision,
  { scope }: Calling,
): Promise<PermissionDecision> {
  if (ruling.verdict === 'deny') return ruling
  const inForce = await services.commitments.inForce(scope.caller.principal)
  const { name, title } = tool
  const objection = objectionTo(inForce, { tool: { name, title, effect: effectOf(tool) }, arguments: ruling.arguments })
  if (objection === undefined || (objection.held === 'confirm' && ruling.verdict === 'confirm')) return ruling
  if (objection.held === 'deny') await services.risks.note(scope.caller.principal, severityOfBreach)
  return { ...ruling, verdict: objection.held, rule: commitmentRule, why: objection.why }
}

/**
 * Lets a judged call pass: at once, or after a person's yes to exactly what would run.
 *
 * @throws {ToolError} If the policy or the person says no.
 */
export async function obtainPermission(
  services: Services,
  tool: HostedTool,
  given: Args,
  ruling: PermissionDecision,
  calling: Calling,
): Promise<void> {
  const { verdict, rule, why, arguments: args, changes } = ruling
  if (verdict === 'allow') return
  if (verdict === 'deny') {
    if (rule === commitmentRule)
      throw new ToolError(`Cannot call ${tool.name}: ${why}, which its owner alone lifts`, { tool: tool.name, stage: 'run' })
    const message = `Cannot call ${tool.name}: ${why}, and the policy ${services.policy().name} denies that (${rule})`
    throw new ToolError(message, { tool: tool.name, stage: 'run' })
  }
  const text = canonicalJson(args)
  const said = effectInWords[effectOf(tool)]
  const because = why === said ? '' : `. Asked because ${why}`
  const changed = changes.length === 0 ? '' : `. The policy has changed what was asked for: ${changes.join(', ')}`
  const answer = await calling.scope.confirm({
    tool: tool.name,
    argumentsHash: sha256(text),
    effect: `Run ${tool.name} of the server "${tool.server}" (${said}) with exactly ${shown(text)}${because}${changed}`,
  })
  if (answer === 'accepted') return checkUnchanged(services, tool, given, ruling, calling)
  const reason = answer === 'denied' ? 'the person said no' : 'nobody confirmed it in time'
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
async function checkUnchanged(
  services: Services,
  tool: HostedTool,
  given: Args,
  ruling: PermissionDecision,
  calling: Calling,
): Promise<void> {
  const now = services.host.find(tool.name)
  const isSame = now !== undefined && now.hash === tool.hash && now.server === tool.server && effectOf(now) === effectOf(tool)
  if (isSame && isAllowed(services, now, calling.scope.caller, calling.operation)) {
    const again = await judgeCall(services, now, given, calling)
    if (again.verdict !== 'deny' && isDeepStrictEqual(again.arguments, ruling.arguments)) return
  }
  throw new ToolError(`${tool.name} was not run: it is not any more what was confirmed. Look it up with find_tools and call it again`, {
    tool: tool.name,
    stage: 'lookup',
  })
}
