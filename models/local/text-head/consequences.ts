import { readFileSync } from 'node:fs'
import { type Consequence, consequences } from '../../computer/consequence.ts'
import { normalise } from '../detect/index.ts'
import { decodeTextHead, scoreText, type TextHead, textFeatures } from './text-head.ts'

/** What stands on a control, what a sign without words is said to be, or the name of a field. */
export type ControlKind = 'press' | 'type' | 'sign'

let shipped: TextHead | undefined

/**
 * Which consequences a control has by its words, where a linear head finds them likely: trained on labels in English, German and Chinese. It
 * knows words that nobody has listed, and errs more often than a list.
 */
export function likelyConsequences(text: string, kind: ControlKind): Consequence[] {
  if (text.trim() === '' || text.length > longestLabel) return []
  shipped ??= decodeTextHead(readFileSync(new URL('./consequences.head', import.meta.url)), 'consequences.head')
  const { labels, thresholds, buckets } = shipped
  const scores = scoreText(shipped, controlFeatures(text, kind, buckets))
  return consequences.filter((name) => {
    const place = labels.indexOf(name)
    return (scores[place] ?? 0) > (thresholds[place] ?? 1)
  })
}

/** A longer text is no label. */
const longestLabel = 120

export function controlFeatures(text: string, kind: ControlKind, buckets: number) {
  // Signs are told of in words that stand on buttons as well.
  return textFeatures(normalise(text).text, buckets, kind === 'type' ? 'field ' : '')
}
