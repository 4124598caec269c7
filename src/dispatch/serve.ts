import { costOf } from '../../models/catalogue.ts'
import { type Message, type ToolCallPart, textOf } from '../../models/message.ts'
import { type Attempt, addUsage, noUsage, type Outcome } from '../../models/outcome.ts'
import type { Pool } from '../../models/pool.ts'
import type { Citation } from '../../models/provider.ts'
import { tracedMessages, tracedTexts } from '../privacy/traced-content.ts'
import { type Candidate, runAttempts } from './attempt.ts'
import type { Line } from './line.ts'
import type { PlannedStep } from './plan-step.ts'
import { poolsFor } from './pools-for.ts'
import { createCallPreparer } from './prepare-call.ts'
import { createRequestBuilder } from './request.ts'
import type { StepOptions } from './step-request.ts'

/** What of a planned step is sent. */
export type Servable = Pick<PlannedStep, 'request' | 'plan' | 'step' | 'context'>

export interface ServeOptions extends StepOptions {
  readonly onAttempt: (attempt: Attempt) => void
  /** Takes work of the books that the answer need not wait for. */
  readonly later?: ((work: Promise<void>) => void) | undefined
}

export interface Served {
  readonly outcome: Outcome
  /** The whole answer as the same model must have it back. */
  readonly message: Message
  readonly argumentLogprobs?: readonly number[] | undefined
  readonly citations: readonly Citation[]
  readonly warnings: readonly string[]
  /** Of several calls for one answer: what each was for and how it was judged, in sentences. */
  readonly way?: readonly string[] | undefined
  /** Whether a cascade went on to its strongest model. */
  readonly escalated?: boolean | undefined
  /** How many values of each kind the model got placeholders for. */
  readonly redacted?: Readonly<Record<string, number>> | undefined
  /** Puts the values back into arguments of a call that may be run, where the request keeps placeholders until then. */
  readonly restore?: ((input: Record<string, unknown>) => Record<string, unknown>) | undefined
}

/**
 * Sends a step to the candidates of its plan, one after the other, until one answers.
 *
 * @throws whatever `runAttempts` throws.
 */
export async function servePlan(line: Line, { request, plan, step, context }: Servable, options: ServeOptions): Promise<Served> {
  const pools = poolsFor(line, request)
  const build = createRequestBuilder(line, request, context, step, options.signal)
  const prepare = createCallPreparer(line, request, build)
  const content: Candidate['content'] = async (finish) => {
    const policy = line.policy()
    return {
      'gen_ai.system_instructions': request.system && (await tracedTexts(policy, [request.system]))[0],
      'gen_ai.input.messages': await tracedMessages(policy, [...context.turns, ...request.messages]),
      'gen_ai.output.messages': finish && (await tracedMessages(policy, [finish.message])),
    }
  }
  const deployments = new Map(pools.flatMap((pool) => pool.deployments.map((deployment) => [deployment.id, deployment])))
  const candidates = plan.candidates.flatMap(({ model }) => {
    const deployment = deployments.get(model)
    if (deployment === undefined) return []
    return [{ deployment, alone: isAlone(pools, model), prepare: prepare.of(deployment), content }]
  })
  const startedAt = line.now()
  const { onArrival } = options
  const { finish, attempts, deployment, warnings } = await runAttempts({
    candidates,
    health: line.health,
    clocks: line.clocks,
    signal: options.signal,
    onAttempt: options.onAttempt,
    onArrival: onArrival && ((arrival, { id }) => onArrival({ ...arrival, deployment: id, plan })),
    later: options.later,
    tracer: line.tracer,
    clock: line.now,
    cost: (deployment, usage) => (deployment.price === null ? null : costOf(usage, deployment.price)),
    brokenUsage: (characters) => ({ ...noUsage, inputTokens: step.inputTokens, outputTokens: Math.ceil(characters / 4) }),
    reserve: (deployment) =>
      line.budget.reserve({
        principal: request.principal,
        caps: request.caps,
        decision: plan.decision,
        deployment,
        step,
        maxCostUsd: request.maxCostUsd,
      }),
  })
  const pool = plan.candidates.find((one) => one.model === deployment.id)?.pool ?? plan.pool ?? ''
  const spent = attempts.reduce((sum, attempt) => sum + (attempt.costUsd ?? 0), 0)
  const costUsd = attempts.some((attempt) => attempt.costUsd === null) ? null : spent
  const outcome: Outcome = {
    decision: plan.decision,
    pool,
    model: deployment.id,
    ...(finish.servedModel !== undefined && { servedModel: finish.servedModel }),
    text: textOf(finish.message.content),
    toolCalls: finish.message.content.filter((part): part is ToolCallPart => part.type === 'tool-call'),
    usage: attempts.reduce((sum, attempt) => addUsage(sum, attempt.usage ?? noUsage), noUsage),
    costUsd,
    latencyMs: line.now() - startedAt,
    finishReason: finish.finishReason,
    ...(finish.rawFinishReason !== undefined && { rawFinishReason: finish.rawFinishReason }),
    attempts: [...attempts],
  }
  return {
    outcome,
    message: finish.message,
    argumentLogprobs: finish.argumentLogprobs,
    citations: finish.citations ?? [],
    warnings: [...build.warnings(), ...warnings],
    ...prepare.redactedFor(deployment),
  }
}

/** Whether no pool that holds the deployment holds another. */
function isAlone(all: readonly Pool[], model: string): boolean {
  const pools = all.filter((pool) => pool.deployments.some((deployment) => deployment.id === model))
  return pools.every((pool) => pool.deployments.length === 1)
}
