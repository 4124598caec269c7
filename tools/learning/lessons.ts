import { createHash } from 'node:crypto'
import type { HostedTool } from '../tool.ts'
import { freshnessOf } from './freshness.ts'
import type { LearnedNeed, ToolOutcome } from './outcome.ts'
import { lessonOf } from './teaching.ts'

/** What all outcomes of one need with one tool say together. */
export interface Lesson {
  readonly need: LearnedNeed
  /** The same for the same need. */
  readonly key: string
  /** Place of the tool among all tools. */
  readonly tool: number
  /** Above 0 when the tool served the need. */
  readonly weight: number
  /** How much the newest of its outcomes still says, 0–1. */
  readonly freshness: number
  /** Place of the tool that was called before it. */
  readonly previous: number | undefined
}

// However often one need came back, it is one kind of need.
const mostWeight = 4
// Up to so many outcomes of one principal count for a tool whatever the others say, beyond that as much as all others together.
const freePrincipalWeight = 8

/** Sorted out and summed up; outcomes of tools that are gone or were defined otherwise are left out. */
export function lessonsOf(outcomes: readonly ToolOutcome[], tools: readonly HostedTool[]): Lesson[] {
  const places = new Map(tools.map((tool, place) => [tool.name, place]))
  const teaching = outcomes.filter((outcome) => {
    const place = places.get(outcome.tool)
    return place !== undefined && tools[place]?.hash === outcome.hash && lessonOf(outcome) !== 0
  })
  const shares = principalShares(teaching)
  const newest = teaching.reduce((latest, { at }) => Math.max(latest, at), Number.NEGATIVE_INFINITY)
  const keys = new Map<LearnedNeed, string>()
  const lessons = new Map<string, { -readonly [K in keyof Lesson]: Lesson[K] }>()
  for (const outcome of teaching) {
    const key = keys.get(outcome.need) ?? keyOf(outcome.need)
    keys.set(outcome.need, key)
    const weight = lessonOf(outcome) * (shares(outcome) ?? 1)
    const id = `${key} ${outcome.tool}`
    const known = lessons.get(id)
    const freshness = freshnessOf(outcome.at, newest)
    if (known) {
      known.weight = Math.max(-mostWeight, Math.min(mostWeight, known.weight + weight))
      known.freshness = Math.max(known.freshness, freshness)
    } else {
      const previous = outcome.previousTool === undefined ? undefined : places.get(outcome.previousTool)
      lessons.set(id, { need: outcome.need, key, tool: places.get(outcome.tool) as number, weight, freshness, previous })
    }
  }
  return [...lessons.values()].filter(({ weight }) => weight !== 0)
}

/** The same for the same need. */
export function keyOf({ vector }: LearnedNeed): string {
  return createHash('sha1')
    .update(new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength))
    .digest('base64')
}

/** By how much the outcomes of a principal about a tool count less, so that one alone does not decide what others find. */
function principalShares(outcomes: readonly ToolOutcome[]): (outcome: ToolOutcome) => number | undefined {
  if (new Set(outcomes.map((outcome) => outcome.principal)).size < 2) return () => undefined
  const shares = new Map<string, number>()
  for (const [tool, own] of Map.groupBy(outcomes, (outcome) => outcome.tool)) {
    const weights = new Map<string, number>()
    for (const outcome of own) weights.set(outcome.principal, (weights.get(outcome.principal) ?? 0) + Math.abs(lessonOf(outcome)))
    const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0)
    for (const [principal, weight] of weights) {
      const most = Math.max(freePrincipalWeight, total - weight)
      if (weight > most) shares.set(JSON.stringify([tool, principal]), most / weight)
    }
  }
  return ({ tool, principal }) => shares.get(JSON.stringify([tool, principal]))
}
