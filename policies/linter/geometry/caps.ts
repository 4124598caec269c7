import { dot, type Embedder } from '../../../models/embedder.ts'
import type { Policy } from '../../policy.ts'
import { embeddingSettings } from '../../signals/embedding.ts'

/**
 * An embedding signal that takes the nearest example: each example is the centre of a spherical cap of the radius
 * arccos(threshold), and a label fires in the union of its caps (ProbPol, arXiv 2603.18174, level 2). Signals that average
 * examples or learn from them have no such shape, and are not here.
 */
export interface CapSignal {
  readonly name: string
  readonly threshold: number
  readonly margin: number
  /** Centres of length 1, by label. */
  readonly labels: ReadonlyMap<string, readonly Float32Array[]>
}

export async function capSignalsOf(policy: Policy, embedder: Embedder, signal?: AbortSignal): Promise<CapSignal[]> {
  const found: CapSignal[] = []
  for (const [name, options] of Object.entries(policy.file.signals)) {
    if (options.kind !== 'embedding' || options.examples === 'pools') continue
    const { aggregation, threshold, margin } = embeddingSettings(options, options.examples)
    if (aggregation !== 'max') continue
    const labels = new Map<string, readonly Float32Array[]>()
    for (const [label, texts] of Object.entries(options.examples)) labels.set(label, await embedder.embed(texts, { signal }))
    found.push({ name, threshold, margin, labels })
  }
  return found
}

/** Rounding of single-precision vectors: what is claimed to be impossible must be so by more than this. */
const slack = 1e-4

/** Whether no text can lie in a cap of the one and in a cap of the other. */
export function areApart(
  left: readonly Float32Array[],
  leftThreshold: number,
  right: readonly Float32Array[],
  rightThreshold: number,
): boolean {
  const reach = Math.acos(leftThreshold) + Math.acos(rightThreshold) + slack
  return left.every((one) => right.every((other) => angle(one, other) > reach))
}

/** Whether each cap of `inner` lies in a cap of `outer`. */
export function liesWithin(
  inner: readonly Float32Array[],
  innerThreshold: number,
  outer: readonly Float32Array[],
  outerThreshold: number,
): boolean {
  const room = Math.acos(outerThreshold) - Math.acos(innerThreshold) - slack
  return inner.every((one) => outer.some((other) => angle(one, other) <= room))
}

/** Whether each example of the label is an example of another one, too: then it can never lead by a margin. */
export function isRepeated(own: readonly Float32Array[], others: readonly Float32Array[]): boolean {
  return own.every((one) => others.some((other) => dot(one, other) > 1 - 1e-6))
}

function angle(left: Float32Array, right: Float32Array): number {
  return Math.acos(Math.min(1, Math.max(-1, dot(left, right))))
}
