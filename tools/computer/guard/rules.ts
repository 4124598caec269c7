import { settledFindings } from '../../../models/computer/settled-findings.ts'
import { type Finding, strictest } from './verdict.ts'

/** What a policy says to the guard. A name is that of a class of consequences or of a finding's code. */
export interface GuardRules {
  /** The only sites that may be visited; all that look right when absent. */
  readonly domains?: readonly string[] | undefined
  readonly confirm: readonly string[]
  readonly deny: readonly string[]
  /** What is not asked about. Takes nothing from what is denied by construction. */
  readonly allow: readonly string[]
  /** What becomes of an action that nobody could judge. */
  readonly onUnscored: 'allow' | 'confirm' | 'deny'
  readonly budget?: { readonly steps?: number | undefined; readonly usd?: number | undefined } | undefined
}

export const defaultRules: GuardRules = { confirm: [], deny: [], allow: [], onUnscored: 'confirm' }

const settledCodes: ReadonlySet<string> = new Set(settledFindings)

/** A finding as the policy's lines have it. A consequence is the policy's to judge, up and down; of the rest it only settles what would ask. */
export function ruled(finding: Finding, { confirm, deny, allow }: GuardRules): Finding {
  const { code, verdict, layer } = finding
  if (deny.includes(code)) return { ...finding, verdict: 'deny' }
  if (confirm.includes(code)) return { ...finding, verdict: layer === 'consent' ? 'confirm' : strictest([verdict, 'confirm']) }
  const lowers = layer === 'consent' || (settledCodes.has(code) && verdict === 'confirm')
  return allow.includes(code) && lowers ? { ...finding, verdict: 'allow' } : finding
}
