import { worstCaseCost } from '../../models/catalogue.ts'
import type { Deployment } from '../../models/deployment.ts'
import type { Pool } from '../../models/pool.ts'
import { type Conversation, nextConversation, seenBy } from '../../policies/hold/conversation.ts'
import { stageLetter, troubleOf } from '../../policies/hold/of-plan.ts'
import { assessStep, createPlan, createStep, type Policy, parsePolicy, readSignals } from '../../policies/index.ts'
import type { Router, StepView } from './simulate.ts'

/** The two models of a session: the one that was recorded, and the one that may stand in for it. */
export interface Tiers {
  readonly strong: Deployment
  readonly weak: Deployment
}

export function oneModel(model: string): Router {
  return { choose: () => ({ model, brokenBy: null }) }
}

export interface ClassifierOptions {
  /** From this expected gain of the stronger model on, a step is hard. */
  readonly hardFrom: number
  /** How far one look at a step is off, in standard deviations of the expected gains. */
  readonly noise: number
  readonly spread: number
}

/** Each step by what a classifier makes of it alone: a question's difficulty, seen through the step at hand. */
export function classifyEachStep({ strong, weak }: Tiers, { hardFrom, noise, spread }: ClassifierOptions): Router {
  return {
    choose({ question, step }) {
      const reading = question.expectedGap + noise * spread * step.jitter
      return { model: reading >= hardFrom ? strong.id : weak.id, brokenBy: null }
    },
  }
}

export interface PolicyOptions {
  readonly hardFrom: number
  /** As a policy file has it. */
  readonly hold: unknown
  readonly past: readonly string[]
}

/**
 * Signalbox itself: its steps, signals, rules, hold and gate, under a policy for coding agents. A hard turn begins with the strong
 * model and trouble goes there, all else to the weak one; whether a loop really goes over is for the hold and the gate to say.
 */
export function signalbox(tiers: Tiers, { hardFrom, hold, past }: PolicyOptions): Router {
  const pools = [poolOf('quick', tiers.weak), poolOf('deep', tiers.strong)]
  const policy = codingPolicy(pools, hold)
  let conversation: Conversation | undefined

  return {
    async choose(view) {
      const { step: given, history, question, session } = view
      const step = createStep({
        messages: history,
        inputTokens: given.promptTokens,
        maxOutputTokens: 4096,
        principal: 'local',
        toolsOffered: 4,
        previousModel: conversation?.model,
        metadata: { difficulty: question.expectedGap >= hardFrom ? 'hard' : 'easy' },
      })
      const live = { now: given.at, budget: { usdPerDay: undefined, spentTodayUsd: undefined }, pools, state: () => undefined }
      const assessment = await assessStep(policy, step, { live })
      const seen = seenBy(conversation, { head: 'same', promptTokens: given.promptTokens })
      const plan = createPlan({
        decision: `${session.id}-${view.index}`,
        step,
        policy,
        ...assessment,
        pools,
        availability: () => ({ state: 'ready' }),
        state: () => undefined,
        estimate: ({ price }) => (price === null ? null : worstCaseCost(step.inputTokens, 4096, price)),
        vector: undefined,
        budget: { usdPerCall: undefined, usdPerDay: undefined, spentTodayUsd: undefined },
        context: { turns: 0, recalled: 0, tokens: 0 },
        tools: [],
        cacheKey: undefined,
        conversation: conversation && { conversation, seen, past },
        extractivePool: 'extractive',
        now: given.at,
      })
      const model = plan.candidates[0]?.model ?? tiers.strong.id
      conversation = nextConversation(conversation, {
        model,
        at: given.at,
        stage: stageLetter(policy, assessment.readings),
        opens: step.kind === 'user_turn',
        troubled: troubleOf(policy, assessment.readings) !== undefined,
        head: 'same',
        promptTokens: given.promptTokens,
        outputTokens: given.outputTokens,
      })
      return { model, brokenBy: plan.hold.broken_by, gainUsd: plan.hold.gate?.gain_usd }
    },
  }
}

function codingPolicy(pools: readonly Pool[], hold: unknown): Policy {
  const data = {
    name: 'coding-agent',
    signals: { stage: { kind: 'stage' }, stalled: { kind: 'stall' } },
    rules: [
      {
        name: 'trouble',
        priority: 90,
        when: 'signals.stalled || signals.stage in ["critical", "failed", "stuck"]',
        action: { prefer: { pool: 'deep' } },
      },
      {
        name: 'hard_turn',
        priority: 50,
        when: 'step.kind == "user_turn" && step.metadata["difficulty"] == "hard"',
        action: { prefer: { pool: 'deep' } },
      },
    ],
    default: { prefer: { pool: 'quick' } },
    hold,
  }
  return parsePolicy(data, { source: 'coding-agent', pools, embedder: undefined })
}

function poolOf(name: string, deployment: Deployment): Pool {
  return { name, deployments: [deployment], expose: false, purpose: '', local: false, modalities: ['text'], computer: false }
}

/** The stages of a session, as a past conversation tells them. */
export async function stagesOf(views: readonly StepView[], tiers: Tiers): Promise<string> {
  const policy = codingPolicy([poolOf('quick', tiers.weak), poolOf('deep', tiers.strong)], false)
  const live = { now: 0, budget: { usdPerDay: undefined, spentTodayUsd: undefined }, pools: [], state: () => undefined }
  const letters: string[] = []
  for (const { history, step } of views) {
    const described = createStep({ messages: history, inputTokens: step.promptTokens, maxOutputTokens: 4096, principal: 'local' })
    const { readings } = await readSignals(policy.signals, described, { live })
    const letter = stageLetter(policy, readings)
    letters.push(described.kind === 'user_turn' ? letter.toUpperCase() : letter)
  }
  return letters.join('')
}
