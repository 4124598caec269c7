import { z } from 'zod'
import type { ConditionLanguage, Quantity } from './condition.ts'

/**
 * What several signals say together: one name for rules to look at, in place of thresholds that could contradict each other.
 *
 * `exclusive` makes members compete, so that exactly one of them holds; `score` adds up; `bands` names the ranges of a score.
 */

const label = z.string().regex(/^[a-z][a-z0-9_-]{0,39}$/, 'a label is written in lower case, such as code')
const expression = z.string().min(1).max(1000)

const exclusiveSchema = z.strictObject({
  kind: z.literal('exclusive'),
  /** What each member is worth: CEL over step and signals, a number or true and false. */
  members: z.record(label, expression).refine((members) => Object.keys(members).length >= 2, 'needs two members at least'),
  /** Who holds when no member's share reaches `at_least`. */
  default: label,
  /** Of the softmax: the smaller, the more the best takes. */
  temperature: z.number().min(0.001).max(100).default(0.1),
  at_least: z.number().min(0).max(1).default(0),
})
const scoreSchema = z.strictObject({
  kind: z.literal('score'),
  of: z
    .array(
      z.union([
        z.strictObject({ value: expression, weight: z.number().min(-1000).max(1000) }),
        z.strictObject({ projection: z.string(), weight: z.number().min(-1000).max(1000) }),
      ]),
    )
    .min(1)
    .max(100),
})
const bandsSchema = z.strictObject({
  kind: z.literal('bands'),
  /** A projection of kind `score`. */
  of: z.string(),
  /** The lowest value of each band; below all of them the projection is empty. */
  bands: z.record(label, z.number()).refine((bands) => Object.keys(bands).length >= 1, 'needs one band at least'),
})

export const projectionSchema = z.discriminatedUnion('kind', [exclusiveSchema, scoreSchema, bandsSchema])
export type ProjectionOptions = z.output<typeof projectionSchema>

export type ProjectionValue = number | string

export interface ProjectionReading {
  readonly projection: string
  readonly value: ProjectionValue
  /** The winner's share for an exclusive group, else 1. */
  readonly confidence: number
}

export interface Projection<Facts> {
  readonly name: string
  readonly options: ProjectionOptions
  readonly type: 'double' | 'string'
  /** What a text can be. */
  readonly values: readonly string[] | undefined
  /** `before` holds those that it looks at. @throws {ConditionError} When a signal that it needs was not computed. */
  read(facts: Facts, before: ReadonlyMap<string, ProjectionReading>): Omit<ProjectionReading, 'projection'>
}

export type ProjectionIssue = (path: string, message: string) => void

/** In an order in which each comes after those that it looks at. What is wrong is reported, and left out. */
export function createProjections<Facts>(
  all: Readonly<Record<string, ProjectionOptions>>,
  language: ConditionLanguage<Facts>,
  report: ProjectionIssue,
): Projection<Facts>[] {
  const made: Projection<Facts>[] = []
  for (const name of inOrderOfNeed(all, report)) {
    const options = all[name]
    if (options === undefined) continue
    const one = createProjection(name, options, language, report)
    if (one !== undefined) made.push(one)
  }
  return made
}

/** A projection that cannot be computed is not there, as with a signal. */
export function readProjections<Facts>(projections: readonly Projection<Facts>[], facts: Facts): ProjectionReading[] {
  const readings = new Map<string, ProjectionReading>()
  for (const one of projections) {
    try {
      readings.set(one.name, { projection: one.name, ...one.read(facts, readings) })
    } catch {
      // Reported with the signal that failed.
    }
  }
  return [...readings.values()]
}

function inOrderOfNeed(all: Readonly<Record<string, ProjectionOptions>>, report: ProjectionIssue): string[] {
  const order: string[] = []
  const state = new Map<string, 'open' | 'done'>()
  const visit = (name: string): boolean => {
    if (state.get(name) === 'done') return true
    if (state.get(name) === 'open') return false
    state.set(name, 'open')
    for (const needed of needsOf(all[name])) {
      if (!Object.hasOwn(all, needed)) report(`projections.${name}`, `"${needed}" is not one of the policy's projections`)
      else if (all[needed]?.kind !== 'score') report(`projections.${name}`, `"${needed}" is not a projection of kind score`)
      else if (!visit(needed)) report(`projections.${name}`, `"${name}" needs "${needed}", which needs "${name}"`)
    }
    state.set(name, 'done')
    order.push(name)
    return true
  }
  for (const name of Object.keys(all)) visit(name)
  return order
}

function needsOf(options: ProjectionOptions | undefined): string[] {
  if (options?.kind === 'bands') return [options.of]
  if (options?.kind === 'score') return options.of.flatMap((term) => ('projection' in term ? [term.projection] : []))
  return []
}

function createProjection<Facts>(
  name: string,
  options: ProjectionOptions,
  language: ConditionLanguage<Facts>,
  report: ProjectionIssue,
): Projection<Facts> | undefined {
  const quantity = (source: string, path: string): Quantity<Facts> | undefined => {
    try {
      return language.parseQuantity(source)
    } catch (error) {
      report(`projections.${name}.${path}`, `cannot be used (${(error as Error).message}): ${source}`)
      return undefined
    }
  }
  switch (options.kind) {
    case 'exclusive':
      return exclusive(name, options, quantity, report)
    case 'score':
      return score(name, options, quantity)
    case 'bands':
      return bands(name, options)
  }
}

type MakeQuantity<Facts> = (source: string, path: string) => Quantity<Facts> | undefined

function exclusive<Facts>(
  name: string,
  options: z.output<typeof exclusiveSchema>,
  quantity: MakeQuantity<Facts>,
  report: ProjectionIssue,
): Projection<Facts> {
  const members = Object.entries(options.members).flatMap(([member, source]) => {
    const value = quantity(source, `members.${member}`)
    return value === undefined ? [] : [{ member, value }]
  })
  if (!Object.hasOwn(options.members, options.default)) {
    report(`projections.${name}.default`, `"${options.default}" is not one of the members (${Object.keys(options.members).join(', ')})`)
  }
  return {
    name,
    options,
    type: 'string',
    values: Object.keys(options.members),
    read(facts) {
      const values = members.map(({ value }) => value.of(facts))
      const best = Math.max(...values)
      const shares = values.map((value) => Math.exp((value - best) / options.temperature))
      const share = 1 / shares.reduce((sum, one) => sum + one, 0)
      const winner = members[values.indexOf(best)]?.member ?? options.default
      return { value: share >= options.at_least ? winner : options.default, confidence: share }
    },
  }
}

function score<Facts>(name: string, options: z.output<typeof scoreSchema>, quantity: MakeQuantity<Facts>): Projection<Facts> {
  const terms = options.of.map((term, index) =>
    'projection' in term ? term : { value: quantity(term.value, `of.${index}.value`), weight: term.weight },
  )
  return {
    name,
    options,
    type: 'double',
    values: undefined,
    read(facts, before) {
      let sum = 0
      for (const term of terms) {
        const value = 'projection' in term ? Number(before.get(term.projection)?.value ?? Number.NaN) : (term.value?.of(facts) ?? 0)
        if (Number.isNaN(value)) throw new Error(`Cannot read the projection "${name}": what it looks at was not computed`)
        sum += term.weight * value
      }
      return { value: sum, confidence: 1 }
    },
  }
}

function bands<Facts>(name: string, options: z.output<typeof bandsSchema>): Projection<Facts> {
  const ascending = Object.entries(options.bands).toSorted((left, right) => left[1] - right[1])
  return {
    name,
    options,
    type: 'string',
    values: ['', ...ascending.map(([band]) => band)],
    read(_facts, before) {
      const value = before.get(options.of)?.value
      if (typeof value !== 'number') throw new Error(`Cannot read the projection "${name}": ${options.of} was not computed`)
      return { value: ascending.findLast(([, from]) => value >= from)?.[0] ?? '', confidence: 1 }
    },
  }
}
