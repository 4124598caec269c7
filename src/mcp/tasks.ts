import {
  type CallToolResult,
  MissingRequiredClientCapabilityError,
  ProtocolError,
  ProtocolErrorCode,
  type ServerContext,
} from '@modelcontextprotocol/server'
import { z } from 'zod'
import type { CallContext, Caller } from '../caller.ts'
import type { DoneResult } from '../operations/operation.ts'
import type { RunView } from '../runs/run.ts'
import type { Signalbox } from '../signalbox.ts'
import { callerOf } from './caller.ts'
import type { Connection } from './connection.ts'
import { tasksExtension } from './handshake.ts'
import type { LongRunning } from './relay.ts'

/** How long an answer may take before it becomes a task: what is quick needs no second request. */
const graceMs = 500
const pollIntervalMs = 1000

type ToResult = (result: DoneResult) => CallToolResult

export function answersWithTask(connection: Connection, caller: Caller): boolean {
  const extensions = caller.capabilities['extensions']
  return connection.era === 'modern' && typeof extensions === 'object' && extensions !== null && tasksExtension in extensions
}

/**
 * Starts a run and answers with its task, unless the answer is there at once. The run is stored before anything is
 * answered, so that an immediate `tasks/get` finds it; whoever leaves before that has left the work as well.
 */
export async function startTask(
  box: Signalbox,
  operation: LongRunning,
  input: unknown,
  context: CallContext,
  toResult: ToResult,
): Promise<CallToolResult> {
  const { handle } = await box.runs.start(operation, input, context)
  try {
    await box.runs.wait(handle, graceMs, context)
  } catch (error) {
    await box.runs.cancel(handle, context.caller)
    throw error
  }
  const view = await box.runs.get(handle, context.caller)
  if (view === undefined) throw new ProtocolError(ProtocolErrorCode.InternalError, 'The task is gone')
  if (view.status === 'done' && view.result !== undefined) return toResult(view.result)
  return { resultType: 'task', ...taskOf(view) } as unknown as CallToolResult
}

/** The SDK takes `inputResponses` out of the parameters and puts them into the context. */
const params = z.object({ taskId: z.string() })

export function bindTasks(connection: Connection): void {
  const { server } = connection
  bind('tasks/get', async (box, id, caller) => detailsOf(known(id, await box.runs.get(id, caller))))
  bind('tasks/update', async (box, id, caller, ctx) => {
    known(id, await box.runs.answer(id, ctx.mcpReq.inputResponses ?? {}, caller))
    return {}
  })
  bind('tasks/cancel', async (box, id, caller) => {
    known(id, await box.runs.cancel(id, caller))
    return {}
  })

  function bind(
    method: string,
    handle: (box: Signalbox, id: string, caller: Caller, ctx: ServerContext) => Promise<Record<string, unknown>>,
  ): void {
    server.setRequestHandler(method, { params }, async ({ taskId }, ctx) => {
      const caller = callerOf(connection, ctx)
      if (!answersWithTask(connection, caller)) {
        throw new MissingRequiredClientCapabilityError({ requiredCapabilities: { extensions: { [tasksExtension]: {} } } })
      }
      return { resultType: 'complete', ...(await handle(await connection.options.signalbox, taskId, caller, ctx)) }
    })
  }
}

function known(id: string, view: RunView | undefined): RunView {
  if (view === undefined) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Unknown task: ${id}`)
  return view
}

function taskOf(view: RunView): Record<string, unknown> {
  const message = view.status === 'needs_approval' ? 'Waits for a person: signalbox approvals list' : view.message
  return {
    taskId: view.handle,
    status: taskStatus(view),
    ...(message !== undefined && { statusMessage: message }),
    createdAt: new Date(view.startedAt).toISOString(),
    lastUpdatedAt: new Date(view.updatedAt).toISOString(),
    ttlMs: Math.max(0, view.expiresAt - view.startedAt),
    pollIntervalMs,
  }
}

/** A failed tool is a completed task with an error for its result; waiting for a person is work that goes on. */
function taskStatus({ status }: RunView): string {
  if (status === 'working' || status === 'needs_approval') return 'working'
  if (status === 'input_required' || status === 'cancelled') return status
  return 'completed'
}

function detailsOf(view: RunView): Record<string, unknown> {
  const task = taskOf(view)
  if (view.status === 'input_required') return { ...task, inputRequests: view.requests ?? {} }
  if (task['status'] !== 'completed' || view.result === undefined) return task
  const { content, structured, isError, meta } = view.result
  const result = {
    resultType: 'complete',
    content,
    ...(structured !== undefined && { structuredContent: structured }),
    ...(isError === true && { isError }),
    ...(meta !== undefined && { _meta: meta }),
  }
  return { ...task, result }
}
