import { readFileSync } from 'node:fs'
import { mendReading, normalise } from '../detect/index.ts'
import { type Concept, conceptsIn } from './concepts.ts'
import { decodeTextHead, scoreText, type TextHead, textFeatures } from './text-head.ts'

let shipped: TextHead | undefined

/** What an order wants done. */
const deeds: ReadonlySet<Concept> = new Set([
  'click',
  'send',
  'pay',
  'delete',
  'approve',
  'run',
  'take',
  'visit',
  'change',
  'ignore',
  'hiding',
  'always',
  'role',
  'indirect',
])
/** Of whom or of what pages that help their readers seldom speak. */
const aims: ReadonlySet<Concept> = new Set([
  'agent',
  'proxy',
  'indirect',
  'automation',
  'user',
  'ignore',
  'task',
  'secret',
  'scope',
  'hiding',
  'role',
  'guards',
  'always',
  'done',
  'authority',
  'asking',
  'encoded',
])
const marks = /<\/?\p{L}+[^>]*>|<\||\/\/|\{\s*"\p{L}+"\s*:|\p{L}+_\p{L}+/u

/** Whether a text is long enough for an order, and has a deed and an aim: labels, headings and prices never do. */
export function mayOrder(text: string): boolean {
  const letters = text.match(/\p{sc=Han}/gu)?.length ?? 0
  if (letters < 6 && (text.match(/[\p{L}\p{N}]+/gu)?.length ?? 0) < 4) return false
  const found = new Set(conceptsIn(text).map(({ concept }) => concept))
  return [...found].some((one) => deeds.has(one)) && found.size >= 2 && (marks.test(text) || [...found].some((one) => aims.has(one)))
}

/** A comment that stands on a screen is seen like all else. */
export function readOrder(text: string): string {
  return normalise(mendReading(text.replaceAll('<!--', ' // ').replaceAll('-->', ' '))).text
}

/** Screens show the same lines again and again. */
const remembered = new Map<string, number>()
const mostRemembered = 2000

/**
 * How likely a text of a screen gives orders to the agent that looks at it, 0 to 1. A linear head over words, trained on patterns in
 * English, German and Chinese and a few in Spanish and French. It raises suspicion and proves nothing.
 */
export function orderScore(text: string): number {
  const known = remembered.get(text)
  if (known !== undefined) return known
  const read = readOrder(text)
  const score = mayOrder(read) ? (scoreText(ordersHead(), textFeatures(read, ordersHead().buckets))[0] ?? 0) : 0
  if (remembered.size >= mostRemembered) remembered.delete(remembered.keys().next().value ?? '')
  remembered.set(text, score)
  return score
}

/** From where a score counts. */
export function orderThreshold(): number {
  return ordersHead().thresholds[0] ?? 1
}

function ordersHead(): TextHead {
  shipped ??= decodeTextHead(readFileSync(new URL('./orders.head', import.meta.url)), 'orders.head')
  return shipped
}
