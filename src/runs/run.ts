import type { InputRequest } from '../../tools/tool.ts'
import type { CallContext, Caller } from '../caller.ts'
import type { DoneResult, LongOperation, Operation, OperationResult } from '../operations/operation.ts'

export type RunStatus = 'working' | 'input_required' | 'needs_approval' | 'done' | 'failed' | 'cancelled' | 'lost'

/** A run as its owner may see it. */
export interface RunView {
  readonly handle: string
  readonly status: RunStatus
  readonly operation: string
  /** Epoch milliseconds, like the two that follow. */
  readonly startedAt: number
  readonly updatedAt: number
  /** Until when the answer can be fetched. */
  readonly expiresAt: number
  readonly message?: string | undefined
  /** What it waits for, when `input_required`. */
  readonly requests?: Readonly<Record<string, InputRequest>> | undefined
  /** The answer, which may be an error; there for `done`, and for every end that has words of its own. */
  readonly result?: DoneResult | undefined
}

/** What is said of a run that has no answer (yet). */
export interface UnfinishedRun {
  readonly status: 'working' | 'needs_approval' | 'failed' | 'cancelled' | 'lost'
  readonly handle: string
  readonly startedAt: number
  readonly spentUsd: number
  readonly message?: string | undefined
  readonly approval?: { readonly id: string; readonly expiresAt: number; readonly effect: string } | undefined
}

export interface Effect {
  /** Exposed name of the tool. */
  readonly tool: string
  /** Lower-case hex SHA-256 of the canonical arguments. */
  readonly argumentsHash: string
  /** The exact effect, in words and values, as the person is asked. */
  readonly effect: string
  /** The frame that it was decided on: with another one on the screen it is void. */
  readonly frame?: string | undefined
}

export type Verdict = 'accepted' | 'denied' | 'expired'

/** What a running operation can do besides its work. */
export interface RunScope {
  readonly handle: string
  readonly caller: Caller
  readonly signal: AbortSignal
  readonly progress: CallContext['progress']
  /** Shows text of the answer to whoever watches now. */
  readonly text: (delta: string) => void
  readonly log: CallContext['log']
  readonly logLevel?: string | undefined
  /** Parks the run until its caller has answered each request. Rejects when nobody answers in time. */
  ask(requests: Readonly<Record<string, InputRequest>>): Promise<Record<string, unknown>>
  /** Asks a person, through whichever door is open; a verdict counts once. */
  confirm(effect: Effect): Promise<Verdict>
  /** Adds to what the run has cost, so that a lost run can say it. */
  spend(usd: number): void
}

/** Runs: operations that may outlast the request that started them. */
export interface RunRegistry {
  /** Runs until there is an answer, until the caller is needed, or until `handleAfterMs`; then the handle is given. */
  execute(
    operation: Operation & { long: LongOperation },
    input: unknown,
    context: CallContext,
    options: { handleAfterMs: number },
  ): Promise<OperationResult>
  /** Starts an operation whose answer is fetched by handle; durable before it resolves. */
  start(operation: Operation & { long: LongOperation }, input: unknown, context: CallContext): Promise<RunView>
  get(handle: string, caller: Caller): Promise<RunView | undefined>
  /** Waits up to `waitMs` for a change worth telling. */
  wait(handle: string, waitMs: number, context: CallContext): Promise<OperationResult | undefined>
  /** Answers some or all of what a run waits for. */
  answer(handle: string, responses: Readonly<Record<string, unknown>>, caller: Caller): Promise<RunView | undefined>
  cancel(handle: string, caller: Caller): Promise<RunView | undefined>
  /** Removes answers, and approvals with their effects, that hold what is meant; what is still under way stays. */
  forget(principal: string, isMeant: (value: unknown) => boolean): Promise<void>
  /** Runs that are under way in this process. */
  active(): number
  close(): Promise<void>
}
