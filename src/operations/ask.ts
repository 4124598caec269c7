import { z } from 'zod'
import type { CachedFrom } from '../../models/outcome.ts'
import type { Pool } from '../../models/pool.ts'
import { dispatchStep } from '../dispatch/dispatch.ts'
import { AnswerCutError } from '../dispatch/errors.ts'
import { hearText } from '../dispatch/heard.ts'
import { poolsFor } from '../dispatch/pools-for.ts'
import { LoopCutError, type LoopResult, runToolLoop } from '../dispatch/tool-loop.ts'
import { capsOf, reachOf } from '../reach.ts'
import type { RunScope, UnfinishedRun } from '../runs/run.ts'
import { type AskInput, askFields, checkAsked, fieldsByName, readMessages } from './ask-input.ts'
import { keepTaint, taintOfRequest } from './keep-taint.ts'
import { describeRun, handleAfterMs, pollAfterS } from './long.ts'
import { loopTools } from './loop-tools.ts'
import type { DoneResult, LongOperation, Operation } from './operation.ts'
import { rememberExchange } from './remember-exchange.ts'
import { answer, failure } from './result.ts'
import type { Services } from './services.ts'
import { keepIfPossible, openThread } from './without-memory.ts'

/** How many steps a loop of `use_tools` may take. */
const maxLoopSteps = 12

const runStatus = z.enum(['done', 'working', 'refused', 'failed', 'lost', 'cancelled', 'needs_approval'])

/** What is seldom given is accepted all the same. */
const oftenGiven = Object.keys(askFields).filter((name) => name !== 'cache')

const output = z.looseObject({
  status: runStatus,
  text: z.string(),
  finish_reason: z.string().optional(),
  pool: z.string().optional(),
  model: z.string().optional(),
  decision: z.string().optional(),
  thread: z.string().optional(),
  usage: z.record(z.string(), z.number()).optional(),
  cost_usd: z.number().nullable().optional(),
  tool_calls: z.array(z.unknown()).optional(),
  citations: z.array(z.unknown()).optional(),
  warnings: z.array(z.string()).optional(),
  cached: z.unknown().optional(),
  handle: z.string().optional(),
  poll_after_s: z.number().optional(),
})

/** Of what a client is told of a pool: with it, a further pool costs 120 tokens in each request at most. */
const longestPurpose = 100

/** `ask`, or `ask_<pool>` for a pool that clients see as a tool of its own. */
export function createAsk(services: Services, pool?: Pool): Operation {
  const long: LongOperation = {
    execute: (input: AskInput, scope) => execute(services, { ...input, pool: pool?.name ?? input.pool }, scope),
    present,
  }
  const operation: Operation & { long: LongOperation } = {
    name: pool === undefined ? 'ask' : `ask_${pool.name}`,
    title: pool === undefined ? 'Ask the fitting model' : `Ask pool ${pool.name}`,
    description:
      pool === undefined
        ? 'Answers with the model pool that fits this step, remembers the thread, and says why it was chosen. Long work returns a handle: see get_answer.'
        : `As ask, in pool ${pool.name}${pool.purpose === '' ? '' : `: ${pool.purpose.slice(0, longestPurpose)}`}`,
    input: z.strictObject(pool === undefined ? { ...askFields, pool: z.string().max(100).optional() } : askFields),
    output,
    annotations: { readOnlyHint: false, destructiveHint: false, openWorldHint: true },
    ...(pool !== undefined && { shown: { input: fieldsByName(oftenGiven), output: { type: 'object' } } }),
    long,
    run: (input: AskInput, context) =>
      services.runs.execute(operation, input, context, { handleAfterMs: handleAfterMs(services, context.caller, input.wait_s) }),
  }
  return operation
}

async function execute(services: Services, input: AskInput, scope: RunScope): Promise<DoneResult> {
  const { principal, client } = scope.caller
  const { pool: mayUsePool } = reachOf(scope.caller, services.config())
  checkAsked(input, poolsFor(services, { mayUsePool }))
  const { messages, sources } = await readMessages(input, scope.caller, services.files)
  const { thread, warnings } = await openThread(services, scope.caller, input.thread)
  const remember = async ({ last, exchange }: Pick<LoopResult, 'last' | 'exchange'>): Promise<string[]> => {
    if (thread === undefined) return []
    const { outcome, plan, context } = last
    const facts = { model: outcome.model, decision: plan.decision, tainted: context.tainted }
    return keepIfPossible(services, 'this exchange', () =>
      rememberExchange(services.threads, { principal, thread, asked: messages, answered: exchange, ...facts }),
    )
  }
  const keeper = await keepTaint(services, principal, thread, taintOfRequest(input, messages))
  const request = {
    principal,
    client: client?.name,
    roles: scope.caller.roles,
    metadata: scope.caller.metadata,
    mayUsePool,
    caps: capsOf(scope.caller),
    thread,
    messages,
    system: input.system,
    pool: input.pool,
    model: input.model,
    maxOutputTokens: input.max_output_tokens,
    maxCostUsd: input.max_cost_usd,
    responseSchema: input.response_schema,
    sources,
    cache: input.cache,
    taint: keeper.now,
  }
  const options = { signal: scope.signal, onArrival: hearText(reporting(scope)), onSpend: scope.spend }
  try {
    const result =
      input.use_tools === true
        ? await runToolLoop(services, request, {
            ...options,
            ...(await loopTools(services, scope, messages, thread, keeper)),
            maxSteps: maxLoopSteps,
          })
        : single(await dispatchStep(services, request, options))
    warnings.push(...(await keeper.add(result.last.context.taint)), ...(await remember(result)))
    warnings.push(...schemaSaid(input.response_schema, result.last.outcome.text))
    return doneResult({ ...result, warnings: [...warnings, ...result.warnings] }, thread)
  } catch (error) {
    if (error instanceof LoopCutError) await remember(error)
    const cut = error instanceof LoopCutError ? error.cause : error
    if (!(error instanceof Error) || !(cut instanceof AnswerCutError) || cut.received === '') throw error
    return failure(`${error.message}. Received until then:\n\n${cut.received}`)
  }
}

/** Not every model heeds the schema that it is given: whoever parses the answer is told before they fail. */
function schemaSaid(schema: AskInput['response_schema'], text: string): string[] {
  if (schema === undefined) return []
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return ['the answer is not the JSON that response_schema asks for']
  }
  const { required } = schema as { required?: unknown }
  if (!Array.isArray(required)) return []
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return ['the answer is not the object that response_schema asks for']
  const missing = required.filter((name) => !Object.hasOwn(value, String(name)))
  return missing.length === 0 ? [] : [`the answer lacks what response_schema requires: ${missing.join(', ')}`]
}

function single(result: Awaited<ReturnType<typeof dispatchStep>>): LoopResult {
  const { outcome, warnings, message } = result
  return { last: result, exchange: [message], calls: [], usage: outcome.usage, costUsd: outcome.costUsd, warnings }
}

/** Tells a waiting client that the answer grows: at most once a second. */
function reporting(scope: RunScope): (delta: string) => void {
  let characters = 0
  let toldAt = 0
  return (delta) => {
    scope.text(delta)
    characters += delta.length
    const now = performance.now()
    if (now - toldAt < 1000) return
    toldAt = now
    scope.progress({ progress: characters, message: `${characters} characters of the answer have arrived` })
  }
}

function doneResult({ last, calls, usage, costUsd, warnings }: LoopResult, thread: string | undefined): DoneResult {
  const { outcome, plan, citations } = last
  const refused = outcome.finishReason === 'refusal' || outcome.finishReason === 'content-filter'
  const fields = {
    status: refused ? 'refused' : 'done',
    text: outcome.text,
    finish_reason: outcome.finishReason,
    pool: outcome.pool,
    model: outcome.model,
    decision: plan.decision,
    ...(thread !== undefined && { thread }),
    usage: usageFields(usage),
    cost_usd: costUsd,
    tool_calls: calls.map(({ call, result }) => ({ name: call.name, arguments: call.input, is_error: result.isError })),
    citations: citations.map(({ source, text }) => ({ source, text })),
    warnings,
    ...(outcome.cached !== undefined && { cached: cachedFields(outcome.cached) }),
    // How many values of each kind the model did not see.
    ...(last.redacted !== undefined && { redacted: last.redacted }),
  }
  const cost = costUsd === null ? 'cost unknown' : `$${costUsd.toFixed(4)}`
  const notes = [
    `[${outcome.model} · pool ${outcome.pool} · ${cost} · ${thread === undefined ? 'no thread' : `thread ${thread}`} · decision ${plan.decision}]`,
  ]
  if (outcome.cached !== undefined) notes.unshift(cachedInWords(outcome.cached))
  if (outcome.finishReason !== 'stop') notes.unshift(`[ended by ${outcome.finishReason}]`)
  return answer(fields, [outcome.text, ...warnings.map((warning) => `[warning: ${warning}]`), ...notes].join('\n\n'))
}

function cachedFields({ decision, ageS, match, confidence }: CachedFrom) {
  return { decision, age_s: ageS, match, ...(confidence !== undefined && { confidence: Math.round(confidence * 1000) / 1000 }) }
}

function cachedInWords({ decision, ageS, match }: CachedFrom): string {
  const asked = match === 'exact' ? 'the same request' : 'a request that asks the same'
  return `[kept answer to ${asked}, ${ageS} s old, of decision ${decision}; cache: no-cache asks again]`
}

function usageFields(usage: LoopResult['usage']) {
  return {
    input_tokens: usage.inputTokens,
    cache_read_tokens: usage.cacheReadTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    output_tokens: usage.outputTokens,
  }
}

function present(run: UnfinishedRun): DoneResult {
  const { status, handle, approval } = run
  const fields = {
    status,
    text: '',
    handle,
    ...(status === 'working' && { poll_after_s: pollAfterS }),
    ...(status === 'needs_approval' &&
      approval && { approval: approval.id, expires_at: new Date(approval.expiresAt).toISOString(), effect: approval.effect }),
    started_at: new Date(run.startedAt).toISOString(),
    cost_usd: run.spentUsd,
  }
  return status === 'failed' ? failure(describeRun(run)) : answer(fields, describeRun(run))
}
