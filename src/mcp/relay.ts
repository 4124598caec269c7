import { MissingRequiredClientCapabilityError, ProtocolError, ProtocolErrorCode } from '@modelcontextprotocol/server'
import { z } from 'zod'
import { canonicalJson, sha256 } from '../../tools/definitions.ts'
import { type CallOptions, type HostedTool, type RawResult, ToolError } from '../../tools/tool.ts'
import { describeRun, mayHaveWorked } from '../operations/long.ts'
import type { DoneResult, LongOperation, Operation } from '../operations/operation.ts'
import type { RunScope, UnfinishedRun } from '../runs/run.ts'
import type { Signalbox } from '../signalbox.ts'
import { outgoingTrace } from '../telemetry/active.ts'

export type LongRunning = Operation & { long: LongOperation }

const anything = z.looseObject({})

/**
 * A directly listed tool as an operation, so that it is parked, resumed, cancelled and carried under a handle as our own are.
 * Its arguments are checked by the host, against the server's own schema.
 */
export function relayedTool(box: Signalbox, tool: HostedTool): LongRunning {
  return relayed(tool.name, {
    async execute(input, scope) {
      try {
        return await box.direct.call(tool, input, scope)
      } catch (error) {
        if (!(error instanceof ToolError)) throw error
        throwIfCapabilityIsMissing(error)
        return { kind: 'done', content: [{ type: 'text', text: error.message }], isError: true }
      }
    },
    present: (run) => presentTool(tool, run),
    joinKey: (input) => sha256(canonicalJson(input)),
  })
}

/** A request for a hosted prompt or resource; {@link rawResultOf} has what its server answered. */
export function relayedRequest(name: string, send: (options: CallOptions) => Promise<RawResult>): LongRunning {
  return relayed(name, {
    execute: async (_input, scope) => ({ kind: 'done', content: [], structured: await send(callOptions(scope)) }),
    present: ({ status, message }) => {
      const text = `${name} is ${status}${message === undefined ? '' : `: ${message}`}`
      return { kind: 'done', content: [{ type: 'text', text }], isError: true }
    },
  })
}

/** @throws {ProtocolError} If the request has no answer: neither prompts nor resources have results that are errors. */
export function rawResultOf({ structured, content }: DoneResult): RawResult {
  if (structured === undefined) throw new ProtocolError(ProtocolErrorCode.InternalError, String(content[0]?.['text'] ?? 'No answer'))
  return { ...structured }
}

interface Relayed {
  execute(input: Record<string, unknown>, scope: RunScope): Promise<DoneResult>
  present: LongOperation['present']
  joinKey?(input: Record<string, unknown>): string
}

function relayed(name: string, long: Relayed): LongRunning {
  return {
    name,
    title: name,
    description: '',
    input: anything,
    annotations: { readOnlyHint: false, openWorldHint: true },
    long,
    run: () => Promise.reject(new TypeError(`Cannot run ${name} without a run: it is relayed`)),
  }
}

function callOptions(scope: RunScope): CallOptions {
  return {
    signal: scope.signal,
    principal: scope.caller.principal,
    onProgress: scope.progress,
    onLog: scope.log,
    logLevel: scope.logLevel,
    meta: outgoingTrace(),
    onInput: (requests) => scope.ask(requests),
    clientCapabilities: { ...scope.caller.capabilities },
  }
}

/** What the client did not declare it must hear as the protocol says it, with the name of the capability. */
function throwIfCapabilityIsMissing({ cause }: ToolError): void {
  if (!(cause instanceof ProtocolError) || cause.code !== ProtocolErrorCode.MissingRequiredClientCapability) return
  const { requiredCapabilities = {} } = (cause.data ?? {}) as { requiredCapabilities?: Record<string, unknown> }
  throw new MissingRequiredClientCapabilityError({ requiredCapabilities })
}

/** A tool that promised structured content cannot say "not yet" in it, so that is said as an error which names the way on. */
function presentTool({ outputSchema, readOnly }: HostedTool, run: UnfinishedRun): DoneResult {
  const goesOn = run.status === 'working' || run.status === 'needs_approval'
  const isError = !goesOn || outputSchema !== undefined
  return {
    kind: 'done',
    content: [{ type: 'text', text: describeRun(run, readOnly ? {} : { whenLost: mayHaveWorked }) }],
    isError: isError ? true : undefined,
  }
}
