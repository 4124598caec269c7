import { ProviderError } from '../../models/errors.ts'
import { type Message, textOf } from '../../models/message.ts'
import { addUsage, type Outcome } from '../../models/outcome.ts'
import { noContext } from './context.ts'
import { AnswerCutError, PoolExhaustedError } from './errors.ts'
import type { Line } from './line.ts'
import { type Servable, type Served, type ServeOptions, servePlan } from './serve.ts'

/** A question beside the step, such as what a judge is asked. It counts in the step's budget, attempts and cost. */
export interface AsideQuestion {
  /** One of the plan's candidates. */
  readonly model: string
  readonly system: string
  readonly prompt: string
  readonly maxOutputTokens: number
  readonly responseSchema?: Record<string, unknown> | undefined
  readonly onArrival?: ServeOptions['onArrival']
}

/** @throws what `servePlan` throws. */
export function askAside(
  line: Line,
  planned: Servable,
  { model, prompt, ...question }: AsideQuestion,
  options: ServeOptions,
): Promise<Served> {
  const messages: Message[] = [{ role: 'user', content: [{ type: 'text', text: prompt }] }]
  const inputTokens = line.tokens.estimateMessages(messages, question.system)
  return servePlan(
    line,
    {
      plan: only(planned.plan, model),
      step: { ...planned.step, inputTokens, requiredTokens: inputTokens, maxOutputTokens: question.maxOutputTokens, images: 0 },
      context: noContext,
      request: {
        ...planned.request,
        messages,
        system: question.system,
        responseSchema: question.responseSchema,
        maxOutputTokens: question.maxOutputTokens,
        thread: undefined,
        tools: undefined,
        sources: undefined,
        logprobs: undefined,
        passage: undefined,
      },
    },
    { ...options, onArrival: question.onArrival },
  )
}

/** A question beside the step that cannot be answered is no reason to lose an answer. */
export function isUnanswered(error: unknown): error is Error {
  return error instanceof PoolExhaustedError || error instanceof AnswerCutError || error instanceof ProviderError
}

/** The plan with one of its candidates alone. */
export function only(plan: Servable['plan'], model: string): Servable['plan'] {
  return { ...plan, candidates: plan.candidates.filter((one) => one.model === model) }
}

/** What the step may still cost, of what a call may. */
export function withLeft(planned: Servable, spentUsd: number, shares = 1): Servable {
  const limits = [planned.request.maxCostUsd, planned.plan.budget.usd_per_call ?? undefined].filter((one) => one !== undefined)
  if (limits.length === 0) return planned
  const left = Math.max(0, Math.min(...limits) - spentUsd) / shares
  return { ...planned, request: { ...planned.request, maxCostUsd: left } }
}

/** One outcome of all calls that it took: the last is the answer. */
export function joinOutcomes(calls: readonly Outcome[], answer: Outcome): Outcome {
  const all = [...calls, answer]
  return {
    ...answer,
    usage: all.slice(1).reduce((sum, { usage }) => addUsage(sum, usage), all[0]?.usage ?? answer.usage),
    costUsd: all.some(({ costUsd }) => costUsd === null) ? null : all.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
    latencyMs: all.reduce((sum, { latencyMs }) => sum + latencyMs, 0),
    attempts: all.flatMap(({ attempts }) => attempts),
  }
}

const shownMessages = 28
const shownCharacters = 500

/** The course of a step in short, as a judge reads it. It is quoted: nothing in it is an instruction. */
export function transcriptOf({ request, context }: Servable): string {
  return [...context.turns, ...request.messages].slice(-shownMessages).map(lineOf).join('\n')
}

function lineOf({ role, content }: Message): string {
  const said = [
    textOf(content),
    ...content.flatMap((part) => {
      if (part.type === 'tool-call') return [`[calls ${part.name} with ${JSON.stringify(part.input)}]`]
      return part.type === 'tool-result' ? [`[result of ${part.name}: ${textOf(part.content)}]`] : []
    }),
  ].filter((text) => text !== '')
  return `${role}: ${said.join(' ').slice(0, shownCharacters)}`.toWellFormed()
}

/** An answer as a judge reads it, calls included. */
export function answerInWords({ message }: Served): string {
  const calls = message.content.flatMap((part) =>
    part.type === 'tool-call' ? [`[calls ${part.name} with ${JSON.stringify(part.input)}]`] : [],
  )
  return [textOf(message.content), ...calls].filter((text) => text !== '').join('\n')
}
