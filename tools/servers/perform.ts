import { type CallOptions, type RawResult, ToolError } from '../tool.ts'
import { abortable } from './abortable.ts'
import { answerAll, createWaitingCaller, NobodyAnswersError, parseInputRequests, type WaitingCaller } from './caller.ts'
import type { ServerRequest } from './connection.ts'
import { createDeadline } from './deadline.ts'
import type { ConnectedLane, Lanes } from './lanes.ts'
import type { Slots } from './slots.ts'

export interface PerformOptions {
  server: string
  lanes: Lanes
  slots: Slots
  /** Of one sign of life to the next, and in all. */
  limits: { quietMs: number; totalMs: number }
  stopping: AbortSignal
  /** Puts the caller on a lane. @throws {ToolError} When the server is not available. */
  enter(caller: WaitingCaller, called: string, signal: AbortSignal): Promise<ConnectedLane>
}

/** Against a server that never has enough. */
const maxRounds = 16

/**
 * Sends one request and brings its result, however often the server asks the caller for something on the way.
 *
 * @throws {ToolError} Or the reason of the caller's signal.
 */
export async function perform(request: ServerRequest, call: CallOptions, options: PerformOptions): Promise<RawResult> {
  const { server, lanes, slots } = options
  const deadline = createDeadline(options.limits)
  const signal = AbortSignal.any([deadline.signal, options.stopping, ...(call.signal ? [call.signal] : [])])
  const caller = createWaitingCaller(call, deadline)
  const onProgress: CallOptions['onProgress'] = (progress) => {
    deadline.touch()
    call.onProgress?.(progress)
  }
  let giveBack = await slots.take(signal)
  let lane: ConnectedLane | undefined
  try {
    lane = await options.enter(caller, request.called, signal)
    deadline.resume()
    const asked = call.meta === undefined ? request.params : { ...request.params, _meta: call.meta }
    let params = asked
    for (let round = 0; round < maxRounds; round += 1) {
      const sent = { ...request, params, capabilities: caller.capabilities, logLevel: call.logLevel }
      const result = await send(lanes, lane, sent, { signal, onProgress })
      if (result['resultType'] !== 'input_required') return result
      // A person may think for long: others are let in meanwhile, where the server does not wait itself.
      giveBack()
      const answers = await abortable(answersTo(result, caller, request.called, server), signal)
      if (lane.connection.era === 'legacy') throw pageError(request.called, answers)
      giveBack = await slots.take(signal)
      const { requestState } = result
      params = { ...asked, inputResponses: answers, ...(requestState === undefined ? {} : { requestState }) }
    }
    throw runError(
      request.called,
      'internal',
      `"${request.called}" of server "${server}" asked its caller ${maxRounds} times without coming to an end`,
    )
  } finally {
    caller.end()
    if (lane) lanes.leave(lane, caller)
    deadline.dispose()
    giveBack()
  }
}

/** A server over HTTP may have forgotten our session: nothing was run, so it is asked once more in a new one. */
async function send(
  lanes: Lanes,
  lane: ConnectedLane,
  request: ServerRequest,
  options: { signal: AbortSignal; onProgress: NonNullable<CallOptions['onProgress']> },
): Promise<RawResult> {
  const { connection } = lane
  try {
    if (connection) return await connection.request(request, options)
  } catch (error) {
    if (!connection.isLost(error)) throw error
  }
  try {
    await lanes.reconnect(lane, connection, options.signal)
  } catch (error) {
    options.signal.throwIfAborted()
    throw notAvailable(request.called, error)
  }
  return lane.connection.request(request, options)
}

/** The server could not be started. */
export function notAvailable(called: string, error: unknown): ToolError {
  return runError(called, 'unavailable', `"${called}" is not available: ${(error as Error).message}`, error)
}

async function answersTo(result: RawResult, caller: WaitingCaller, called: string, server: string): Promise<Record<string, unknown>> {
  try {
    return await answerAll(caller, parseInputRequests(result['inputRequests']))
  } catch (error) {
    if (error instanceof NobodyAnswersError) {
      throw runError(called, 'unavailable', `"${called}" of server "${server}" needs an answer to go on, and ${error.message}`, error)
    }
    if (error instanceof TypeError) throw runError(called, 'schema', `"${called}" of server "${server}" ${error.message}`, error)
    throw error
  }
}

/** A server of 2025 has ended the call: the person finishes at the page, then it has to be called again. */
function pageError(called: string, answers: Record<string, unknown>): ToolError {
  const accepted = Object.values(answers).every((answer) => (answer as { action?: unknown }).action === 'accept')
  const text = accepted
    ? `"${called}" needs something that a person does on a page, which was shown: call it again when that is done`
    : `"${called}" needs something that a person does on a page, and the person declined`
  return runError(called, 'unavailable', text)
}

function runError(tool: string, kind: 'internal' | 'unavailable' | 'schema', text: string, cause?: unknown): ToolError {
  return new ToolError(text, { tool, stage: 'run', kind, cause })
}
