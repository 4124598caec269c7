import { randomUUID } from 'node:crypto'
import {
  type InputRequests,
  type InputRequiredResult,
  inputRequired,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server'
import type { CallContext } from '../caller.ts'
import type { DoneResult, OperationResult, InputRequiredResult as ParkedResult } from '../operations/operation.ts'
import type { Signalbox } from '../signalbox.ts'
import type { Connection } from './connection.ts'
import type { Parked } from './request-state.ts'

/** Under which runs ask for a confirmation. */
const confirmationKey = 'confirmation'

export interface Resumable {
  readonly box: Signalbox
  readonly target: string
  readonly context: CallContext
  readonly run: () => Promise<OperationResult>
  /** Whether the question comes from a hosted server, which may be answered before it is asked. */
  readonly relayed: boolean
}

/**
 * Runs what a request asks for, or goes on with the run that its state names; a run that waits for its caller becomes
 * the protocol's question, with the handle sealed into it. Nothing is dispatched a second time by an answer.
 */
export async function runOrResume(
  connection: Connection,
  ctx: ServerContext,
  request: Resumable,
): Promise<DoneResult | InputRequiredResult> {
  const { box, target, context, run, relayed } = request
  const parked = ctx.mcpReq.requestState<Parked>()
  if (parked !== undefined && parked.target !== target) {
    throw new ProtocolError(ProtocolErrorCode.InvalidParams, 'Invalid or expired requestState', { reason: 'invalid_request_state' })
  }
  const responses = ctx.mcpReq.inputResponses ?? {}
  let result = parked === undefined ? await run() : await box.resume(parked.run, responses, context)
  if (parked === undefined && relayed && result.kind === 'input-required' && answersAll(responses, result)) {
    result = await box.resume(result.handle, responses, context)
  }
  if (result.kind === 'done') return result
  return inputRequired({
    inputRequests: result.requests as InputRequests,
    requestState: await connection.requestState.mint({ run: result.handle, target, round: randomUUID() }, ctx),
  })
}

/** A person's yes to an effect counts only after the question was put; what a hosted server asks is its own affair. */
function answersAll(responses: Record<string, unknown>, { requests }: ParkedResult): boolean {
  return Object.keys(requests).every((key) => key !== confirmationKey && key in responses)
}

export function isDone(result: DoneResult | InputRequiredResult): result is DoneResult {
  return 'kind' in result && result.kind === 'done'
}
