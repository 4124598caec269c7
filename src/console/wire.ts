import type { Verdict } from '../../memory/decisions.ts'
import type { Attempt, Grounding } from '../../models/outcome.ts'
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
  /** What of the answer stands in what the step was given, where the policy has asked for that. */
  readonly grounding: Grounding | null
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

/** What was laid down, or sounds like it and waits for the owner's word. */
export interface CommitmentView {
  readonly id: string
  /** A caller, or `everyone`. */
  readonly binds: string
  readonly state: 'active' | 'proposed'
  readonly by: 'owner' | 'caller' | 'heard'
  readonly text: string
  /** What it is read as. */
  readonly deeds: readonly string[]
  readonly objects: readonly string[]
  readonly tools: readonly string[]
  readonly sites: readonly string[]
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
  /** Of the same, by lines. */
  readonly difference: string
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

/** What pools did in the last hours. */
export interface PoolHistory {
  readonly since: number
  readonly steps: number
  /** Whether older ones were left out. */
  readonly more: boolean
  readonly models: readonly ModelHistory[]
  /** Dollars by model (first index) and by time (second). */
  readonly spend: { readonly at: readonly number[]; readonly models: readonly string[]; readonly usd: readonly (readonly number[])[] }
  /** Milliseconds of whole answers by time, of all models; `null` where nobody answered. */
  readonly latency: { readonly at: readonly number[]; readonly p50: readonly (number | null)[]; readonly p95: readonly (number | null)[] }
  readonly saving: Saving
}

export interface ModelHistory {
  readonly model: string
  readonly steps: number
  readonly failed_attempts: number
  readonly latency_ms: { readonly p50: number | null; readonly p95: number | null; readonly p99: number | null }
  readonly first_content_ms: { readonly p50: number | null; readonly p95: number | null }
  readonly input_tokens: number
  /** Of the input, what was read from a prompt cache. */
  readonly cached_share: number
  readonly output_tokens: number
  readonly cost_usd: number
  readonly unpriced: number
}

export interface Saving {
  readonly steps: number
  /** Steps whose price nobody knows. */
  readonly left_out: number
  readonly paid_usd: number
  /** The dearest first. */
  readonly always: readonly { readonly model: string; readonly usd: number }[]
}

export interface ToolsView {
  readonly servers: readonly {
    readonly name: string
    readonly transport: string
    readonly phase: string
    readonly protocol: string | null
    readonly tools: number
    readonly from_snapshot: boolean
    readonly restarts: number
    readonly error: string | null
  }[]
  readonly tools: readonly {
    readonly name: string
    readonly server: string
    readonly effect: string
    readonly description: string
    readonly quarantined: string | null
  }[]
  readonly waiting: readonly WaitingPin[]
  readonly calls: readonly CalledTool[]
  readonly calls_counted: number
}

/** A definition that waits for a person. */
export interface WaitingPin {
  readonly name: string
  readonly server: string
  readonly kind: 'new' | 'changed'
  readonly reason: string
  /** From what was accepted to what is offered, by lines. */
  readonly difference: string
  readonly hash: string
  readonly since: number
}

export interface CalledTool {
  readonly tool: string
  readonly server: string
  readonly calls: number
  /** How they ended, by class. */
  readonly outcomes: Readonly<Record<string, number>>
  readonly p50_ms: number | null
}

export interface FoundTools {
  readonly searched: 'semantic' | 'lexical'
  readonly scored: number
  readonly none_fits: boolean
  readonly confidence: number
  readonly hits: readonly {
    readonly name: string
    readonly server: string
    readonly score: number
    /** What it would be if nothing had been learnt. */
    readonly unlearned: number
    readonly words: number
    readonly views: readonly { readonly text: string; readonly cosine: number | null }[]
  }[]
}

export interface FrameSummary {
  readonly id: string
  readonly principal: string
  readonly at: number
  readonly width: number
  readonly height: number
  readonly url: string | null
  readonly window: string | null
}

export interface FramePage {
  readonly frames: readonly FrameSummary[]
  readonly next_cursor: string | null
}

interface Box {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export interface FrameDetail extends FrameSummary {
  readonly text: readonly (Box & { readonly text: string })[]
  readonly masked: readonly (Box & { readonly kind: string })[]
  /** Why it is not known what is secret on it. */
  readonly unread: string | null
  readonly goal: string | null
  readonly model: string | null
  readonly actions: readonly ShownAction[]
}

export interface ShownAction {
  readonly type: string
  /** Whether a model proposed it to Signalbox, or an agent had it judged. */
  readonly asked_by: 'next_action' | 'check_action'
  readonly words: string
  readonly points: readonly { readonly x: number; readonly y: number }[]
  readonly verdict: string | null
  readonly reasons: readonly string[]
  readonly approved: boolean
  readonly result: string | null
}

export interface StartCheck {
  readonly check: string
  readonly state: 'ok' | 'warn' | 'fail'
  readonly message: string
  readonly mend: string | null
}

export interface StartView {
  readonly version: string
  readonly data_folder: string
  readonly checks: readonly StartCheck[]
  readonly next: { readonly command: string; readonly why: string }
}
