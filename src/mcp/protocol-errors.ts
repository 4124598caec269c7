import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import type { Log } from '../log.ts'

/** Codes of our own errors whose messages are made for callers. */
const speakable = new Set([
  'tool_error',
  'invalid_input',
  'answer_cut',
  'policy_denied',
  'pool_exhausted',
  'provider_error',
  'memory_not_found',
  'memory_refused',
  'memory_unavailable',
  'image_refused',
  'nobody_answered',
  'cancelled',
])

/** The message that the caller may read, or `undefined` for an error that nobody foresaw. */
export function speakableMessage(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  if (error.name === 'TimeoutError') return error.message
  return 'code' in error && typeof error.code === 'string' && speakable.has(error.code) ? error.message : undefined
}

/**
 * What crosses the wire when a handler throws. The SDK would send any message as it is, so what is not ours is
 * replaced and goes to the log; an abort stays an abort.
 */
export function toProtocolError(error: unknown, method: string, signal: AbortSignal, log: Log): unknown {
  if (error instanceof ProtocolError || (signal.aborted && error === signal.reason)) return error
  const message = speakableMessage(error)
  if (message !== undefined) return new ProtocolError(ProtocolErrorCode.InvalidParams, message)
  log.error(`Cannot answer ${method}`, { error })
  return new ProtocolError(ProtocolErrorCode.InternalError, 'Internal error: the reason is in the log of Signalbox')
}
