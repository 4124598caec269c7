import type { Verdict } from '../../memory/decisions.ts'
import type { Attempt } from '../../models/outcome.ts'
import type { RuleAccount } from '../../policies/explain-rules.ts'
import type { Finding } from '../../policies/linter/finding.ts'
import type { Plan } from '../../policies/plan.ts'
import type { PolicyDiff } from '../../policies/policy-diff.ts'
import type { PolicyTestResult } from '../../policies/policy-tests.ts'
import type { RecordedStep } from '../../policies/recorded-step.ts'
import type { ReplayReport } from '../replay/replay.ts'

/*
 * What goes over the wire between the server and the console, for both: `console/` imports these types and nothing else of the
 * program but the types that they name.
 */

/** A step as it stands in a list. */
export interface StepSummary {
  readonly id: string
  readonly at: number
  readonly updated_at: number
  readonly principal: string
  readonly client: string | null
  readonly thread: string | null
  /** The decision that began the loop that this one belongs to. */
  readonly parent: string | null
  readonly kind: string
  readonly text: string
  readonly policy: string
  readonly rule: string
  readonly pool: string | null
  readonly model: string | null
  /** `planned`: nobody dispatched it. */
  readonly status: 'answered' | 'failed' | 'planned'
  readonly input_tokens: number
  readonly output_tokens: number | null
  readonly cost_usd: number | null
  readonly latency_ms: number | null
  readonly attempts: number
  readonly held: boolean
  readonly verdict: Verdict['outcome'] | null
}

/** All that is known of one step: the line from words to dollars. */
export interface StepDetail extends StepSummary {
  readonly plan: Plan
  /** What was kept of the step itself; keys and passwords are masked in it. */
  readonly step: RecordedStep | null
  readonly outcome: StepOutcome | null
  readonly verdicts: readonly Verdict[]
  readonly rules: readonly RuleAccount[]
  /** Why `rules` says nothing, or may say what was not so. */
  readonly rules_note: string | null
}

export interface StepOutcome {
  readonly text: string
  readonly error: string | null
  readonly finish_reason: string | null
  readonly served_model: string | null
  readonly usage: { readonly input: number; readonly cache_read: number; readonly cache_write: number; readonly output: number } | null
  readonly first_content_ms: number | null
  readonly tool_calls: readonly { readonly name: string; readonly arguments: string }[]
  readonly attempts: readonly Attempt[]
  /** How several models came to one answer, where they did. */
  readonly way: unknown
  readonly redacted: unknown
}

export interface StepPage {
  readonly steps: readonly StepSummary[]
  readonly next_cursor: string | null
}

/** What the console is told as it happens. */
export type LiveEvent =
  | { readonly event: 'steps'; readonly steps: readonly StepSummary[] }
  | { readonly event: 'approvals'; readonly approvals: readonly WaitingApproval[] }

/** What waits for a person, with all that would be done. */
export interface WaitingApproval {
  readonly id: string
  readonly principal: string
  readonly tool: string
  readonly effect: string
  readonly created_at: number
  readonly expires_at: number
}

/** The policy that is served, as its author would read it. */
export interface PolicyState {
  readonly name: string
  readonly kind: 'shipped' | 'file'
  /** Where a published text goes. `null`, with the reason, when there is no such place. */
  readonly target: string | null
  readonly no_target: string | null
  /** The configuration that would be changed to name the new file. */
  readonly changes_config: string | null
  readonly text: string
  readonly sha256: string
  readonly shipped: readonly string[]
  /** Another one each time that a policy is taken up. */
  readonly generation: number
}

export interface PolicyCheck {
  readonly name: string | null
  /** What makes it no policy at all. */
  readonly issues: readonly { readonly path: string; readonly message: string }[]
  readonly findings: readonly Finding[]
  readonly tests: readonly PolicyTestResult[]
  /** Against the text that is served. */
  readonly diff: PolicyDiff | null
  readonly sha256: string
  readonly can_be_served: boolean
}

export interface WhatIf {
  readonly policy: string
  readonly plan: Plan
  readonly words: readonly string[]
  readonly note: string
}

export interface PolicyReplay extends ReplayReport {
  readonly skipped: number
  readonly more: boolean
}
