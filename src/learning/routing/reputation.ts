import { wilsonBounds } from '../../../models/wilson.ts'
import type { Reputation, ReputationTopic } from '../../../policies/index.ts'
import { withinShares } from './shares.ts'

/** One grounded verdict on a model. */
export interface ReputationEvent {
  /** What it is about: a later one about the same thing stands in its place, unless it weighs less. */
  readonly id: string
  readonly principal: string
  readonly model: string
  /** Without one it is about the model as a whole. */
  readonly topic?: ReputationTopic | undefined
  readonly good: boolean
  readonly weight: number
}

export interface ListedReputation extends Reputation {
  readonly model: string
  readonly topic?: ReputationTopic | undefined
}

/** How each model did in each domain and with each tool, over the latest 1,000 verdicts on it there. */
export interface Reputations {
  add(event: ReputationEvent): void
  read(model: string, topic?: ReputationTopic): Reputation
  /** Those with the most verdicts first. */
  list(): ListedReputation[]
  clear(): void
}

const windowVerdicts = 1000
/** The latest so many are compared with those before them, once there are as many. */
const recentVerdicts = 50
/** A difference of so many standard errors is no chance, also when it is looked for at each verdict. */
const driftBound = 4
/** For so many further verdicts a change is called recent. */
const driftingVerdicts = 200

interface Window {
  readonly model: string
  readonly topic: ReputationTopic | undefined
  events: ReputationEvent[]
  /** Verdicts since the last change; `undefined` when none was noticed. */
  sinceChange: number | undefined
  known: Reputation | undefined
}

export function createReputations(): Reputations {
  const windows = new Map<string, Window>()

  return {
    add(event) {
      const key = keyOf(event.model, event.topic)
      const window = windows.get(key) ?? { model: event.model, topic: event.topic, events: [], sinceChange: undefined, known: undefined }
      windows.set(key, window)
      window.known = undefined
      const before = window.events.findLastIndex(({ id }) => id === event.id)
      if (before !== -1) {
        if (event.weight >= (window.events[before]?.weight ?? 0)) window.events[before] = event
        return
      }
      window.events.push(event)
      if (window.events.length > windowVerdicts) window.events.shift()
      if (window.sinceChange !== undefined) window.sinceChange += 1
      if (window.sinceChange !== undefined && window.sinceChange > driftingVerdicts) window.sinceChange = undefined
      if (!hasChanged(window.events)) return
      window.events = window.events.slice(-recentVerdicts)
      window.sinceChange = 0
    },

    read(model, topic) {
      const window = windows.get(keyOf(model, topic))
      if (window === undefined) return summary([], false)
      window.known ??= summary(window.events, window.sinceChange !== undefined)
      return window.known
    },

    list() {
      return [...windows.values()]
        .map((window) => ({ model: window.model, topic: window.topic, ...summary(window.events, window.sinceChange !== undefined) }))
        .toSorted((left, right) => right.good + right.bad - left.good - left.bad)
    },

    clear: () => windows.clear(),
  }
}

function keyOf(model: string, topic: ReputationTopic | undefined): string {
  if (topic === undefined) return model
  return 'tool' in topic ? `${model}\ntool\n${topic.tool}` : `${model}\ndomain\n${topic.domain}`
}

function summary(events: readonly ReputationEvent[], drifting: boolean): Reputation {
  const counted = withinShares(events)
  const good = weightOf(counted.filter((one) => one.good))
  const total = weightOf(counted)
  return { good, bad: total - good, mean: total === 0 ? 0.5 : good / total, lower: wilsonBounds(good, total).lower, drifting }
}

/** Whether the share of good verdicts of late differs from before by more than chance makes likely (two proportions, pooled). */
function hasChanged(events: readonly ReputationEvent[]): boolean {
  if (events.length < 2 * recentVerdicts) return false
  const before = goodShare(events.slice(0, -recentVerdicts))
  const recent = goodShare(events.slice(-recentVerdicts))
  const all = goodShare(events)
  const error = Math.sqrt(all * (1 - all) * (1 / recentVerdicts + 1 / (events.length - recentVerdicts)))
  return error > 0 && Math.abs(recent - before) / error > driftBound
}

function goodShare(events: readonly ReputationEvent[]): number {
  return events.filter((one) => one.good).length / events.length
}

function weightOf(events: readonly ReputationEvent[]): number {
  return events.reduce((sum, { weight }) => sum + weight, 0)
}
