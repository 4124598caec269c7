import type { LogStore, RowStore } from '../../../memory/index.ts'
import type { Deployment } from '../../../models/deployment.ts'
import {
  type BanditState,
  featuresOf,
  type Knowledge,
  type Plan,
  pace,
  pricePrior,
  type Selector,
  type Step,
  teach,
} from '../../../policies/index.ts'
import type { Log } from '../../log.ts'
import { createKeptLearners, type LearnerState } from './kept-learners.ts'
import { createLengths } from './lengths.ts'
import { evaluateLearner, type JudgedStep, type LearnerEvaluation, neighbour } from './promotion.ts'
import { type FeedbackIn, readSigns, readSignsByMeaning } from './read-signs.ts'
import { createReputations, type ListedReputation } from './reputation.ts'
import { mayTeach } from './shares.ts'
import { type SeenSign, signs, weightOf } from './signs.ts'
import { createStepLog, isVerdict, type StepEntry, type StepLogEntry, type VerdictEntry } from './step-log.ts'

/** A step as learning sees it. */
export interface TaughtStep {
  readonly plan: Plan
  readonly step: Step
  /** The decision that began the loop it stands in. */
  readonly parent: string | undefined
  /** Whether text of others stood in it. */
  readonly tainted: boolean
  readonly selector: Selector
  readonly candidates: readonly Deployment[]
}

export interface StepEnd {
  readonly model: string
  /** `null` when a price is unknown. */
  readonly costUsd: number | null
  readonly escalated?: boolean | undefined
}

/** What routing learns from how steps turn out. Nothing here throws for want of a store: a step is worth more than what it teaches. */
export interface RoutingLearning {
  knowledge(): Knowledge
  /** Whether a cascade went on to its stronger model in this thread or loop. */
  isEscalated(principal: string, where: { readonly thread?: string | undefined; readonly loop?: string | undefined }): Promise<boolean>
  /** Before a step is dispatched: its history shows how the one before it turned out. @returns What it showed, by decision. */
  begins(taught: TaughtStep): Promise<{ readonly decision: string; readonly signs: readonly SeenSign[] } | undefined>
  /** A model has answered it; `signs` are what is known of it at once. */
  ended(taught: TaughtStep, end: StepEnd, signs?: readonly SeenSign[]): Promise<void>
  /** A verdict from outside. @returns Whether it teaches; `undefined` when no model is known to have answered that decision. */
  judged(principal: string, decision: string, seen: readonly SeenSign[]): Promise<boolean | undefined>
  reputations(): ListedReputation[]
  learners(): Promise<(LearnerState & { readonly evaluation: LearnerEvaluation })[]>
  /** By hand, one stage. `undefined` when no selector of this name has learnt anything here. */
  move(name: string, direction: 'up' | 'down'): Promise<LearnerState | undefined>
  /** Everything that was seen, of all principals: for the owner. */
  entries(): AsyncGenerator<{ readonly principal: string; readonly at: number } & StepLogEntry>
  forget(principal: string, isMeant: (entry: StepEntry) => boolean): Promise<number>
  /** Takes up what other processes have learnt, and moves those that have earned it. */
  look(): Promise<void>
  start(): Promise<void>
  close(): Promise<void>
}

export interface RoutingLearningOptions {
  readonly logs: LogStore
  readonly rows: RowStore
  readonly enabled: () => boolean
  readonly clock: () => number
  readonly log: Pick<Log, 'warn' | 'info'>
  /** What a remark says of the answer before; wordings alone are known when absent. */
  readonly feedbackIn?: FeedbackIn | undefined
  /** How often it is looked for what others have learnt; not by itself when absent. */
  readonly lookMs?: number | undefined
}

/** Of each principal, the newest so many entries are looked at. */
const newestEntries = 20_000
const keptSteps = 5000

export function createRoutingLearning({ logs, rows, enabled, clock, log, feedbackIn, lookMs }: RoutingLearningOptions): RoutingLearning {
  const steps = createStepLog(logs)
  const kept = createKeptLearners(rows, clock)
  const reputations = createReputations()
  const lengths = createLengths()
  const learners = new Map<string, LearnerState>()
  /** The newest steps of this process, by decision, and the last one of each loop and thread. */
  const recent = new Map<string, StepEntry>()
  const last = new Map<string, StepEntry>()
  let size = 0
  let evaluatedSize = 0
  let looking: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined

  const knowledge: Knowledge = {
    reputation: (model, topic) => reputations.read(model, topic),
    lengthQuantile: (share) => lengths.quantile(share),
    bandit: (name) => learners.get(name)?.bandit,
    stage: (name) => learners.get(name)?.stage ?? 'shadow',
  }

  const keysOf = (principal: string, { thread, loop }: { thread?: string | undefined; loop?: string | undefined }) => [
    ...(loop === undefined ? [] : [`${principal}\nloop\n${loop}`]),
    ...(thread === undefined ? [] : [`${principal}\nthread\n${thread}`]),
  ]

  function remember(principal: string, entry: StepEntry): void {
    keep(recent, `${principal}\n${entry.decision}`, entry)
    for (const key of keysOf(principal, entry)) keep(last, key, entry)
    lengths.add(entry.tokens)
  }

  function take(principal: string, entry: StepEntry, verdict: VerdictEntry): void {
    if (entry.tainted === true) return
    const { good } = signs[verdict.sign]
    const event = { principal, model: entry.model, good }
    const weight = weightOf(verdict)
    if (verdict.tool !== undefined) {
      const id = `${entry.decision} ${verdict.call ?? verdict.tool}`
      reputations.add({ ...event, id, topic: { tool: verdict.tool }, weight: 1 })
    }
    if (weight === 0) return
    reputations.add({ ...event, id: entry.decision, weight })
    if (entry.domain !== undefined) reputations.add({ ...event, id: entry.decision, topic: { domain: entry.domain }, weight })
  }

  async function findStep(principal: string, isMeant: (entry: StepEntry) => boolean): Promise<StepEntry | undefined> {
    const found = (await steps.read(principal, 1000)).findLast(({ value }) => !isVerdict(value) && isMeant(value))?.value
    return found === undefined || isVerdict(found) ? undefined : found
  }

  /** The step before, in its loop or, where it begins one, in its thread: of that another process may know. */
  async function previousOf({ principal, thread, history }: Step, parent: string | undefined): Promise<StepEntry | undefined> {
    const [key] = keysOf(principal, parent === undefined ? { thread } : { loop: parent })
    if (key === undefined || !history.some(({ role }) => role === 'assistant')) return undefined
    return last.get(key) ?? (parent === undefined ? findStep(principal, (one) => one.thread === thread) : undefined)
  }

  async function note(principal: string, entry: StepEntry, seen: readonly SeenSign[]): Promise<void> {
    const verdicts = seen.map((one): VerdictEntry => ({ of: entry.decision, ...one }))
    await steps.append(principal, verdicts)
    size += verdicts.length
    for (const verdict of verdicts) take(principal, entry, verdict)
    await giveLesson(principal, entry, verdicts)
  }

  /** The strongest of what was seen is the lesson. */
  async function giveLesson(principal: string, { lesson, model, tainted }: StepEntry, verdicts: readonly VerdictEntry[]): Promise<void> {
    const [strongest] = verdicts.filter((one) => weightOf(one) > 0).toSorted((left, right) => weightOf(right) - weightOf(left))
    if (lesson === undefined || tainted === true || strongest === undefined || !enabled()) return
    const reward = (signs[strongest.sign].good ? 1 : 0) - lesson.prior
    const state = await kept.change(lesson.name, (now) => {
      if (!mayTeach(principal, now.lessons)) return undefined
      const lessons = { ...now.lessons, [principal]: (now.lessons[principal] ?? 0) + 1 }
      return { ...now, lessons, bandit: teach(now.bandit ?? unborn, model, lesson.features, weightOf(strongest) * reward) }
    })
    learners.set(state.name, state)
  }

  async function payFor({ learnsFrom }: Selector, costUsd: number | null): Promise<void> {
    if (learnsFrom?.usdPerStep === undefined || costUsd === null || !enabled()) return
    const budget = learnsFrom.usdPerStep
    const state = await kept.change(learnsFrom.name, (now) => {
      const bandit = now.bandit ?? unborn
      return { ...now, bandit: { ...bandit, costPressure: pace(bandit.costPressure, costUsd, budget) } }
    })
    learners.set(state.name, state)
  }

  /** Reads all that is kept, of all processes. */
  async function readAll(): Promise<void> {
    reputations.clear()
    lengths.clear()
    for (const principal of await steps.principals()) {
      const byDecision = new Map<string, StepEntry>()
      for (const { value } of await steps.read(principal, newestEntries)) {
        if (!isVerdict(value)) {
          byDecision.set(value.decision, value)
          remember(principal, value)
        } else {
          const entry = byDecision.get(value.of)
          if (entry !== undefined) take(principal, entry, value)
        }
      }
    }
  }

  async function readLearners(): Promise<void> {
    for (const state of await kept.list()) learners.set(state.name, state)
  }

  async function judgedSteps(name: string): Promise<JudgedStep[]> {
    const judged: JudgedStep[] = []
    for (const principal of await steps.principals()) {
      const strongest = new Map<string, VerdictEntry>()
      const entries = await steps.read(principal, newestEntries)
      for (const { value } of entries) {
        if (!isVerdict(value) || weightOf(value) === 0) continue
        const known = strongest.get(value.of)
        if (known === undefined || weightOf(value) >= weightOf(known)) strongest.set(value.of, value)
      }
      for (const { value, at } of entries) {
        if (isVerdict(value) || value.learner?.name !== name || value.tainted === true) continue
        const verdict = strongest.get(value.decision)
        if (verdict !== undefined) judged.push({ entry: value, principal, at, reward: signs[verdict.sign].good ? 1 : 0 })
      }
    }
    return judged.toSorted((left, right) => left.at - right.at)
  }

  async function evaluate(state: LearnerState): Promise<LearnerEvaluation> {
    return evaluateLearner(state, await judgedSteps(state.name))
  }

  async function look(): Promise<void> {
    const sizeNow = await steps.size()
    if (sizeNow !== size) {
      await readAll()
      size = sizeNow
    }
    await readLearners()
    if (!enabled() || evaluatedSize === size) return
    evaluatedSize = size
    for (const state of learners.values()) {
      const { verdict } = await evaluate(state)
      if (verdict.stage === state.stage) continue
      // Another process may have moved it meanwhile.
      const moved = await kept.change(state.name, (now) =>
        now.since === state.since && now.stage === state.stage ? { ...now, ...verdict, since: clock(), by: 'evaluation' } : undefined,
      )
      learners.set(moved.name, moved)
      log.info(`The selector "${moved.name}" is ${moved.stage} now`, { why: moved.why })
    }
  }

  async function orWarn<Result>(what: string, work: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await work()
    } catch (error) {
      log.warn(`Cannot ${what}`, { error })
      return undefined
    }
  }

  return {
    knowledge: () => knowledge,

    async isEscalated(principal, where) {
      const known = keysOf(principal, where).map((key) => last.get(key))
      const entry =
        known.find((one) => one !== undefined) ??
        (where.thread === undefined
          ? undefined
          : await orWarn('read earlier steps', () => findStep(principal, (one) => one.thread === where.thread)))
      return entry?.escalated === true
    },

    begins: ({ step, parent }) =>
      orWarn('note how the step before turned out', async () => {
        const { principal } = step
        const entry = await previousOf(step, parent)
        if (entry === undefined) return undefined
        const known = readSigns(step)
        const seen = known.length > 0 || feedbackIn === undefined ? known : await readSignsByMeaning(step, feedbackIn)
        if (seen.length === 0) return undefined
        await note(principal, entry, seen)
        return entry.tainted === true ? undefined : { decision: entry.decision, signs: seen }
      }),

    async ended(taught, end, seen = []) {
      await orWarn('note which model answered a step', async () => {
        const { principal } = taught.step
        const entry = entryOf(taught, end)
        await steps.append(principal, [entry])
        size += 1
        remember(principal, entry)
        if (entry.learner !== undefined && !learners.has(entry.learner.name))
          learners.set(entry.learner.name, await kept.change(entry.learner.name, () => undefined))
        if (seen.length > 0) await note(principal, entry, seen)
        if (entry.learner !== undefined) await payFor(taught.selector, end.costUsd)
      })
    },

    async judged(principal, decision, seen) {
      const entry = recent.get(`${principal}\n${decision}`) ?? (await findStep(principal, (one) => one.decision === decision))
      if (entry === undefined) return undefined
      await note(principal, entry, seen)
      return entry.tainted !== true
    },

    reputations: () => reputations.list(),

    async learners() {
      await readLearners()
      return Promise.all([...learners.values()].map(async (state) => ({ ...state, evaluation: await evaluate(state) })))
    },

    async move(name, direction) {
      await readLearners()
      if (!learners.has(name)) return undefined
      const moved = await kept.change(name, (now) => {
        const stage = neighbour(now.stage, direction)
        return stage === now.stage
          ? undefined
          : { ...now, stage, since: clock(), by: 'hand', why: 'a person moved it', baseline: undefined }
      })
      learners.set(name, moved)
      return moved
    },

    async *entries() {
      for (const principal of await steps.principals()) {
        for await (const { at, value } of steps.all(principal)) yield { principal, at, ...value }
      }
    },

    async forget(principal, isMeant) {
      const removed = await steps.remove(principal, isMeant)
      if (removed > 0) {
        recent.clear()
        last.clear()
        await readAll()
        size = await steps.size()
      }
      return removed
    },

    look() {
      looking ??= look()
        .catch((error: unknown) => log.warn('Cannot take up what routing has learnt', { error }))
        .finally(() => {
          looking = undefined
        })
      return looking
    },

    async start() {
      await this.look()
      if (lookMs === undefined) return
      timer = setInterval(() => void this.look(), lookMs)
      timer.unref()
    },

    async close() {
      clearInterval(timer)
      await looking
    },
  }
}

const unborn: BanditState = { arms: {}, lessons: 0, costPressure: 0 }

function keep(map: Map<string, StepEntry>, key: string, entry: StepEntry): void {
  map.delete(key)
  map.set(key, entry)
  if (map.size > keptSteps) map.delete(map.keys().next().value as string)
}

function entryOf({ plan, step, parent, tainted, selector, candidates }: TaughtStep, { model, escalated }: StepEnd): StepEntry {
  const { domain, learner } = plan.selection
  const answered = candidates.find(({ id }) => id === model)
  const decidedByIt = !plan.hold.held && learner !== null && plan.candidates[0]?.model === model
  return {
    decision: plan.decision,
    loop: parent ?? plan.decision,
    thread: step.thread,
    model,
    domain: domain ?? undefined,
    tokens: step.inputTokens + step.maxOutputTokens,
    propensity: plan.propensity,
    ...(decidedByIt && { learner }),
    ...(selector.learnsFrom !== undefined &&
      answered !== undefined && {
        lesson: { name: selector.learnsFrom.name, features: featuresOf(step), prior: pricePrior(answered, candidates) },
      }),
    ...(tainted && { tainted }),
    ...(escalated === true && { escalated }),
  }
}
