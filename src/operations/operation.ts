import type { z } from 'zod'
import type { InputRequest } from '../../tools/tool.ts'
import type { CallContext } from '../caller.ts'
import type { RunScope, UnfinishedRun } from '../runs/run.ts'

/**
 * One thing that Signalbox can be asked to do: an MCP tool, the same command on the command line, the same HTTP path.
 *
 * The three doors validate with `input`, run, and show the same answer.
 */
export interface Operation {
  /** The MCP tool's name. */
  readonly name: string
  readonly title: string
  readonly description: string
  readonly input: z.ZodObject
  /** `undefined` where results are content of others (`call_tool`, `fit_image`). */
  readonly output?: z.ZodObject | undefined
  readonly annotations: {
    readonly readOnlyHint: boolean
    readonly destructiveHint?: boolean
    readonly idempotentHint?: boolean
    readonly openWorldHint: boolean
  }
  readonly meta?: Readonly<Record<string, unknown>> | undefined
  /**
   * JSON Schemas that clients are shown instead of those generated from `input` and `output`, where these would say
   * everything twice (`ask_<pool>`). They describe the same values more loosely.
   */
  readonly shown?: { readonly input?: Readonly<Record<string, unknown>>; readonly output?: Readonly<Record<string, unknown>> } | undefined
  /** `input` has been parsed with `this.input`. */
  run(input: never, context: CallContext): Promise<OperationResult>
  /** Of operations that may outlast their caller's patience: the work itself, for doors that give the handle first (MCP tasks). */
  readonly long?: LongOperation | undefined
}

export interface LongOperation {
  execute(input: never, scope: RunScope): Promise<DoneResult>
  /** What the caller is told while there is no answer, or when there will be none. */
  present(run: UnfinishedRun): DoneResult
  /** Two calls of one principal with the same key join while the first waits for an approval. */
  joinKey?(input: never): string | undefined
}

export function isLong(operation: Operation): operation is Operation & { readonly long: LongOperation } {
  return operation.long !== undefined
}

/** The longest delay that a timer takes, for who has no later request that could fetch an answer by its handle. */
export const foreverMs = 2 ** 31 - 1

export type OperationResult = DoneResult | InputRequiredResult

export interface DoneResult {
  readonly kind: 'done'
  /** MCP content blocks. With `structured`, the text holds all that a model needs to go on. */
  readonly content: readonly Record<string, unknown>[]
  readonly structured?: Readonly<Record<string, unknown>> | undefined
  readonly isError?: boolean | undefined
  /** `_meta` of a relayed result. */
  readonly meta?: Readonly<Record<string, unknown>> | undefined
}

/**
 * The run waits for its caller (a confirmation, or what a downstream asked) and is parked under `handle`.
 * The door seals the handle into its request state; `Signalbox.resume` goes on and dispatches nothing again.
 */
export interface InputRequiredResult {
  readonly kind: 'input-required'
  readonly handle: string
  readonly requests: Readonly<Record<string, InputRequest>>
}
