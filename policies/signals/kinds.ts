import { z } from 'zod'
import { embedding } from './embedding.ts'
import { keyword } from './keyword.ts'
import { modality } from './modality.ts'
import type { Signal, SignalKind, SignalSurroundings } from './signal.ts'
import { size } from './size.ts'
import { toolLoop } from './tool-loop.ts'
import { turn } from './turn.ts'

/** Every kind of signal that a policy can name. */
const kinds = [size, modality, turn, toolLoop, keyword, embedding] as const

export const signalSchema = z.discriminatedUnion('kind', schemasOf(kinds))
export type SignalOptions = z.output<typeof signalSchema>

const byKind = new Map(kinds.map((one) => [one.schema.shape.kind.value as string, one as unknown as SignalKind]))

export function createSignal(name: string, options: SignalOptions, surroundings: SignalSurroundings): Signal {
  const kind = byKind.get(options.kind)
  if (kind === undefined) throw new Error(`Cannot make the signal "${name}": there is no kind "${options.kind}"`)
  return kind.create(name, options, surroundings)
}

function schemasOf<const Kinds extends readonly SignalKind[]>(all: Kinds) {
  return all.map(({ schema }) => schema) as unknown as { readonly [Index in keyof Kinds]: Kinds[Index]['schema'] }
}
