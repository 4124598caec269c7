import { ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { meaningOf, speakableMessage } from '../errors.ts'
import type { Log } from '../log.ts'

/**
 * What crosses the wire when a handler throws. The SDK would send any message as it is, so what is not ours is
 * replaced and goes to the log; an abort stays an abort.
 */
export function toProtocolError(error: unknown, method: string, signal: AbortSignal, log: Log): unknown {
  if (error instanceof ProtocolError || (signal.aborted && error === signal.reason)) return error
  const message = speakableMessage(error)
  if (message !== undefined) return new ProtocolError(meaningOf(error)?.jsonRpc ?? ProtocolErrorCode.InternalError, message)
  log.error(`Cannot answer ${method}`, { error })
  return new ProtocolError(ProtocolErrorCode.InternalError, 'Internal error: the reason is in the log of Signalbox')
}
