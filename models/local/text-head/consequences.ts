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
  const scores = scoresOf(text, kind)
  const { labels, thresholds } = headOfControls()
  return consequences.filter((name, place) => (scores[place] ?? 0) > Math.max(least, thresholds[labels.indexOf(name)] ?? 1))
}

/** Whether any consequence is at least so likely. A text that the head cannot read may have any. */
export function mayHaveConsequences(text: string, kind: ControlKind, least: number): boolean {
  const scores = scoresOf(text, kind)
  return scores.length === 0 || scores.some((score) => score >= least)
}

/** What was asked last is asked again for another reason. */
let latest: { readonly key: string; readonly scores: readonly number[] } | undefined

/** In the order of `consequences`; none for what is no label. */
function scoresOf(text: string, kind: ControlKind): readonly number[] {
  if (!/\p{L}{2}|[\p{sc=Han}\p{sc=Hangul}]|\p{L}\p{N}|\p{N}\s?\+/u.test(text) || text.length > longestLabel) return []
  const key = `${kind === 'type' ? 'type' : 'press'} ${text}`
  if (latest?.key !== key) {
    const head = headOfControls()
    const scores = scoreText(head, controlFeatures(text, kind, head.buckets))
    latest = { key, scores: consequences.map((name) => scores[head.labels.indexOf(name)] ?? 0) }
  }
  return latest.scores
}

function headOfControls(): TextHead {
  shipped ??= decodeTextHead(readFileSync(new URL('./consequences.head', import.meta.url)), 'consequences.head')
  return shipped
}

/** A longer text is no label. */
const longestLabel = 120

export function controlFeatures(text: string, kind: ControlKind, buckets: number) {
  // Signs are told of in words that stand on buttons as well.
  return controlTextFeatures(normalise(text).text, buckets, kind === 'type' ? 'field ' : '')
}
