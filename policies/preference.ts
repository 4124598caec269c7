import type { Pool } from '../models/pool.ts'
import type { ProjectionReading } from './projections.ts'
import type { Place } from './requirements.ts'
import type { Choice } from './rules.ts'
import type { LearnerChoice, SelectorFacts } from './selectors/selector.ts'
import type { SignalReading } from './signals/signal.ts'
import type { Step } from './step.ts'

export interface PreferenceInput {
  readonly step: Step
  readonly choice: Choice
  readonly readings: readonly SignalReading[]
  readonly projected: readonly ProjectionReading[]
  readonly pools: readonly Pool[]
  readonly facts: SelectorFacts
}

export interface Preferred {
  readonly order: readonly Place[]
  readonly selector: string
  readonly propensity: number
  /** By deployment, of the first pool. */
  readonly scores: Readonly<Record<string, number>> | undefined
  readonly note: string | undefined
  readonly learner: LearnerChoice | undefined
  /** What the selector left out, and why. */
  readonly rejected: Readonly<Record<string, string>>
}

/** The eligible places in the order in which they are tried: the preferred pool's, by its selector, then those of the others. */
export function orderPlaces(eligible: readonly Place[], input: PreferenceInput): Preferred {
  const { action } = input.choice
  const { selector } = action
  const pools = preferredPools(eligible, input)
  const kept = action.fallback ? pools : pools.slice(0, 1)
  const ordered = kept.map((pool) => {
    const members = eligible.filter((place) => place.pool.name === pool.name).map(({ deployment }) => deployment)
    return { pool, ordering: selector.order(input.step, inGivenOrder(members, action.models), input.facts) }
  })
  const first = ordered[0]?.ordering
  const places = ordered.flatMap(({ pool, ordering }) => ordering.order.map((deployment) => ({ deployment, pool })))
  return {
    order: uniquePlaces(withinLocality(places)),
    selector: selector.name,
    propensity: first?.propensity ?? 1,
    scores: first?.scores,
    note: first?.note,
    learner: first?.learner,
    rejected: Object.assign({}, ...ordered.map(({ ordering }) => ordering.rejected ?? {})),
  }
}

function inGivenOrder<Member extends { id: string }>(members: Member[], models: readonly string[] | undefined): Member[] {
  return models === undefined ? members : members.toSorted((left, right) => models.indexOf(left.id) - models.indexOf(right.id))
}

/** What was meant for a local pool never falls back to one that is not. */
function withinLocality(order: Place[]): Place[] {
  return order[0]?.pool.local === true ? order.filter(({ pool }) => pool.local) : order
}

function uniquePlaces(order: readonly Place[]): Place[] {
  const seen = new Set<string>()
  return order.filter(({ deployment }) => !seen.has(deployment.id) && seen.add(deployment.id))
}

function preferredPools(eligible: readonly Place[], input: PreferenceInput): Pool[] {
  const pools = input.pools.filter((pool) => eligible.some((place) => place.pool.name === pool.name))
  const { prefer } = input.choice.action
  const ordered = byPreference(prefer, pools, eligible, input)
  // For a step that acts on a screen, a rule that names no pool means the pools for computer use.
  return input.step.computerUse && typeof prefer === 'string' ? computerFirst(ordered) : ordered
}

function computerFirst(pools: readonly Pool[]): Pool[] {
  return [...pools.filter(({ computer }) => computer), ...pools.filter(({ computer }) => !computer)]
}

function byPreference(prefer: Choice['action']['prefer'], pools: Pool[], eligible: readonly Place[], input: PreferenceInput): Pool[] {
  if (prefer === 'first') return pools
  if (prefer === 'cheapest') return pools.toSorted((left, right) => costOf(left, eligible, input) - costOf(right, eligible, input) || 0)
  if (prefer === 'strongest') {
    const position = new Map(pools.map((pool, index) => [pool.name, index]))
    const later = (left: Pool, right: Pool) => (position.get(right.name) ?? 0) - (position.get(left.name) ?? 0)
    return pools.toSorted((left, right) => outputPrice(right) - outputPrice(left) || later(left, right))
  }
  if (prefer === 'computer') return computerFirst(pools)
  const wanted = wantedPool(prefer, input)
  return [...pools.filter((pool) => pool.name === wanted), ...pools.filter((pool) => pool.name !== wanted)]
}

type NamedPool = { pool: string } | { signal: string } | { projection: string }

function wantedPool(prefer: NamedPool, { readings, projected }: PreferenceInput) {
  if ('pool' in prefer) return prefer.pool
  if ('signal' in prefer) return readings.find((one) => one.signal === prefer.signal)?.value
  return projected.find((one) => one.projection === prefer.projection)?.value
}

/** Of what may be used in the pool. */
function costOf(pool: Pool, eligible: readonly Place[], { facts }: PreferenceInput): number {
  const members = eligible.filter((place) => place.pool.name === pool.name)
  return Math.min(...members.map(({ deployment }) => facts.estimate(deployment) ?? Number.MAX_VALUE))
}

/** The price of output stands for strength where nothing was measured: the dearest model of the pool counts. */
function outputPrice(pool: Pool): number {
  return Math.max(0, ...pool.deployments.map((deployment) => deployment.price?.outputPerMillion ?? 0))
}
