import {
  type InputRequests,
  type InputRequiredResult,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { CallContext } from '../caller.ts'
import type { DoneResult, OperationResult } from '../operations/operation.ts'
import type { Signalbox } from '../signalbox.ts'
import type { Connection } from './connection.ts'
import type { Parked } from './request-state.ts'

/**
 * Runs what a request asks for, or goes on with the run that its state names; a run that waits for its caller becomes
 * the protocol's question, with the handle sealed into it. Nothing is dispatched a second time by an answer.
 */
export async function runOrResume(
  connection: Connection,
  ctx: ServerContext,
  request: { box: Signalbox; target: string; context: CallContext; run: () => Promise<OperationResult> },
): Promise<DoneResult | InputRequiredResult> {
  const { box, target, context, run } = request
  const parked = ctx.mcpReq.requestState<Parked>()
  if (parked !== undefined && parked.target !== target) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid or expired requestState', { reason: 'invalid_request_state' })
  }
  const result = parked === undefined ? await run() : await box.resume(parked.run, ctx.mcpReq.inputResponses ?? {}, context)
  if (result.kind === 'done') return result
  return inputRequired({
    inputRequests: result.requests as InputRequests,
    requestState: await connection.requestState.mint({ run: result.handle, target }, ctx),
  })
}

export function isDone(result: DoneResult | InputRequiredResult): result is DoneResult {
  return 'kind' in result && result.kind === 'done'
}
