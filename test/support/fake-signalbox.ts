import { z } from 'zod'
import { MemoryError } from '../../memory/errors.ts'
import type { CallContext } from '../../src/caller.ts'
import type { DoneResult, LongOperation, Operation } from '../../src/operations/operation.ts'
import { pause } from '../../src/pause.ts'
import { reachOf } from '../../src/reach.ts'
import { createApprovals } from '../../src/runs/approvals.ts'
import { thisProcess } from '../../src/runs/owner.ts'
import type { RunScope } from '../../src/runs/run.ts'
import { createRuns } from '../../src/runs/runs.ts'
import type { Signalbox } from '../../src/signalbox.ts'
import { createMeter } from '../../src/telemetry/meter.ts'
import { offTracer } from '../../src/telemetry/tracer.ts'
import type { ToolHost } from '../../tools/tool.ts'
import { fakeHost } from './mcp-host.ts'
import { mapRows } from './mcp-rows.ts'

export interface FakeSignalbox extends Signalbox {
  /** Operations that were run, in order. */
  readonly ran: string[]
  /** The callers of `whoami`. */
  readonly callers: CallContext['caller'][]
  /** Why `wait` was given up, by run. */
  readonly aborted: unknown[]
}

/** A Signalbox with real runs and a few operations: one that is quick, waits, asks, fails, and tells who called. */
export function fakeSignalbox({
  host = fakeHost(),
  handleAfterMs = 45_000,
}: {
  host?: ToolHost
  handleAfterMs?: number
} = {}): FakeSignalbox {
  const ran: string[] = []
  const callers: CallContext['caller'][] = []
  const aborted: unknown[] = []
  const rows = mapRows()
  const byName = new Map<string, Operation>()
  const runs = createRuns({
    rows,
    approvals: createApprovals(rows),
    owner: thisProcess('fake'),
    operation: (name) => byName.get(name),
    log: { warn: () => undefined, error: () => undefined },
  })

  const annotations = { readOnlyHint: true, openWorldHint: false }
  const text = (value: string) => [{ type: 'text', text: value }]

  function long(
    name: string,
    input: z.ZodObject,
    execute: (input: never, scope: RunScope) => ReturnType<LongOperation['execute']>,
  ): Operation {
    const operation: Operation & { long: LongOperation } = {
      name,
      title: name,
      description: `The ${name} operation`,
      input,
      annotations,
      long: {
        execute(given, scope) {
          ran.push(name)
          return execute(given, scope)
        },
        present: (run) => ({
          kind: 'done',
          content: text(`${run.status} ${run.handle}`),
          isError: run.status !== 'working' ? true : undefined,
        }),
      },
      run: (given, context) => runs.execute(operation, given, context, { handleAfterMs }),
    }
    return operation
  }

  const operations: Operation[] = [
    {
      name: 'quick',
      title: 'Quick',
      description: 'Says a text a number of times',
      input: z.strictObject({ text: z.string().min(1), times: z.int().min(1).max(5).default(1) }),
      output: z.object({ said: z.string() }),
      annotations,
      async run({ text: word, times }: { text: string; times: number }) {
        ran.push('quick')
        const said = Array.from({ length: times }, () => word).join(' ')
        return { kind: 'done', content: text(said), structured: { said } }
      },
    },
    long(
      'wait',
      z.object({ steps: z.int().min(1), stepMs: z.int().default(5) }),
      async ({ steps, stepMs }: { steps: number; stepMs: number }, scope) => {
        try {
          for (let step = 1; step <= steps; step++) {
            await pause(stepMs, scope.signal)
            scope.progress({ progress: step, total: steps, message: `step ${step}` })
            scope.log({ level: 'info', logger: 'wait', data: { step } })
          }
        } catch (error) {
          aborted.push(error)
          throw error
        }
        return { kind: 'done', content: text(`waited ${steps} steps`) }
      },
    ),
    long('ask_name', z.object({}), async (_input, scope) => {
      const requestedSchema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] }
      const answers = await scope.ask({
        name: { method: 'elicitation/create', params: { mode: 'form', message: 'Your name?', requestedSchema } },
      })
      const answer = answers['name'] as { action?: string; content?: { name?: string } }
      return { kind: 'done', content: text(answer.action === 'accept' ? `Hello ${answer.content?.name}` : 'No name was given') }
    }),
    {
      name: 'fail',
      title: 'Fail',
      description: 'Fails as told',
      input: z.object({ how: z.enum(['known', 'unknown']) }),
      annotations,
      async run({ how }: { how: string }) {
        if (how === 'known') throw new MemoryError('Cannot find thread "th"', { code: 'memory_not_found', operation: 'get' })
        throw new Error('/secret/path is not writable')
      },
    },
    {
      name: 'whoami',
      title: 'Who am I',
      description: 'Tells the principal',
      input: z.object({}),
      output: z.object({ principal: z.string() }),
      annotations,
      async run(_input, context) {
        callers.push(context.caller)
        const { principal } = context.caller
        return { kind: 'done', content: text(principal), structured: { principal } }
      },
    },
    {
      name: 'get_answer',
      title: 'Get an answer',
      description: 'Fetches what a handle stands for',
      input: z.object({ handle: z.string(), wait_s: z.number().default(0) }),
      annotations,
      async run({ handle, wait_s }: { handle: string; wait_s: number }, context) {
        return (await runs.wait(handle, wait_s * 1000, context)) ?? lost(handle)
      },
    },
  ]
  for (const operation of operations) byName.set(operation.name, operation)

  const lost = (handle: string) => ({ kind: 'done' as const, content: text(`lost ${handle}`), isError: true })
  return {
    version: '0.0.0',
    meter: createMeter(),
    tracer: offTracer,
    samples: async () => [],
    readiness: async () => ({ ready: true, checks: {} }),
    fileRefused: () => undefined,
    ran,
    callers,
    aborted,
    runs,
    host,
    operations: ({ profile }) => (profile === 'narrow' ? operations.slice(0, 1) : operations),
    gateway: {
      handles: () => false,
      answer: () => Promise.reject(new Error('Nothing is answered here')),
      refuse: () => Promise.reject(new Error('Nothing is refused here')),
    },
    get console(): never {
      throw new Error('The owner sees nothing here')
    },
    direct: {
      shows: () => true,
      handleAfterMs: () => handleAfterMs,
      async call(tool, args, scope) {
        const { content, structuredContent, isError } = await host.call(tool.name, args, {
          principal: scope.caller.principal,
          signal: scope.signal,
          onInput: scope.ask,
          clientCapabilities: { ...scope.caller.capabilities },
        })
        return { kind: 'done', content, structured: structuredContent, isError } as DoneResult
      },
    },
    settled: async (signal) => host.settled(signal),
    evaluateTools: () => Promise.reject(new Error('Nothing is measured here')),
    keptAnswers: { callers: async () => [], list: async () => [], clear: async () => 0 },
    routing: { reputations: () => [], learners: async () => [], move: async () => undefined, async *entries() {} },
    evaluateRouting: () => Promise.reject(new Error('Nothing is measured here')),
    trainRouting: () => Promise.reject(new Error('Nothing is trained here')),
    exampleNeeds: () => [],
    learnTools: () => Promise.reject(new Error('Nothing is learnt here')),
    replay: () => Promise.reject(new Error('Nothing is replayed here')),
    onChange: (listener) => host.onChange(listener),
    reconfigure: async () => [],
    reach: (viewer) => reachOf(viewer, { profiles: {}, roles: {} }),
    roles: () => [],
    mintedKeys: { record: async () => undefined, list: async () => [], revoke: async () => undefined, isRevoked: async () => false },
    directServers: ({ profile }) => (profile === 'narrow' ? [] : ['direct']),
    async resume(handle, responses, context) {
      await runs.answer(handle, responses, context.caller)
      return (await runs.wait(handle, handleAfterMs, context)) ?? lost(handle)
    },
    async readResource(uri, caller) {
      if (uri !== `signalbox://decision/${caller.principal}`) return undefined
      return { uri, mimeType: 'application/json', text: JSON.stringify({ of: caller.principal }) }
    },
    complete: async ({ operation, value }, caller) => [`${operation}:${value}:${caller.principal}`],
    async close() {
      await runs.close()
      await host.close()
    },
  }
}
