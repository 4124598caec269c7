import type { MemoryError } from '../memory/index.ts'
import type { ComputerActionError, EmbedderError, ImageError, OcrError, ProviderError } from '../models/errors.ts'
import type { PolicyError } from '../policies/index.ts'
import type { ToolError } from '../tools/tool.ts'
import type { ConfigError } from './config/config-error.ts'
import type { AnswerCutError, PolicyDeniedError, PoolExhaustedError } from './dispatch/errors.ts'
import type { LoopCutError } from './dispatch/tool-loop.ts'
import type { InputError } from './operations/errors.ts'
import type { NobodyAnsweredError, RunCancelledError } from './runs/live-run.ts'

/** Every error that Signalbox makes itself, by its literal `code`. */
export type SignalboxError =
  | ProviderError
  | EmbedderError
  | ImageError
  | ComputerActionError
  | OcrError
  | ToolError
  | MemoryError
  | PolicyError
  | ConfigError
  | PolicyDeniedError
  | PoolExhaustedError
  | AnswerCutError
  | LoopCutError
  | InputError
  | NobodyAnsweredError
  | RunCancelledError

export interface ErrorMeaning {
  /** JSON-RPC error code, where no result can carry the error. */
  readonly jsonRpc: number
  readonly http: number
  /** Exit code of the command line. */
  readonly exit: 1 | 2
  /** Whether callers may read the message; of the others only the person who started Signalbox may. */
  readonly speakable: boolean
}

const invalidParams = -32602
const internal = -32603

/** What each error means at each door. */
const errorMeanings: Readonly<Record<SignalboxError['code'], ErrorMeaning>> = {
  invalid_input: { jsonRpc: invalidParams, http: 400, exit: 2, speakable: true },
  computer_action_refused: { jsonRpc: invalidParams, http: 400, exit: 2, speakable: true },
  image_refused: { jsonRpc: invalidParams, http: 400, exit: 2, speakable: true },
  tool_error: { jsonRpc: invalidParams, http: 400, exit: 1, speakable: true },
  memory_not_found: { jsonRpc: invalidParams, http: 404, exit: 1, speakable: true },
  memory_refused: { jsonRpc: invalidParams, http: 400, exit: 1, speakable: true },
  memory_unavailable: { jsonRpc: internal, http: 503, exit: 1, speakable: true },
  policy_denied: { jsonRpc: invalidParams, http: 403, exit: 1, speakable: true },
  pool_exhausted: { jsonRpc: internal, http: 503, exit: 1, speakable: true },
  provider_error: { jsonRpc: internal, http: 502, exit: 1, speakable: true },
  answer_cut: { jsonRpc: internal, http: 502, exit: 1, speakable: true },
  loop_cut: { jsonRpc: internal, http: 502, exit: 1, speakable: true },
  embedder_unavailable: { jsonRpc: internal, http: 503, exit: 1, speakable: true },
  ocr_unavailable: { jsonRpc: internal, http: 503, exit: 1, speakable: true },
  nobody_answered: { jsonRpc: invalidParams, http: 408, exit: 1, speakable: true },
  cancelled: { jsonRpc: internal, http: 499, exit: 1, speakable: true },
  config_invalid: { jsonRpc: internal, http: 500, exit: 2, speakable: false },
  policy_invalid: { jsonRpc: internal, http: 500, exit: 2, speakable: false },
}

/** What an error means, or `undefined` for one that nobody foresaw: its message stays in the log. */
export function meaningOf(error: unknown): ErrorMeaning | undefined {
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return undefined
  return Object.hasOwn(errorMeanings, error.code) ? errorMeanings[error.code as SignalboxError['code']] : undefined
}

/** The message that a caller may read, or `undefined` for an error whose words belong to the log. */
export function speakableMessage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  return error.name === 'TimeoutError' || meaningOf(error)?.speakable === true ? error.message : undefined
}
