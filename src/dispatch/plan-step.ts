import { createId } from '../../models/ids.ts'
import type { RiskSeen, SessionRisk } from '../../models/risk.ts'
import { joinTaint, noTaint } from '../../models/taint.ts'
import {
  type AnswerUse,
  assessStep,
  type Choice,
  createPlan,
  createStep,
  domainOf,
  mayOffer,
  modeOf,
  noteOf,
  type Plan,
  type PlanInput,
  refusedTool,
  type Selector,
  type Step,
  stageLetter,
  troubleOf,
} from '../../policies/index.ts'
import { type Commitment, objectionTo } from '../commitments.ts'
import { assembleContext, limitContext, noContext, type StepContext } from './context.ts'
import { type ConversationStep, conversationKey, headOf, seenBefore } from './conversation-step.ts'
import { uncacheable } from './kept-answers.ts'
import { extractivePool, type Line } from './line.ts'
import { poolsFor } from './pools-for.ts'
import { cacheKeyOf } from './request.ts'
import { fewerTools, withinSession } from './session-budget.ts'
import type { StepRequest } from './step-request.ts'

const defaultMaxOutputTokens = 4096
const contextBudgetTokens = 12_000

export interface PlannedStep {
  readonly plan: Plan
  readonly step: Step
  readonly context: StepContext
  /** What the plan makes of the request that was given. */
  readonly request: StepRequest
  /** Why the model must not call a tool in this step, in a sentence; `undefined` when it may. */
  readonly refusedTool: (tool: string) => string | undefined
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
  const note = noteOf(choice, described)
  const request = { ...permitted, tools: fewerTools(permitted.tools, usedTools(described), session), note: note?.text }
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
    note,
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
    memoryEvidence: context.evidence,
    earlier: context.turns,
    roles: request.roles,
    metadata: request.metadata,
    computerUse: request.computerUse,
  })
}
