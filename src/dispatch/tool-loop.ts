import { ProviderError } from '../../models/errors.ts'
import type { Message, ToolCallPart, ToolDefinition, ToolResultPart } from '../../models/message.ts'
import { addUsage, noUsage, type Usage } from '../../models/outcome.ts'
import type { StepContext } from './context.ts'
import { dispatchStep, type StepResult } from './dispatch.ts'
import { AnswerCutError, PolicyDeniedError, PoolExhaustedError } from './errors.ts'
import type { Line } from './line.ts'
import { poolsFor } from './pools-for.ts'
import type { StepOptions, StepRequest } from './step-request.ts'

export interface LoopOptions extends StepOptions {
  /** Offered from the first step. */
  tools: readonly ToolDefinition[]
  /**
   * Runs one call. A failure is a result with `isError`; a throw ends the loop. `more` are offered from the next step on.
   *
   * Arguments may hold placeholders for what the model did not see: `restore` gives what they stand for, which the call that was
   * run has then (`ran`). One that may not be run keeps its placeholders.
   */
  callTool(
    call: ToolCallPart,
    decision: string,
    context: StepContext,
    restore?: StepResult['restore'],
  ): Promise<{ result: ToolResultPart; more?: readonly ToolDefinition[]; ran?: ToolCallPart }>
  /** Whether the call may run beside others. */
  isParallel(call: ToolCallPart): boolean
  maxSteps: number
}

export interface LoopResult {
  readonly last: StepResult
  /** All that was said after the request: answers, calls and results, in order. */
  readonly exchange: readonly Message[]
  readonly calls: readonly { call: ToolCallPart; result: ToolResultPart }[]
  readonly usage: Usage
  /** `null` when a price is unknown. */
  readonly costUsd: number | null
  readonly warnings: readonly string[]
}

/** A step of a loop failed after tools had run: what they did has happened, and is worth remembering. */
export class LoopCutError extends Error {
  override readonly name = 'LoopCutError'
  readonly code = 'loop_cut'
  /** The last step that was answered. */
  readonly last: StepResult
  readonly exchange: readonly Message[]

  constructor(done: Pick<LoopResult, 'last' | 'exchange' | 'calls'>, options: { cause: Error }) {
    const ran = done.calls.map(({ call, result }) => `${call.name}${result.isError ? ' (failed)' : ''}`)
    super(`The tool loop broke off: ${options.cause.message}. What these tools did before stands: ${ran.join(', ')}`, options)
    this.last = done.last
    this.exchange = done.exchange
  }
}

/**
 * Steps until the model answers without a call: each step is planned and dispatched on the line, and keeps its model.
 *
 * Bounded by steps, by the request's `maxCostUsd`, and by the signal. The last step is asked for an answer without tools.
 *
 * @throws {LoopCutError} When a step failed after tools had run; whatever `dispatchStep` throws before that.
 */
export async function runToolLoop(line: Line, request: StepRequest, options: LoopOptions): Promise<LoopResult> {
  const exchange: Message[] = []
  const calls: { call: ToolCallPart; result: ToolResultPart }[] = []
  const warnings = new Set<string>()
  let tools = [...options.tools]
  let usage = noUsage
  let costUsd: number | null = 0
  let loop: StepRequest['loop']
  let last: StepResult | undefined

  for (let number = 1; ; number += 1) {
    const left = request.maxCostUsd === undefined ? undefined : Math.max(0, request.maxCostUsd - (costUsd ?? 0))
    const isLast = number >= options.maxSteps
    const result: StepResult = await dispatchStep(
      line,
      {
        ...request,
        messages: [...request.messages, ...exchange],
        tools,
        toolChoice: isLast ? 'none' : 'auto',
        maxCostUsd: left,
        loop,
        holdsPlaceholders: true,
      },
      options,
    ).catch((error: unknown) => {
      if (last === undefined || !isOfStep(error)) throw error
      throw new LoopCutError({ last, exchange, calls }, { cause: error })
    })
    last = result
    exchange.push(result.message)
    usage = addUsage(usage, result.outcome.usage)
    costUsd = costUsd === null || result.outcome.costUsd === null ? null : costUsd + result.outcome.costUsd
    for (const warning of result.warnings) warnings.add(warning)
    const { toolCalls, decision } = result.outcome
    if (toolCalls.length === 0 || isLast) {
      if (isLast && options.maxSteps > 1) warnings.add(`the tool loop was ended after ${options.maxSteps} steps`)
      return { last: result, exchange, calls, usage, costUsd, warnings: [...warnings] }
    }
    const raw = await runCalls(toolCalls, result, options)
    const ran = raw.map((one) => ({ ...one, result: asSeen(one.result, line, request, result.outcome.model) }))
    exchange[exchange.length - 1] = asRun(result.message, ran)
    calls.push(...ran.map(({ call, ran: run, result: one }) => ({ call: run ?? call, result: one })))
    exchange.push({ role: 'user', content: ran.map(({ result: one }) => one) })
    tools = withMore(
      tools,
      ran.flatMap(({ more }) => more ?? []),
    )
    loop = { context: result.context, previousModel: result.outcome.model, parent: loop?.parent ?? decision }
  }
}

/** The answer with its calls as they were run. */
function asRun(message: Message, ran: readonly RanCall[]): Message {
  const calls = new Map(ran.flatMap(({ call, ran: run }) => (run === undefined ? [] : [[call.id, run]])))
  if (calls.size === 0) return message
  return { ...message, content: message.content.map((part) => (part.type === 'tool-call' ? (calls.get(part.id) ?? part) : part)) }
}

function isOfStep(error: unknown): error is Error {
  return [PolicyDeniedError, PoolExhaustedError, AnswerCutError, ProviderError].some((kind) => error instanceof kind)
}

/** The most characters of one result, and for each token of the model's window: what is longer than that is not sent at all. */
const maxResultCharacters = 60_000
const charactersPerWindowToken = 1

/** A result as the loop's models can read it: images in words where none of them sees, and texts cut. */
function asSeen(result: ToolResultPart, line: Line, request: StepRequest, answering: string): ToolResultPart {
  const { pool, model } = request
  const asked = poolsFor(line, request).filter((one) => pool === undefined || one.name === pool)
  const deployments = asked.flatMap((one) => one.deployments).filter((one) => model === undefined || one.id === model)
  const isSeen = deployments.some(({ toolCalls, modalities }) => toolCalls && modalities.includes('image'))
  const window = deployments.find(({ id }) => id === answering)?.contextTokens ?? maxResultCharacters
  let left = Math.min(maxResultCharacters, window * charactersPerWindowToken)
  const content = result.content.map((part): ToolResultPart['content'][number] => {
    if (part.type === 'image') return isSeen ? part : { type: 'text', text: '(an image: no model here can see it)' }
    const text = part.text.slice(0, left).toWellFormed()
    left -= text.length
    return text.length === part.text.length ? part : { type: 'text', text: `${text}\n[cut: ${part.text.length} characters in all]` }
  })
  return { ...result, content }
}

/**
 * Calls that only read run beside each other; the others one by one, in the order in which the model made them.
 * What the policy has left out of the step is refused, however the model came by its name.
 */
async function runCalls(
  calls: readonly ToolCallPart[],
  { outcome, context, plan, refusedTool, restore }: StepResult,
  options: LoopOptions,
) {
  const run = async (call: ToolCallPart): Promise<RanCall> => {
    const refused = refusedTool(call.name)
    if (refused === undefined) return { call, ...(await options.callTool(call, outcome.decision, context, restore)) }
    const text = `Cannot call ${call.name}: by the policy ${plan.policy}, ${refused}`
    return { call, result: { type: 'tool-result', id: call.id, name: call.name, content: [{ type: 'text', text }], isError: true } }
  }
  const started = new Map(calls.filter((call) => options.isParallel(call)).map((call) => [call, run(call)]))
  // A failure is awaited below, in its turn; until then it is not unhandled.
  for (const pending of started.values()) pending.catch(() => undefined)
  const results: RanCall[] = []
  for (const call of calls) results.push(await (started.get(call) ?? run(call)))
  return results
}

interface RanCall {
  readonly call: ToolCallPart
  readonly result: ToolResultPart
  readonly ran?: ToolCallPart
  readonly more?: readonly ToolDefinition[]
}

function withMore(tools: readonly ToolDefinition[], more: readonly ToolDefinition[]): ToolDefinition[] {
  const names = new Set(tools.map((tool) => tool.name))
  return [...tools, ...more.filter((tool) => !names.has(tool.name) && names.add(tool.name))]
}
