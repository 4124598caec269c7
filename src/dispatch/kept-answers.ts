import { createHash } from 'node:crypto'
import { type KeptAnswer, shareAskedAgain, surelyFits } from '../../memory/index.ts'
import { differencesOf, factsOf, isVolatile, pairFeaturesOf, sameQuestionHead, scorePair } from '../../models/local/pairs/index.ts'
import { type Message, textOf } from '../../models/message.ts'
import { type CachedFrom, noUsage } from '../../models/outcome.ts'
import type { Taint } from '../../models/taint.ts'
import { type AnswerCaching, type AnswerUse, answerCachingOf, chanceOf, type Policy } from '../../policies/index.ts'
import { canonicalJson } from '../../tools/definitions.ts'
import { holdsPrivate } from '../privacy/holds-private.ts'
import { answersLookedUp } from '../telemetry/metrics.ts'
import type { StepContext } from './context.ts'
import { extractivePool, type Line } from './line.ts'
import type { PlannedStep } from './plan-step.ts'
import { saySame } from './same-answer.ts'
import type { Served } from './serve.ts'
import type { StepRequest } from './step-request.ts'

/** What a caller may ask of kept answers: none is given and none kept, or none is given and the new one takes its place. */
export type CacheControl = 'no-store' | 'no-cache'

/** Who asks for so much chance wants another answer each time. */
const mostTemperature = 0.5
/** Longer answers are work, not answers to a question. */
const longestAnswer = 100_000

/** Why a step is not answered by what another one was answered; `undefined` where it may be. */
export function uncacheable(
  request: StepRequest,
  { context, taint, policy, ofRule }: { context: StepContext; taint: Taint; policy: Policy; ofRule: AnswerUse | undefined },
): string | undefined {
  // Who keeps nothing looks at nothing.
  if (policy.cache === undefined && (ofRule ?? 'off') === 'off') return undefined
  const { messages, tools = [], temperature = 0, cache, untranslated = [], loop, computerUse, logprobs, note } = request
  const parts = messages.flatMap(({ content }) => content)
  if (cache === 'no-store') return 'the caller wants nothing kept'
  if (loop !== undefined || parts.some(({ type }) => type === 'tool-call' || type === 'tool-result')) return 'it belongs to a tool loop'
  if (note !== undefined) return 'the model is told what is suspected'
  if (tools.length > 0 || computerUse === true) return 'tools are offered'
  if (parts.some(({ type }) => type !== 'text' && type !== 'reasoning')) return 'it has more than text'
  if (context.turns.length > 0) return 'earlier turns of its thread count'
  if (taint.untrustedRead) return 'text of others stands in it'
  if (temperature > mostTemperature) return `a temperature above ${mostTemperature} asks for another answer each time`
  if (logprobs === true) return 'log-probabilities are wanted'
  if ((policy.cache?.volatile_ttl_s ?? 0) === 0 && isVolatile(askedIn(request))) return 'what it asks for changes by itself'
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
export async function openKept(line: Line, planned: PlannedStep, signal: AbortSignal): Promise<KeptStep> {
  const { request, plan } = planned
  if (plan.cache.answers === 'off') return nothing
  try {
    if (await holdsPrivate(line.policy(), requestTexts(request))) return nothing
    const found = await look(line, planned, signal)
    line.meter.add(answersLookedUp, { found: found.hit === undefined ? 'none' : found.hit.match })
    const { principal } = request
    const source = found.hit?.key
    return {
      hit: found.hit && servedFrom(line, planned, found.hit),
      used: async () => {
        if (source !== undefined) await orWarn(line, 'note that an answer was given again', line.answers.used(principal, source))
      },
      keep: (served) => orWarn(line, 'keep an answer', keep(line, planned, found, served)),
    }
  } catch (error) {
    signal.throwIfAborted()
    line.log.warn('Cannot look for a kept answer', { error, decision: plan.decision })
    return nothing
  }
}

/** What was found out about a step before a model is asked. */
interface Looked {
  readonly key: string
  readonly caching: AnswerCaching
  readonly ttlMs: number
  readonly question: KeptAnswer['question']
  readonly hit?: Hit | undefined
  /** An answer that may fit, to be held against what the model says. */
  readonly rival?: Hit | undefined
}

interface Hit extends Pick<CachedFrom, 'match' | 'confidence'> {
  readonly key: string
  readonly answer: KeptAnswer
}

async function look(line: Line, planned: PlannedStep, signal: AbortSignal): Promise<Looked> {
  const { request, plan } = planned
  const caching = answerCachingOf(line.policy().cache, { ofRule: planned.answerUse, domain: plan.selection.domain ?? undefined })
  const ttlMs = isVolatile(askedIn(request)) ? caching.volatileTtlMs : caching.ttlMs
  const key = keyOf(planned)
  const isRenewed = request.cache === 'no-cache'
  const answer = isRenewed ? undefined : await usable(line, planned, key, ttlMs)
  if (answer !== undefined) return { key, caching, ttlMs, question: answer.question, hit: { key, answer, match: 'exact' } }
  const question = plan.cache.answers === 'semantic' ? await questionOf(line, planned, signal) : undefined
  if (question === undefined || isRenewed) return { key, caching, ttlMs, question }
  return { key, caching, ttlMs, question, ...(await semantic(line, planned, { question, caching, ttlMs, signal })) }
}

/** An answer counts while the plan would ask the pool that gave it and could ask its model, and while memory knows no more. */
async function usable(line: Line, planned: PlannedStep, key: string, ttlMs: number): Promise<KeptAnswer | undefined> {
  const found = await line.answers.get(planned.request.principal, key, { ttlMs })
  return found !== undefined && isStillMeant(planned, found) && isStillKnown(planned, found) ? found : undefined
}

/** Longer requests are work: no other words would ask for the same. */
const longestQuestion = 600
const nearest = 5
export const leastCosine = 0.6

/** The newest message as a question that others may ask in other words; `undefined` where it is none. */
async function questionOf(line: Line, { request }: PlannedStep, signal: AbortSignal): Promise<KeptAnswer['question']> {
  const text = askedIn(request)
  const { embedder } = sameQuestionHead()
  if (text.length > longestQuestion || !/\p{L}{2,}\P{L}+\p{L}{2,}/u.test(text) || line.embedderId !== embedder) return undefined
  try {
    const vector = await line.embedText(text, signal)
    return vector && { text, scope: scopeOf(request), embedder, vector }
  } catch (error) {
    signal.throwIfAborted()
    line.log.warn('Cannot embed a question; only the same request is answered from what is kept', { error })
    return undefined
  }
}

function askedIn({ messages }: StepRequest): string {
  const last = messages.at(-1)
  return last?.role === 'user' ? textOf(last.content) : ''
}

async function semantic(
  line: Line,
  planned: PlannedStep,
  {
    question,
    caching,
    ttlMs,
    signal,
  }: Pick<Looked, 'caching' | 'ttlMs'> & { question: NonNullable<Looked['question']>; signal: AbortSignal },
): Promise<Pick<Looked, 'hit' | 'rival'>> {
  const { principal } = planned.request
  const facts = factsOf(question.text)
  const alike = (await line.answers.near(principal, question, { limit: nearest })).filter(
    (one) => one.cosine >= leastCosine && differencesOf(facts, factsOf(one.text)).size === 0,
  )
  const near = await withConfidence(line, question.text, alike, signal)
  for (const { key, confidence, seen: own } of near.toSorted((one, other) => other.confidence - one.confidence)) {
    const answer = await usable(line, planned, key, ttlMs)
    if (answer === undefined) continue
    const evidence = { own, others: await line.answers.seen(principal, caching.domain, { but: key }) }
    const fits = { key, answer, match: 'semantic', confidence } as const
    const isSure = surelyFits(confidence, evidence) >= 1 - caching.targetError
    return isSure && chanceOf(planned.plan.decision)() >= shareAskedAgain(evidence) ? { hit: fits } : { rival: fits }
  }
  return {}
}

/** How surely each asks the same as the question; none where its words cannot be read. */
async function withConfidence<Near extends { readonly text: string; readonly cosine: number }>(
  line: Line,
  question: string,
  alike: readonly Near[],
  signal: AbortSignal,
): Promise<(Near & { readonly confidence: number })[]> {
  if (alike.length === 0) return []
  const [own, ...others] = (await line.embedWords([question, ...alike.map(({ text }) => text)], signal)) ?? []
  if (own === undefined) return []
  return alike.flatMap((one, at) => {
    const words = others[at]
    if (words === undefined) return []
    const features = pairFeaturesOf({ text: question, words: own }, { text: one.text, words }, one.cosine)
    return [{ ...one, confidence: scorePair(sameQuestionHead(), features) }]
  })
}

/** All that a model is given, and whom the plan asks. What does not change an answer is left out: money, names of clients, prompt caches. */
function keyOf(planned: PlannedStep): string {
  const { system, messages } = planned.request
  return hashOf([1, askedFor(planned.request), planned.plan.pool, system, messages.map(said)])
}

/** All but the words of the newest message. Where nothing else differs, these may be compared. */
function scopeOf(request: StepRequest): string {
  const { messages } = request
  const speaker = messages.at(-1)?.speaker
  return hashOf([1, askedFor(request), request.system, messages.slice(0, -1).map(said), ...(speaker === undefined ? [] : [speaker])])
}

function askedFor({ pool, model, maxOutputTokens, responseSchema, temperature, parameters, headers }: StepRequest): unknown[] {
  const { topP, stopSequences, reasoning } = parameters ?? {}
  return [pool, model, maxOutputTokens, responseSchema, temperature, topP, stopSequences, reasoning, headers]
}

function said({ role, content, speaker }: Message): unknown[] {
  return speaker === undefined ? [role, textsOf(content)] : [role, textsOf(content), speaker]
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

function isStillMeant({ plan }: PlannedStep, { pool, model }: { pool: string; model: string }): boolean {
  return pool === plan.pool && plan.candidates.some((one) => one.model === model)
}

/**
 * Whether memory adds nothing to the step that it had not added to the one that was answered. Other questions tell nothing, and
 * what models answered them was known to models.
 */
function isStillKnown({ request, context }: PlannedStep, found: KeptAnswer): boolean {
  const words = [...request.messages.map(({ content }) => textOf(content)), found.question?.text ?? '', found.text]
  const asked = factsOf(askedIn(request))
  return context.recalled.every(({ id, text, role }) => {
    if (found.recalled.includes(id) || role === 'assistant' || words.some((one) => one.includes(text.trim()))) return true
    return role === 'user' && (onlyAsks.test(text) || differencesOf(asked, factsOf(text)).size === 0)
  })
}

/** One sentence that is a question. */
const onlyAsks = /^[^.!;:\n]*\?\s*$/

function servedFrom({ now }: Line, { plan }: PlannedStep, { answer, match, confidence }: Hit): Served {
  const { pool, model, servedModel, text, decision, at } = answer
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
      cached: { decision, ageS: Math.max(0, Math.floor((now() - at) / 1000)), match, ...(confidence !== undefined && { confidence }) },
    },
    message: { role: 'assistant', content: [{ type: 'text', text }] },
    citations: [],
    warnings: [],
  }
}

async function keep(line: Line, { request, plan, context }: PlannedStep, looked: Looked, served: Served): Promise<void> {
  if (!isKeepable(served)) return
  const { key, caching, ttlMs, question, rival } = looked
  const { pool, model, servedModel, text } = served.outcome
  if (await holdsPrivate(line.policy(), [text])) return
  const { thread, principal } = request
  if (rival?.confidence !== undefined) {
    const same = await saySame(text, rival.answer.text, (one) => line.embedText(one, AbortSignal.timeout(longestComparisonMs)))
    if (same !== undefined) await line.answers.compared(principal, rival.key, { confidence: rival.confidence, same })
  }
  const recalled = context.recalled.map(({ id }) => id)
  const threads = [...new Set([thread, ...context.recalled.map((item) => item.thread)].filter((id) => id !== undefined))]
  const { domain, entries, domainEntries } = caching
  const answer = { decision: plan.decision, at: line.now(), pool, model, servedModel, text, threads, recalled, domain, question }
  await line.answers.keep(principal, key, answer, { ttlMs, entries, domainEntries })
}

const longestComparisonMs = 10_000

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
