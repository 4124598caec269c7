import { createId } from '../../models/ids.ts'
import type { Message, ToolDefinition } from '../../models/message.ts'
import { type Attempt, noUsage, type Outcome } from '../../models/outcome.ts'
import type { Citation, ModelRequest, SourceText } from '../../models/provider.ts'
import type { RiskSeen, SessionRisk } from '../../models/risk.ts'
import { joinTaint, noTaint, type Taint } from '../../models/taint.ts'
import {
  type AnswerUse,
  assessStep,
  type Choice,
  createPlan,
  createStep,
  domainOf,
  mayOffer,
  modeOf,
  type Plan,
  type PlanInput,
  refusedTool,
  type Selector,
  type Step,
  stageLetter,
  troubleOf,
} from '../../policies/index.ts'
import { type Commitment, objectionTo } from '../commitments.ts'
import type { TaughtStep } from '../learning/routing/routing.ts'
import { redactions } from '../telemetry/metrics.ts'
import type { Span } from '../telemetry/tracer.ts'
import { coolingRefusal } from './attempt.ts'
import type { SpendCap } from './budget.ts'
import { serveCascade } from './cascade.ts'
import { assembleContext, limitContext, noContext, type StepContext } from './context.ts'
import { type ConversationStep, conversationKey, headOf, keepConversation, seenBefore } from './conversation-step.ts'
import { countAttempt, countEnd, countPlan } from './count-step.ts'
import { PolicyDeniedError, PoolExhaustedError } from './errors.ts'
import { type GroundedServed, serveGrounded, signsOf } from './grounding.ts'
import { type Heard, hearWhole } from './heard.ts'
import { type CacheControl, openKept, uncacheable } from './kept-answers.ts'
import { extractivePool, type Line } from './line.ts'
import { servePanel } from './panel.ts'
import type { Passage } from './passage.ts'
import { poolsFor } from './pools-for.ts'
import { recordDecision, recordShown } from './record.ts'
import { cacheKeyOf } from './request.ts'
import { type Served, type ServeOptions, servePlan } from './serve.ts'
import { fewerTools, sessionWarnings, withinSession } from './session-budget.ts'
import { tellOfOutcome, tellOfPlan } from './trace-step.ts'

export interface StepRequest {
  principal: string
  client: string | undefined
  /** The id of a thread that exists; without one the step has no memory. */
  thread: string | undefined
  messages: readonly Message[]
  system?: string | undefined
  /** Whether the caller reaches the pool: one that it does not reach is not there. Without it the step is nobody's, and all are. */
  mayUsePool?: ((pool: string) => boolean) | undefined
  /** What the caller's key may spend in all. */
  caps?: readonly SpendCap[] | undefined
  pool?: string | undefined
  model?: string | undefined
  maxOutputTokens?: number | undefined
  maxCostUsd?: number | undefined
  responseSchema?: Record<string, unknown> | undefined
  temperature?: number | undefined
  /** What else the caller asks of the model. */
  parameters?: ModelParameters | undefined
  /** Which conversation a step belongs to that has no thread. */
  conversation?: string | undefined
  /** The conversation that this one was parted from: the best guess for its beginning. */
  partedFrom?: string | undefined
  /** The request as it came over the wire, for deployments that speak its format. */
  passage?: Passage | undefined
  background?: boolean | undefined
  /** The pool that the configuration names for background work, if it does. */
  backgroundPool?: string | undefined
  /** Whether memory adds nothing to it, though it belongs to a thread. */
  withoutMemory?: boolean | undefined
  /** Whether the answer is to be actions on a screen. */
  computerUse?: boolean | undefined
  roles?: readonly string[] | undefined
  /** What the client says of the step. */
  metadata?: Readonly<Record<string, string>> | undefined
  tools?: readonly ToolDefinition[] | undefined
  toolChoice?: ModelRequest['toolChoice']
  /** Whether the log-probabilities of tool arguments are wanted. */
  logprobs?: boolean | undefined
  /** For the provider, by the rule that decides. */
  headers?: ModelRequest['headers']
  /** What has come into the work by now, beside what memory adds. */
  taint?: (() => Taint) | undefined
  /** Files and other texts that came with the request, for answers that cite. */
  sources?: readonly SourceText[] | undefined
  /** Whether arguments of calls keep placeholders until whoever runs the calls has seen that it may. */
  holdsPlaceholders?: boolean | undefined
  /** What the caller says of kept answers. */
  cache?: CacheControl | undefined
  /** What of the request no vocabulary of ours has a word for. */
  untranslated?: readonly string[] | undefined
  /** Inside a loop: what is already known of it. */
  loop?: { context: StepContext; previousModel: string | undefined; parent: string } | undefined
}

export type ModelParameters = Pick<
  ModelRequest,
  'topP' | 'stopSequences' | 'reasoning' | 'parallelToolCalls' | 'systemCacheBreakpoint' | 'cacheKey'
>

export interface StepResult {
  plan: Plan
  outcome: Outcome
  /** The whole answer as the same model must have it back. */
  message: Message
  /** Of the tokens of tool arguments, where they were wanted and the provider gives them. */
  argumentLogprobs?: readonly number[] | undefined
  citations: readonly Citation[]
  warnings: string[]
  context: StepContext
  redacted?: Served['redacted']
  restore?: Served['restore']
  /** Why the model must not call a tool in this step, in a sentence; `undefined` when it may. */
  refusedTool: (tool: string) => string | undefined
}

export interface StepOptions {
  signal: AbortSignal
  /** What arrives of the answer, from its first content on. What it returns is waited for: a slow caller slows the provider down. */
  onArrival?: ((arrival: Heard) => void | Promise<void>) | undefined
  onSpend?: ((usd: number) => void) | undefined
  /** What a guard has said of the answer on its way to its caller: it is written down with it. */
  guarded?: (() => readonly unknown[]) | undefined
}

const defaultMaxOutputTokens = 4096
const contextBudgetTokens = 12_000

/**
 * The line: one step, one direction.
 *
 * recall → signals → policy → plan → dispatch → outcome → learn. Remembering is the caller's last act, since a
 * tool loop is remembered as one exchange. Each decision is recorded, also one that nobody could answer.
 *
 * @throws {PolicyDeniedError} When no deployment is eligible, and whatever `runAttempts` throws.
 * @throws {PoolExhaustedError} When those that are eligible are all cooling down: it says how long at least.
 */
export function dispatchStep(line: Line, request: StepRequest, options: StepOptions): Promise<StepResult> {
  return line.tracer.span('signalbox.step', {}, (span) => runStep(line, request, options, span))
}

async function runStep(line: Line, request: StepRequest, options: StepOptions, span: Span): Promise<StepResult> {
  const begunAt = performance.now()
  const planned = await planStep(line, request, options)
  const { plan, step, context } = planned
  const { meter, tracer } = line
  countPlan(meter, plan, performance.now() - begunAt)
  tellOfPlan(span, planned)
  const kept = plan.pool === null ? undefined : await openKept(line, planned, options.signal)
  if (kept?.hit !== undefined) span.set({ 'signalbox.answer': 'kept' })
  if (kept?.hit !== undefined) return giveAgain(line, planned, { ...kept, hit: kept.hit }, options)
  const taught = taughtStep(line, planned)
  // Nobody waits for what is written down, and all of it goes into one commit.
  const books = [noteShown(line, taught), noteRisk(line, planned), noteBoundary(line, planned)]
  const attempts: Attempt[] = []
  const onAttempt = (attempt: Attempt) => {
    attempts.push(attempt)
    countAttempt(meter, attempt)
    if (typeof attempt.costUsd === 'number') options.onSpend?.(attempt.costUsd)
  }
  try {
    if (plan.pool === null) throw refusalOf(line, plan, planned.wouldAnswer)
    const serving = { ...options, onAttempt, later: (work: Promise<void>) => void books.push(work) }
    const result = await serveGrounded(line, planned, serving, (one, heard) => serveWay(line, one, heard))
    const { grounding } = result.outcome
    learn(line, step, result.outcome)
    countEnd(meter, plan, 'answered', result.outcome.pool)
    tellOfOutcome(span, result.outcome)
    for (const [kind, count] of Object.entries(result.redacted ?? {})) meter.add(redactions, { kind }, count)
    const guarded = options.guarded?.() ?? []
    const [warnings] = await tracer.span('signalbox.learn', { leaf: true }, () =>
      Promise.all([
        recordDecision(line, planned, {
          ...result.outcome,
          text: result.outcome.text.slice(0, 2000).toWellFormed(),
          ...(result.way !== undefined && { way: result.way }),
          ...(result.redacted !== undefined && { redacted: result.redacted }),
          ...(guarded.length > 0 && { guard: guarded }),
        }),
        noteEnded(line, taught, result),
        noteSpent(line, planned, result.outcome),
        keepConversation(line, planned, result.outcome),
        grounding?.verdict === 'partly' || grounding?.verdict === 'ungrounded' ? undefined : kept?.keep(result),
        ...books,
      ]),
    )
    return {
      ...result,
      plan,
      context,
      refusedTool: planned.refusedTool,
      warnings: [...context.warnings, ...sessionWarnings(plan.budget.session), ...result.warnings, ...warnings],
    }
  } catch (error) {
    const left = attempts.findLast(({ firstContentMs }) => firstContentMs !== undefined)
    if (options.signal.aborted && left !== undefined) {
      const { deployment, costUsd = null } = left
      books.push(line.routing.ended(taught, { model: deployment, costUsd }, [{ sign: 'abandoned', source: 'harness' }]))
    }
    countEnd(meter, plan, options.signal.aborted ? 'left' : plan.pool === null ? 'refused' : 'failed')
    const recorded = Promise.all([recordDecision(line, planned, failureOf(error, attempts)), ...books])
    // A client over HTTP is told at once: what is written down is on its way.
    if (request.passage === undefined) await recorded
    throw error
  }
}

/** An answer that was kept is a decision of its own. It costs nothing, and teaches nothing: no model was asked. */
async function giveAgain(
  line: Line,
  planned: PlannedStep,
  { hit, used }: { hit: Served; used: () => Promise<void> },
  options: StepOptions,
): Promise<StepResult> {
  const { plan, context, refusedTool } = planned
  options.signal.throwIfAborted()
  await hearWhole(hit, plan, { onArrival: options.onArrival })
  countEnd(line.meter, plan, 'kept')
  const text = hit.outcome.text.slice(0, 2000).toWellFormed()
  const [warnings] = await Promise.all([recordDecision(line, planned, { ...hit.outcome, text }), used()])
  return { ...hit, plan, context, refusedTool, warnings: [...context.warnings, ...warnings] }
}

/** Counts for its session. A step by itself is none. */
async function noteSpent({ sessionBudgets }: Line, { plan, request }: PlannedStep, { usage, costUsd }: Outcome): Promise<void> {
  const key = conversationKey(request)
  if (key === undefined || request.background === true) return
  const tokens = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens + usage.outputTokens
  await sessionBudgets.add(request.principal, key, { tokens, usd: costUsd, domain: plan.selection.domain ?? undefined })
}

/** An answer that was given up for another one counts for the model that gave it. */
async function noteEnded(line: Line, taught: TaughtStep, { outcome, escalated, givenUp }: GroundedServed): Promise<void> {
  if (givenUp !== undefined) await line.routing.ended(taught, givenUp, signsOf(givenUp.grounding))
  await line.routing.ended(taught, { ...outcome, escalated }, signsOf(outcome.grounding))
}

/** What this step shows of the one before it. */
async function noteShown(line: Line, taught: TaughtStep): Promise<void> {
  await recordShown(line, taught.step.principal, await line.routing.begins(taught))
}

/** What was seen of a message counts for its session, also where nobody answers it. */
async function noteRisk(line: Line, { plan, step, request, seen }: PlannedStep): Promise<void> {
  if (step.kind !== 'background') await line.risks.add(request.principal, conversationKey(request) ?? plan.decision, step.risk, seen)
}

/** What a person says in passing may be meant as a boundary: its owner is told where they are listed. */
async function noteBoundary({ commitments }: Line, { step, request }: PlannedStep): Promise<void> {
  if (step.kind === 'user_turn' && step.text !== '') await commitments.propose(request.principal, step.text)
}

/** One model after the other until one answers, unless the selector has another way. A cascade that went on before stays where it is. */
function serveWay(line: Line, planned: PlannedStep, options: ServeOptions): Promise<Served> {
  const { way } = planned.selector
  if (way?.kind === 'panel') return servePanel(line, planned, way, options)
  return way?.kind === 'cascade' && !planned.escalated ? serveCascade(line, planned, way, options) : servePlan(line, planned, options)
}

function taughtStep(line: Line, { plan, step, context, request, selector }: PlannedStep): TaughtStep {
  const named = new Set(plan.candidates.map(({ model }) => model))
  const candidates = new Map(
    poolsFor(line, request)
      .flatMap(({ deployments }) => deployments)
      .flatMap((one) => (named.has(one.id) ? [[one.id, one]] : [])),
  )
  return {
    plan,
    step,
    selector,
    parent: request.loop?.parent,
    tainted: step.taint.untrustedRead || context.tainted,
    candidates: [...candidates.values()],
  }
}

export interface PlannedStep {
  readonly plan: Plan
  readonly step: Step
  readonly context: StepContext
  /** What the plan makes of the request that was given. */
  readonly request: StepRequest
  readonly refusedTool: StepResult['refusedTool']
  /** Of the rule that decides. */
  readonly selector: Selector
  /** What the rule that decides says of kept answers. */
  readonly answerUse: AnswerUse | undefined
  /** Whether a cascade went on to its strongest model earlier in this thread or loop. */
  readonly escalated: boolean
  /** What was known of the conversation, and what this step adds to it. */
  readonly conversation: ConversationStep
  /** Deployments that could not be called at that moment. */
  readonly resting: readonly string[]
  /** What signals that look for attacks have seen of the step. */
  readonly seen: readonly RiskSeen[]
  /** Whom a plan that names nobody would name if nobody had to rest. */
  readonly wouldAnswer: readonly string[]
}

/** The line up to the plan: nothing is sent anywhere. */
export async function planStep(line: Line, given: StepRequest, options: { signal: AbortSignal }): Promise<PlannedStep> {
  const { tracer } = line
  const remembered = given.loop?.context ?? (await contextOf(line, given, options.signal))
  const leftUsd = await line.budget.left(given.caps ?? [])
  const policy = line.policy()
  const pools = poolsFor(line, given)
  const [budget, now] = [await line.budget.limits(), line.now()]
  const known = await line.conversations.get(given.principal, conversationKey(given))
  const before = known ?? (await line.conversations.get(given.principal, given.partedFrom))
  const risk = await riskOf(line, given)
  const described = describeStep(line, { ...given, maxCostUsd: lowest(given.maxCostUsd, leftUsd) }, remembered, before?.model, risk)
  const state = (deployment: string) => line.health.state(deployment)
  const assessment = await tracer.span('signalbox.signals', { leaf: true }, async (span) => {
    const made = await assessStep(policy, described, { ...options, live: { now, budget, pools, state } })
    for (const { signal, value } of made.readings) span.set({ [`signalbox.signal.${signal}`]: value })
    return made
  })
  const { readings } = assessment
  const session = given.background
    ? undefined
    : await line.sessionBudgets.standing(given.principal, conversationKey(given), domainOf(readings))
  const choice = withinSession(assessment.choice, session)

  const context = limitContext(remembered, choice.action.context ?? {}, line.tokens)
  const commitments = await line.commitments.inForce(given.principal)
  const permitted = withinCommitments(asPlanned(given, choice.action), commitments)
  const request = { ...permitted, tools: fewerTools(permitted.tools, usedTools(described), session) }
  const step = {
    ...described,
    inputTokens: described.requiredTokens + context.tokens,
    maxOutputTokens: request.maxOutputTokens ?? defaultMaxOutputTokens,
  }
  const isCascade = choice.action.selector.way?.kind === 'cascade'
  const escalated = isCascade && (await line.routing.isEscalated(given.principal, { thread: given.thread, loop: given.loop?.parent }))
  const conversation: ConversationStep = {
    before,
    head: headOf(request, context),
    stage: stageLetter(policy, readings),
    troubled: troubleOf(policy, readings) !== undefined,
  }
  const input: PlanInput = {
    decision: createId('decision'),
    step,
    policy,
    ...assessment,
    choice,
    session,
    pools,
    availability: (deployment) => line.health.availability(deployment),
    state,
    estimate: (deployment) => line.budget.estimate(deployment, step.inputTokens, step.maxOutputTokens),
    vector: await vectorFor(line, step, choice, options.signal),
    knowledge: line.routing.knowledge(),
    escalated,
    budget,
    context: { turns: context.turns.length, recalled: context.recalled.length, tokens: context.tokens },
    tools: (request.tools ?? []).map((tool) => tool.name),
    commitments: commitments.map(({ id, text }) => ({ id, text })),
    cacheKey: cacheKeyOf(request),
    uncacheable: uncacheable(request, { context: remembered, taint: step.taint, policy, ofRule: choice.action.cache }),
    conversation: before && {
      conversation: before,
      seen: seenBefore(conversation, step),
      past: policy.hold === null ? [] : await line.conversations.past(given.principal),
    },
    extractivePool,
    now,
  }
  const plan = await tracer.span('signalbox.policy', { leaf: true }, async (span) => {
    const made = createPlan(input)
    span.set({
      'signalbox.policy': made.policy,
      'signalbox.rule': made.rule,
      'signalbox.rules_fired': made.fired.map(({ rule }) => rule),
      'signalbox.selector': made.selector,
      'signalbox.candidates': made.candidates.map(({ model }) => model),
      'signalbox.rejected': made.rejected.map(({ model, reason }) => `${model}: ${reason}`),
    })
    return made
  })
  const resting = pools.flatMap(({ deployments }) =>
    deployments.flatMap(({ id }) => (input.availability(id).state === 'ready' ? [] : [id])),
  )
  return {
    plan,
    step,
    context,
    request,
    conversation,
    refusedTool: (tool) => refusedTool(tool, choice) ?? objectionTo(commitments, { tool: { name: tool, effect: undefined } })?.why,
    selector: choice.action.selector,
    answerUse: choice.action.cache,
    escalated,
    resting,
    seen: readings.flatMap((reading) => reading.seen ?? []),
    wouldAnswer: plan.pool === null ? regardlessOfRest(input) : [],
  }
}

/** What somebody has laid down takes a tool out of the offer where its name alone says that it would be against it. */
function withinCommitments(request: StepRequest, commitments: readonly Commitment[]): StepRequest {
  if (request.tools === undefined || commitments.length === 0) return request
  return {
    ...request,
    tools: request.tools.filter(({ name }) => objectionTo(commitments, { tool: { name, effect: undefined } }) === undefined),
  }
}

function usedTools({ history }: Step): Set<string> {
  return new Set(history.flatMap(({ content }) => content.flatMap((part) => (part.type === 'tool-call' ? [part.name] : []))))
}

/** A selector that cannot have the vector says what it does without. */
async function vectorFor(line: Line, step: Step, { action }: Choice, signal: AbortSignal): Promise<Float32Array | undefined> {
  if (action.selector.needsVector !== true || step.text === '') return undefined
  try {
    return await line.embedText(step.text, signal)
  } catch (error) {
    signal.throwIfAborted()
    line.log.warn('Cannot embed a step for the selector', { error })
    return undefined
  }
}

/** What the rule sets where the caller said nothing, and the tools that it leaves. */
function asPlanned(request: StepRequest, { tools: allowed, request: parameters = {}, headers }: Choice['action']): StepRequest {
  return {
    ...request,
    tools: request.tools?.filter(({ name }) => mayOffer(name, allowed)),
    maxOutputTokens: request.maxOutputTokens ?? parameters.max_output_tokens,
    temperature: request.temperature ?? parameters.temperature,
    headers,
  }
}

function lowest(one: number | undefined, other: number | undefined): number | undefined {
  if (one === undefined || other === undefined) return one ?? other
  return Math.min(one, other)
}

/** Whom the plan would name if nobody were cooling down. */
function regardlessOfRest(input: PlanInput): string[] {
  return createPlan({ ...input, availability: () => ({ state: 'ready' }) }).candidates.map(({ model }) => model)
}

function refusalOf({ health, now }: Line, plan: Plan, resting: readonly string[]): PolicyDeniedError | PoolExhaustedError {
  const refusals = resting.flatMap((deployment) => {
    const refusal = coolingRefusal(health, deployment, now())
    return refusal === undefined ? [] : [{ deployment, ...refusal }]
  })
  if (refusals.length === 0) return new PolicyDeniedError(plan)
  const [soonest] = refusals.toSorted((left, right) => (left.retryAfterMs ?? Infinity) - (right.retryAfterMs ?? Infinity))
  const kind = soonest && health.state(soonest.deployment).lastError?.kind
  const attempts = refusals.map(({ deployment, kind, message }) => ({
    deployment,
    startedAt: now(),
    durationMs: 0,
    error: { kind, message },
  }))
  return new PoolExhaustedError(attempts, { kind: kind ?? 'unavailable', retryAfterMs: soonest?.retryAfterMs })
}

function contextOf(
  line: Line,
  { principal, thread, messages, withoutMemory }: StepRequest,
  signal: AbortSignal,
): Promise<StepContext> | StepContext {
  if (thread === undefined || withoutMemory === true) return noContext
  return line.tracer.span('signalbox.recall', { leaf: true }, async (span) => {
    const context = await assembleContext({ principal, thread, messages, budgetTokens: contextBudgetTokens, signal }, line)
    span.set({ 'signalbox.turns': context.turns.length, 'signalbox.recalled': context.recalled.length })
    return context
  })
}

/** Of its own session, or of the one that it was parted from, and of its caller. */
async function riskOf({ risks }: Line, given: StepRequest): Promise<SessionRisk> {
  const [own, caller] = await Promise.all([risks.get(given.principal, conversationKey(given)), risks.ofCaller(given.principal)])
  const session = own ?? (await risks.get(given.principal, given.partedFrom))
  return { ...session, ...(caller !== undefined && { caller }) }
}

function describeStep(line: Line, request: StepRequest, context: StepContext, previousModel: string | undefined, risk: SessionRisk): Step {
  const mode = modeOf(request.messages, request.tools?.length ?? 0)
  const own = line.tokens.estimateMessages(request.messages, request.system, request.tools, mode)
  return createStep({
    messages: request.messages,
    requiredTokens: own,
    inputTokens: own + context.tokens,
    maxOutputTokens: request.maxOutputTokens ?? defaultMaxOutputTokens,
    principal: request.principal,
    background: request.background ?? false,
    backgroundPool: request.backgroundPool,
    thread: request.thread,
    client: request.client,
    toolsOffered: request.tools?.length ?? 0,
    previousModel: request.loop?.previousModel ?? previousModel,
    askedPool: request.pool,
    askedModel: request.model,
    maxCostUsd: request.maxCostUsd,
    taint: joinTaint(context.taint, request.taint?.() ?? noTaint),
    risk,
    earlier: context.turns,
    roles: request.roles,
    metadata: request.metadata,
    computerUse: request.computerUse,
  })
}

/** What the outcome teaches at once: how many bytes a token has for this kind of step there. */
function learn(line: Line, step: Step, { attempts }: Outcome): void {
  const usage = attempts.at(-1)?.usage ?? noUsage
  const inputTokens = usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens
  if (step.images === 0 && inputTokens > 0) line.tokens.observe(step.mode, step.inputTokens, inputTokens)
}

function failureOf(error: unknown, attempts: readonly Attempt[]) {
  const refused = error instanceof PoolExhaustedError ? error.attempts : attempts
  return { error: error instanceof Error ? error.message : String(error), attempts: refused }
}
