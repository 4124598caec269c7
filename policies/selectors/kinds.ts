import { z } from 'zod'
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
const kinds = [
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
const byKind = new Map(kinds.map((one) => [one.schema.shape.kind.value as string, one as unknown as SelectorKind]))

/** `lowest-cost` alone is short for `{ kind: lowest-cost }`. */
export const selectorSchema = z.preprocess(
  (given) => (typeof given === 'string' ? { kind: given } : given),
  z.discriminatedUnion('kind', schemasOf(kinds)),
)
export type SelectorOptions = z.output<typeof selectorSchema>

/** @throws {Error} If something that it names cannot be used. */
export function createSelector(options: SelectorOptions, surroundings: SelectorSurroundings = {}): Selector {
  const kind = byKind.get(options.kind)
  if (kind === undefined) throw new Error(`Cannot make a selector: there is no kind "${options.kind}"`)
  return kind.create(options, surroundings)
}

function schemasOf<const Kinds extends readonly SelectorKind[]>(all: Kinds) {
  return all.map(({ schema }) => schema) as unknown as { readonly [Index in keyof Kinds]: Kinds[Index]['schema'] }
}
