import { createHash } from 'node:crypto'
import type { Answers } from '../../memory/index.ts'
import { type Message, textOf } from '../../models/message.ts'
import { type CachedFrom, noUsage } from '../../models/outcome.ts'
import type { Taint } from '../../models/taint.ts'
import { type AnswerCaching, answerCachingOf } from '../../policies/index.ts'
import { canonicalJson } from '../../tools/definitions.ts'
import { holdsPrivate } from '../privacy/holds-private.ts'
import type { StepContext } from './context.ts'
import type { PlannedStep, StepRequest } from './dispatch.ts'
import { extractivePool, type Line } from './line.ts'
import type { Served } from './serve.ts'

/** What a caller may ask of kept answers: none is given and none kept, or none is given and the new one takes its place. */
export type CacheControl = 'no-store' | 'no-cache'

/** Who asks for so much chance wants another answer each time. */
const mostTemperature = 0.5
/** Longer answers are work, not answers to a question. */
const longestAnswer = 100_000

/** Why a step is not answered by what another one was answered; `undefined` where it may be. */
export function uncacheable(request: StepRequest, context: StepContext, taint: Taint): string | undefined {
  const { messages, tools = [], temperature = 0, cache, untranslated = [], loop, computerUse, logprobs } = request
  const parts = messages.flatMap(({ content }) => content)
  if (cache === 'no-store') return 'the caller wants nothing kept'
  if (loop !== undefined || parts.some(({ type }) => type === 'tool-call' || type === 'tool-result')) return 'it belongs to a tool loop'
  if (tools.length > 0 || computerUse === true) return 'tools are offered'
  if (parts.some(({ type }) => type !== 'text' && type !== 'reasoning')) return 'it has more than text'
  if (context.turns.length > 0) return 'earlier turns of its thread count'
  if (taint.untrustedRead) return 'text of others stands in it'
  if (temperature > mostTemperature) return `a temperature above ${mostTemperature} asks for another answer each time`
  if (logprobs === true) return 'log-probabilities are wanted'
  if (untranslated.length > 0) return `nobody knows what ${untranslated.join(', ').slice(0, 200)} makes of the answer`
  return undefined
}

/** A step for which an answer may be kept already. */
export interface KeptStep {
  /** The answer, if there is one. */
  readonly hit: Served | undefined
  /** Notes that it was given. */
  used(): Promise<void>
  /** Keeps what a model answered, if it may be kept. */
  keep(served: Served): Promise<void>
}

const nothing: KeptStep = { hit: undefined, used: async () => undefined, keep: async () => undefined }

/** Looks whether the step is answered already. What goes wrong with it costs a call of a model, and no answer. */
export async function openKept(line: Line, planned: PlannedStep): Promise<KeptStep> {
  const caching = cachingOf(line, planned)
  if (planned.plan.cache.answers === 'off') return nothing
  try {
    const ttlMs = caching.ttlMs
    if (await holdsPrivate(line.policy(), requestTexts(planned.request))) return nothing
    const key = keyOf(planned)
    const hit = planned.request.cache === 'no-cache' ? undefined : await exactHit(line, planned, key, ttlMs)
    const used = () => orWarn(line, 'note that an answer was given again', line.answers.used(planned.request.principal, key))
    return { hit, used, keep: (served) => orWarn(line, 'keep an answer', keep(line, planned, { key, caching, ttlMs }, served)) }
  } catch (error) {
    line.log.warn('Cannot look for a kept answer', { error })
    return nothing
  }
}

function cachingOf(line: Pick<Line, 'policy'>, { plan, answerUse }: PlannedStep): AnswerCaching {
  return answerCachingOf(line.policy().cache, { ofRule: answerUse, domain: plan.selection.domain ?? undefined })
}

/** All that a model is given, and whom the plan asks. What does not change an answer is left out: money, names of clients, prompt caches. */
function keyOf({ request, plan }: PlannedStep): string {
  const { system, messages, pool, model, responseSchema, temperature, parameters, headers } = request
  const { topP, stopSequences, reasoning } = parameters ?? {}
  const asked = [pool, model, plan.pool, request.maxOutputTokens, responseSchema, temperature, topP, stopSequences, reasoning, headers]
  return hashOf([1, asked, system, messages.map(({ role, content }) => [role, textsOf(content)])])
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('base64url')
}

function textsOf(content: Message['content']): string[] {
  return content.flatMap((part) => (part.type === 'text' ? [part.text] : []))
}

function requestTexts({ system, messages }: StepRequest): string[] {
  return [...(system === undefined ? [] : [system]), ...messages.flatMap(({ content }) => textsOf(content))]
}

/** An answer counts while the plan would ask the pool that gave it, and could ask the model. */
async function exactHit(line: Line, planned: PlannedStep, key: string, ttlMs: number): Promise<Served | undefined> {
  const { principal } = planned.request
  const found = await line.answers.get(principal, key, { ttlMs })
  if (found === undefined || !isStillMeant(planned, found) || !isStillKnown(planned, found)) return undefined
  return servedFrom(line, planned, found, { match: 'exact' })
}

function isStillMeant({ plan }: PlannedStep, { pool, model }: { pool: string; model: string }): boolean {
  return pool === plan.pool && plan.candidates.some((one) => one.model === model)
}

/** Whether memory adds nothing to the step that it had not added to the one that was answered, but the words of both themselves. */
function isStillKnown({ request, context }: PlannedStep, found: Found): boolean {
  const words = [...request.messages.map(({ content }) => textOf(content)), found.question?.text ?? '', found.text]
  return context.recalled.every(({ id, text }) => found.recalled.includes(id) || words.some((one) => one.includes(text.trim())))
}

type Found = NonNullable<Awaited<ReturnType<Answers['get']>>>

function servedFrom({ now }: Line, { plan }: PlannedStep, found: Found, how: Pick<CachedFrom, 'match' | 'confidence'>): Served {
  const { pool, model, servedModel, text, decision, at } = found
  return {
    outcome: {
      decision: plan.decision,
      pool,
      model,
      ...(servedModel !== undefined && { servedModel }),
      text,
      toolCalls: [],
      usage: noUsage,
      costUsd: 0,
      latencyMs: 0,
      finishReason: 'stop',
      attempts: [],
      cached: { decision, ageS: Math.max(0, Math.floor((now() - at) / 1000)), ...how },
    },
    message: { role: 'assistant', content: [{ type: 'text', text }] },
    citations: [],
    warnings: [],
  }
}

interface Keeping {
  readonly key: string
  readonly caching: AnswerCaching
  readonly ttlMs: number
}

async function keep(line: Line, { request, plan, context }: PlannedStep, { key, caching, ttlMs }: Keeping, served: Served): Promise<void> {
  if (!isKeepable(served)) return
  const { pool, model, servedModel, text } = served.outcome
  if (await holdsPrivate(line.policy(), [text])) return
  const { thread, principal } = request
  const { domain, entries, domainEntries } = caching
  const recalled = context.recalled.map(({ id }) => id)
  const threads = [...new Set([thread, ...context.recalled.map((item) => item.thread)].filter((id) => id !== undefined))]
  const answer = { decision: plan.decision, at: line.now(), pool, model, servedModel, text, threads, recalled, domain }
  await line.answers.keep(principal, key, answer, { ttlMs, entries, domainEntries })
}

/** Nobody's answer depends on it. */
async function orWarn(line: Pick<Line, 'log'>, what: string, work: Promise<unknown>): Promise<void> {
  try {
    await work
  } catch (error) {
    line.log.warn(`Cannot ${what}`, { error })
  }
}

/** A whole answer in words alone, which its reader can take without looking anything up. */
function isKeepable({ outcome, message, citations, redacted }: Served): boolean {
  const { finishReason, text, pool, attempts } = outcome
  const inWords = message.content.every(({ type }) => type === 'text' || type === 'reasoning')
  const isWhole = finishReason === 'stop' && text.trim() !== '' && text === textOf(message.content)
  return (
    inWords &&
    isWhole &&
    text.length <= longestAnswer &&
    citations.length === 0 &&
    redacted === undefined &&
    pool !== extractivePool &&
    attempts.length > 0
  )
}
