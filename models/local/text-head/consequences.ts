import { readFileSync } from 'node:fs'
import { type Consequence, consequences } from '../../computer/consequence.ts'
import { normalise } from '../detect/index.ts'
import { controlTextFeatures } from './control-features.ts'
import { decodeTextHead, scoreText, type TextHead } from './text-head.ts'

/** What stands on a control, what a sign without words is said to be, or the name of a field. */
export type ControlKind = 'press' | 'type' | 'sign'

let shipped: TextHead | undefined

/**
 * Which consequences a control has by its words, where a linear head finds them likely: trained on labels in fourteen languages, most of them
 * English, German and Chinese. It knows words that nobody has listed, and errs more often than a list. Amounts and signs tell it nothing.
 *
 * @param least - For a text that something else speaks against: how likely they must be at least.
 */
export function likelyConsequences(text: string, kind: ControlKind, least = 0): Consequence[] {
  if (!/\p{L}{2}|[\p{sc=Han}\p{sc=Hangul}]|\p{L}\p{N}|\p{N}\s?\+/u.test(text) || text.length > longestLabel) return []
  shipped ??= decodeTextHead(readFileSync(new URL('./consequences.head', import.meta.url)), 'consequences.head')
  const { labels, thresholds, buckets } = shipped
  const scores = scoreText(shipped, controlFeatures(text, kind, buckets))
  return consequences.filter((name) => {
    const place = labels.indexOf(name)
    return (scores[place] ?? 0) > Math.max(least, thresholds[place] ?? 1)
  })
}

/** A longer text is no label. */
const longestLabel = 120

export function controlFeatures(text: string, kind: ControlKind, buckets: number) {
  // Signs are told of in words that stand on buttons as well.
  return controlTextFeatures(normalise(text).text, buckets, kind === 'type' ? 'field ' : '')
}
