import type { Message, ToolCallPart, ToolDefinition, ToolResultPart } from '../../models/message.ts'
import { addUsage, noUsage, type Usage } from '../../models/outcome.ts'
import { dispatchStep, type StepOptions, type StepRequest, type StepResult } from './dispatch.ts'
import type { Line } from './line.ts'

export interface LoopOptions extends StepOptions {
  /** Offered from the first step. */
  tools: readonly ToolDefinition[]
  /** Runs one call. A failure is a result with `isError`; a throw ends the loop. `more` are offered from the next step on. */
  callTool(call: ToolCallPart, decision: string): Promise<{ result: ToolResultPart; more?: readonly ToolDefinition[] }>
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

/**
 * Steps until the model answers without a call: each step is planned and dispatched on the line, and keeps its model.
 *
 * Bounded by steps, by the request's `maxCostUsd`, and by the signal. The last step is asked for an answer without tools.
 */
export async function runToolLoop(line: Line, request: StepRequest, options: LoopOptions): Promise<LoopResult> {
  const exchange: Message[] = []
  const calls: { call: ToolCallPart; result: ToolResultPart }[] = []
  const warnings = new Set<string>()
  let tools = [...options.tools]
  let usage = noUsage
  let costUsd: number | null = 0
  let loop: StepRequest['loop']

  for (let number = 1; ; number += 1) {
    const left = request.maxCostUsd === undefined ? undefined : Math.max(0, request.maxCostUsd - (costUsd ?? 0))
    const isLast = number >= options.maxSteps
    const result = await dispatchStep(
      line,
      { ...request, messages: [...request.messages, ...exchange], tools, toolChoice: isLast ? 'none' : 'auto', maxCostUsd: left, loop },
      options,
    )
    exchange.push(result.message)
    usage = addUsage(usage, result.outcome.usage)
    costUsd = costUsd === null || result.outcome.costUsd === null ? null : costUsd + result.outcome.costUsd
    for (const warning of result.warnings) warnings.add(warning)
    const { toolCalls, decision } = result.outcome
    if (toolCalls.length === 0 || isLast) {
      if (isLast && options.maxSteps > 1) warnings.add(`the tool loop was ended after ${options.maxSteps} steps`)
      return { last: result, exchange, calls, usage, costUsd, warnings: [...warnings] }
    }
    const ran = await runCalls(toolCalls, decision, options)
    calls.push(...ran.map(({ call, result: one }) => ({ call, result: one })))
    exchange.push({ role: 'user', content: ran.map(({ result: one }) => one) })
    tools = withMore(
      tools,
      ran.flatMap(({ more }) => more ?? []),
    )
    loop = { context: result.context, previousModel: result.outcome.model, parent: loop?.parent ?? decision }
  }
}

/** Calls that only read run beside each other; the others one by one, in the order in which the model made them. */
async function runCalls(calls: readonly ToolCallPart[], decision: string, options: LoopOptions) {
  const run = async (call: ToolCallPart) => ({ call, ...(await options.callTool(call, decision)) })
  const started = new Map(calls.filter((call) => options.isParallel(call)).map((call) => [call, run(call)]))
  // A failure is awaited below, in its turn; until then it is not unhandled.
  for (const pending of started.values()) pending.catch(() => undefined)
  const results: Awaited<ReturnType<typeof run>>[] = []
  for (const call of calls) results.push(await (started.get(call) ?? run(call)))
  return results
}

function withMore(tools: readonly ToolDefinition[], more: readonly ToolDefinition[]): ToolDefinition[] {
  const names = new Set(tools.map((tool) => tool.name))
  return [...tools, ...more.filter((tool) => !names.has(tool.name) && names.add(tool.name))]
}
