import { z } from 'zod'
import { noTaint } from '../../models/taint.ts'
import { askedWords } from '../../policies/index.ts'
import { canonicalJson, sha256 } from '../../tools/definitions.ts'
import { type HostedTool, type RawResult, ToolError } from '../../tools/tool.ts'
import { isForeign } from '../dispatch/context.ts'
import type { RunScope } from '../runs/run.ts'
import { alternativesTo } from './alternatives.ts'
import { fitResult } from './fit-result.ts'
import { callHosted, lookUp } from './hosted-call.ts'
import { keepTaint } from './keep-taint.ts'
import { describeRun, handleAfterMs, mayHaveWorked } from './long.ts'
import type { DoneResult, LongOperation, Operation } from './operation.ts'
import { effectOf } from './permission.ts'
import { failure, withWarnings } from './result.ts'
import type { Services } from './services.ts'
import { isTainted } from './taint.ts'
import { toParts } from './tool-content.ts'
import { keepIfPossible, openThread } from './without-memory.ts'

const object = z.record(z.string(), z.unknown())

/** Some models write the arguments as a JSON text. */
const objectOrItsText = z.preprocess((given, context) => {
  if (typeof given !== 'string') return given
  try {
    return given.trim() === '' ? {} : object.parse(JSON.parse(given))
  } catch {
    context.addIssue({ code: 'custom', message: 'must be an object, received a text that is not the JSON of one' })
    return z.NEVER
  }
}, object)

const input = z.strictObject({
  name: z.string().min(1).max(200),
  arguments: objectOrItsText.default({}),
  thread: z.string().min(1).max(200).optional(),
  wait_s: z.number().min(0).max(45).optional(),
})
type Input = z.infer<typeof input>

/** What a model is told to send: an object. */
const shownInput = {
  type: 'object',
  properties: {
    name: { type: 'string' },
    arguments: { type: 'object' },
    thread: { type: 'string', description: 'remember the result there' },
    wait_s: { type: 'number', maximum: 45 },
  },
  required: ['name'],
}

/** `call_tool` runs what is known to read only, `call_tool_write` everything: hosts can let the first pass unasked. */
export function createCallTool(services: Services, writes: boolean): Operation {
  const whenLost = writes ? mayHaveWorked : 'Call it again'
  const long: LongOperation = {
    execute: (given: Input, scope) => execute(services, given, scope, writes),
    present: (run) => ({
      kind: 'done',
      content: [{ type: 'text', text: describeRun(run, { whenLost }) }],
      isError: run.status !== 'working' && run.status !== 'needs_approval',
    }),
    joinKey: (given: Input) => sha256(canonicalJson([given.name, given.arguments])),
  }
  const operation: Operation & { long: LongOperation } = {
    name: writes ? 'call_tool_write' : 'call_tool',
    title: writes ? 'Call a tool that may change things' : 'Call a tool that only reads',
    description: writes
      ? 'Runs any tool that find_tools named, also one that writes; destructive ones are confirmed by a person first.'
      : 'Runs a read-only tool that find_tools named (its call_with says so).',
    input,
    shown: { input: shownInput },
    annotations: writes ? { readOnlyHint: false, destructiveHint: true, openWorldHint: true } : { readOnlyHint: true, openWorldHint: true },
    meta: { 'anthropic/alwaysLoad': true },
    long,
    run: (given: Input, context) =>
      services.runs.execute(operation, given, context, { handleAfterMs: handleAfterMs(services, context.caller, given.wait_s) }),
  }
  return operation
}

async function execute(services: Services, given: Input, scope: RunScope, writes: boolean): Promise<DoneResult> {
  let found: HostedTool | undefined
  try {
    const tool = lookUp(services, given.name, scope.caller, 'call')
    found = tool
    if (!writes && effectOf(tool) !== 'read') {
      return failure(
        `Cannot call ${tool.name} with call_tool: it is not known to be read-only. Use call_tool_write with the same name and arguments.`,
      )
    }
    const opened = await threadFor(services, given, scope)
    const { thread } = opened
    const tainted = thread !== undefined && (await isTainted(services.threads, scope.caller.principal, thread))
    const keeper = thread === undefined ? undefined : await keepTaint(services, scope.caller.principal, thread, noTaint)
    const asked = thread === undefined ? undefined : await askedIn(services, scope.caller.principal, thread)
    const called = await callHosted(services, tool, given.arguments, { scope, door: 'call', thread, tainted, asked, keeper })
    const { raw, args } = called
    const warnings = [...opened.warnings, ...called.warnings]
    if (thread !== undefined) {
      const remember = () => rememberCall(services, scope, thread, tool.name, args, raw)
      warnings.push(...(await keepIfPossible(services, 'this call', remember)))
    }
    const result = await fitResult(services, raw, scope.caller, scope.signal)
    const other = raw['isError'] === true ? await alternativesTo(services, { tool, args }, scope) : undefined
    return withWarnings(other === undefined ? result : { ...result, content: [...result.content, { type: 'text', text: other }] }, warnings)
  } catch (error) {
    if (!(error instanceof ToolError)) throw error
    const other = found && (await alternativesTo(services, { tool: found, args: given.arguments, error }, scope))
    return failure(other === undefined ? error.message : `${error.message}. ${other}`)
  }
}

const lookedThrough = 40

/** What the person has said in the thread, where the policy compares calls with it. */
async function askedIn({ policy, threads }: Services, principal: string, thread: string): Promise<string | undefined> {
  if (policy().default.guards?.tool_calls === undefined) return undefined
  const turns = await threads.turns(principal, thread, { last: lookedThrough })
  return askedWords(turns.filter(({ trust }) => !isForeign(trust)).map(({ role, content }) => ({ role, content: [...content] })))
}

async function threadFor(services: Services, { thread }: Input, { caller }: RunScope) {
  return thread === undefined ? { thread, warnings: [] } : openThread(services, caller, thread)
}

async function rememberCall(
  services: Services,
  scope: RunScope,
  thread: string,
  name: string,
  args: Record<string, unknown>,
  raw: RawResult,
) {
  const id = scope.handle
  const content = toParts(raw).map((part) => (part.type === 'image' ? { type: 'text' as const, text: '(an image)' } : part))
  await services.threads.append(scope.caller.principal, thread, [
    { role: 'assistant', content: [{ type: 'tool-call', id, name, input: args }], trust: 'known' },
    { role: 'user', content: [{ type: 'tool-result', id, name, content, isError: raw['isError'] === true }], trust: 'external' },
  ])
}
