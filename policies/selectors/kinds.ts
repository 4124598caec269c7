import { z } from 'zod'
import { kindName } from '../kind-name.ts'
import { beta } from './beta.ts'
import { cascade } from './cascade.ts'
import { contextLength } from './context-length.ts'
import { inOrder } from './in-order.ts'
import { joint } from './joint.ts'
import { latency } from './latency.ts'
import { linucb } from './linucb.ts'
import { lowestCost } from './lowest-cost.ts'
import { multiFactor } from './multi-factor.ts'
import { panel } from './panel.ts'
import { predictedKind } from './predicted.ts'
import type { Selector, SelectorKind, SelectorSurroundings } from './selector.ts'
import { weighted } from './weighted.ts'

/** Every kind of selector that a policy can name. */
export const selectorKinds = [
  inOrder,
  lowestCost,
  weighted,
  latency,
  multiFactor,
  joint,
  contextLength,
  beta,
  linucb,
  predictedKind,
  cascade,
  panel,
] as const
const byKind = new Map(selectorKinds.map((one) => [one.schema.shape.kind.value as string, one as unknown as SelectorKind]))

/** `lowest-cost` alone is short for `{ kind: lowest-cost }`. */
const orKindAlone = (given: unknown) => (typeof given === 'string' ? { kind: given } : given)

export const selectorSchema = z.preprocess(orKindAlone, z.discriminatedUnion('kind', schemasOf(selectorKinds)))
export type SelectorOptions = z.output<typeof selectorSchema>

/** With kinds of somebody else's beside ours, whose options are then known to their own schema alone. */
export function selectorSchemaWith(own: readonly SelectorKind[]): typeof selectorSchema {
  const all = z.discriminatedUnion('kind', [...schemasOf(selectorKinds), ...own.map(({ schema }) => schema)] as never)
  return z.preprocess(orKindAlone, all) as unknown as typeof selectorSchema
}

export const selectorKindNames: readonly string[] = [...byKind.keys()]

/** @throws {Error} If something that it names cannot be used. */
export function createSelector(
  options: SelectorOptions,
  surroundings: SelectorSurroundings = {},
  own: readonly SelectorKind[] = [],
): Selector {
  const kind = byKind.get(options.kind) ?? own.find((one) => kindName(one) === options.kind)
  if (kind === undefined) throw new Error(`Cannot make a selector: there is no kind "${options.kind}"`)
  return kind.create(options, surroundings)
}

function schemasOf<const Kinds extends readonly SelectorKind[]>(all: Kinds) {
  return all.map(({ schema }) => schema) as unknown as { readonly [Index in keyof Kinds]: Kinds[Index]['schema'] }
}
