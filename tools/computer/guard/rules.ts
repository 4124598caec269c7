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
