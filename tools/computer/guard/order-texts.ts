import { findInjection, mendReading, normalise, scoreOf, screenFamilies } from '../../../models/local/detect/index.ts'
import { orderScore, orderThreshold } from '../../../models/local/text-head/orders.ts'

/** What in a text gives orders: wordings that are known, and words that orders consist of. */
export interface OrderFinding {
  readonly family: string
  readonly weight: number
  readonly says: string
}

/** Suspicion by words alone: enough to be flagged, and less than what a known wording says. */
const learntWeight = 0.6
const mostUnits = 40

/** Screens of a session have most of their texts in common, and each is asked about at every action: what was found is kept for a while. */
const known = new Map<string, readonly OrderFinding[]>()
const mostKnown = 1000

/** @param text - Lines that go on in one another. Of a text that was read from a picture, with the mistakes of its reader. */
export function ordersIn(text: string): readonly OrderFinding[] {
  const found = known.get(text) ?? lookedFor(text)
  known.delete(text)
  known.set(text, found)
  if (known.size > mostKnown) known.delete(known.keys().next().value ?? text)
  return found
}

function lookedFor(text: string): OrderFinding[] {
  const found = phrasesIn(text)
  if (scoreOf(found) < learntWeight && isOrder(text))
    found.push({ family: 'learnt', weight: learntWeight, says: 'reads like orders to the agent that looks at the screen' })
  return found
}

function phrasesIn(text: string): OrderFinding[] {
  const mended = mendReading(text)
  const plain = findInjection(text, normalise(text), screenFamilies).findings
  const all = mended === text ? plain : [...plain, ...findInjection(mended, normalise(mended), screenFamilies).findings]
  return all.map(({ family, weight }) => ({ family, weight, says: screenFamilies.find(({ name }) => name === family)?.says ?? family }))
}

/**
 * An order may be a line of a text, one sentence, lines that go on in one another, or any lines below each other: of those more is
 * needed, since they may not belong together.
 */
function isOrder(text: string): boolean {
  const limit = orderThreshold()
  const lines = text.split('\n').map((line) => line.trim())
  const single = [...lines, ...unwrapped(lines)].flatMap((line) => [line, ...line.split(/(?<=[.!?。！？])\s*/u)])
  const several = runsOf(lines).flatMap((run) => {
    const parts = run.length > 1 ? [joined(run)] : []
    for (const size of [2, 3]) for (let at = 0; at + size <= run.length; at += 1) parts.push(joined(run.slice(at, at + size)))
    return parts
  })
  return isAbove(single, limit) || isAbove(several, (1 + limit) / 2)
}

/** A line that ends in no sign, at the width of its text, goes on in the next one. */
function unwrapped(lines: readonly string[]): string[] {
  const widest = Math.max(...lines.map(widthOf))
  const whole: string[][] = []
  for (const [index, line] of lines.entries()) {
    const above = lines[index - 1] ?? ''
    const goesOn = widthOf(above) >= Math.max(20, widest * 0.6) && !/[.!?。！？:：;；]$/u.test(above)
    if (goesOn) whole.at(-1)?.push(line)
    else whole.push([line])
  }
  return whole.filter(({ length }) => length > 1 && length <= 6).map(joined)
}

/** In letters of Latin; a Chinese sign is as wide as two. */
function widthOf(line: string): number {
  return line.length + (line.match(/\p{sc=Han}/gu)?.length ?? 0)
}

/** Lines that may go on in one another: a word or two after the end of a sentence stand on a button or a link, and begin anew. */
function runsOf(lines: readonly string[]): string[][] {
  const runs: string[][] = []
  for (const line of lines) {
    const run = runs.at(-1)
    if (run === undefined || (isShort(line) && /[.!?。!?]$/u.test(run.at(-1) ?? ''))) runs.push([line])
    else run.push(line)
  }
  return runs
}

function isShort(line: string): boolean {
  return !/\p{sc=Han}/u.test(line) && line.split(/\s+/).length <= 2
}

function isAbove(units: readonly string[], limit: number): boolean {
  return [...new Set(units)]
    .filter(({ length }) => length >= 6)
    .slice(0, mostUnits)
    .some((unit) => orderScore(unit) > limit)
}

/** Chinese goes on without a space. */
function joined(lines: readonly string[]): string {
  return lines
    .join('\n')
    .replaceAll(/(?<=[\p{sc=Han},，。、])\n(?=\p{sc=Han})/gu, '')
    .replaceAll('\n', ' ')
}
