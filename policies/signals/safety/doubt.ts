import { readFileSync } from 'node:fs'
import { normalise } from '../../../models/local/detect/index.ts'
import { decodeTextHead, scoreText, type TextHead, textFeatures } from '../../../models/local/text-head/text-head.ts'

let shipped: TextHead | undefined

/**
 * How much a sentence is by its words like those of attacks and of harmful requests, 0 to 1. A linear head (`scripts/train-doubt.ts`)
 * that asks no embedder: it says which sentences of a long text are worth being read, and judges none.
 */
export function doubtOf(sentence: string, head: TextHead = doubtHead()): number {
  return scoreText(head, textFeatures(normalise(sentence).text, head.buckets))[0] ?? 0
}

/** Below it a sentence is left: one in ten of the attacks and harmful requests that the head had not seen lay there. */
export function doubtThreshold(): number {
  return doubtHead().thresholds[0] ?? 0
}

function doubtHead(): TextHead {
  shipped ??= decodeTextHead(readFileSync(new URL('../trained/doubt.head', import.meta.url)), 'doubt.head')
  return shipped
}
