import type { PermissionDecision } from '../../policies/index.ts'
import { type HostedTool, ToolError } from '../../tools/tool.ts'
import type { BrowserCall } from '../computer/hosted-browser.ts'
import type { Calling } from './permit.ts'

/** By which a call is allowed, asked about or denied, where no rule of the policy is. */
export const guardRule = 'guards.computer'

/**
 * What the policy says of a call, with what the guard of computer use says of it. The stricter counts; only that a browser's tool calls
 * every click destructive is the guard's to judge, since it knows what is clicked.
 */
export async function judgeInBrowser(
  browser: BrowserCall | undefined,
  ruling: PermissionDecision,
  calling: Calling,
): Promise<PermissionDecision> {
  if (browser === undefined || ruling.verdict === 'deny') return ruling
  const { verdict, reasons } = await browser.judge({ taint: calling.taint(), signal: calling.scope.signal })
  const guarded = (made: PermissionDecision['verdict'], why: string) => ({ ...ruling, verdict: made, rule: guardRule, why })
  if (verdict === 'allow') return ruling.rule === 'tools.call.destructive' ? guarded('allow', 'nothing speaks against it') : ruling
  if (verdict === 'confirm') return guarded('confirm', reasons.join('; '))
  return guarded('deny', `${reasons.join('; ')}${verdict === 'reobserve' ? '; look at the page again and decide anew' : ''}`)
}

/**
 * A page may have changed while a person was asked: it is looked at again, and only what was asked is taken as answered.
 *
 * @throws {ToolError} If it may not be done any more.
 */
export async function checkInBrowser(
  browser: BrowserCall | undefined,
  tool: HostedTool,
  asked: PermissionDecision,
  calling: Calling,
): Promise<void> {
  if (browser === undefined || asked.verdict !== 'confirm') return
  const { verdict, reasons } = await browser.judge({ taint: calling.taint(), signal: calling.scope.signal, approved: true })
  if (verdict === 'allow') return
  throw new ToolError(`${tool.name} was not run: ${reasons.join('; ')}`, { tool: tool.name, stage: 'run' })
}
