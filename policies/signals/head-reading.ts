import { type Head, type HeadVerdict, judge } from './heads/head.ts'
import { embedderOf, queryVector } from './query-vector.ts'
import type { ReadContext, SignalResult, SignalSurroundings } from './signal.ts'

/**
 * What a head says of a text.
 *
 * @throws {Error} Without an embedder, or with another than the head was trained on: its numbers would mean nothing.
 */
export async function headVerdict(
  head: Head,
  text: string,
  surroundings: Pick<SignalSurroundings, 'embedder'>,
  context: Pick<ReadContext, 'signal'>,
): Promise<HeadVerdict> {
  const embedder = embedderOf(surroundings)
  if (embedder.id !== head.embedder) {
    throw new Error(`the head was trained on vectors of ${head.embedder}, the embedder is ${embedder.id}`)
  }
  return judge(head, text, await queryVector(text, embedder, context))
}

/** The label where it is sure enough, else empty; the confidence is the same in both cases. */
export function labelled({ label, confidence }: HeadVerdict, threshold: number): SignalResult {
  return { value: confidence >= threshold ? label : '', confidence }
}
