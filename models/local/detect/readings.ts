import { normalise } from './normalise.ts'

/**
 * A text as it is compared when a machine has read it from a picture: without spaces and signs, and with one letter for those that it
 * takes for each other. Good for comparing alone; a person cannot read it.
 */
export function foldReading(text: string): string {
  return normalise(text)
    .text.replaceAll(/[^\p{L}\p{N}]/gu, '')
    .replaceAll('rn', 'm')
    .replaceAll('vv', 'w')
    .replaceAll(/[1i|j]/g, 'l')
    .replaceAll('0', 'o')
    .replaceAll('5', 's')
    .replaceAll('8', 'b')
    .replaceAll('ß', 'ss')
    .replaceAll(/(.)\1+/gu, '$1')
}

/** 0 to 1: how much two folded texts are the same, by the letters that have to be changed. */
export function likeness(left: string, right: string): number {
  const longest = Math.max(left.length, right.length)
  if (longest === 0) return 1
  if (longest > 400) return left === right ? 1 : 0
  return 1 - editDistance(left, right) / longest
}

/** How near the most alike stretch of a longer folded text comes to a shorter one: 1 where it contains it. */
export function containment(part: string, whole: string): number {
  if (part.length === 0) return 1
  if (whole.includes(part)) return 1
  if (whole.length < part.length || whole.length > 2000 || part.length > 200) return likeness(part, whole)
  // The distance to any stretch: a first row of zeros lets it begin anywhere, and the least of the last row lets it end anywhere.
  let row = new Array<number>(whole.length + 1).fill(0)
  for (let i = 1; i <= part.length; i += 1) row = nextRow(row, i, part.charCodeAt(i - 1), whole)
  return Math.max(0, 1 - Math.min(...row) / part.length)
}

function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i += 1) row = nextRow(row, i, left.charCodeAt(i - 1), right)
  return row[right.length] ?? 0
}

function nextRow(row: readonly number[], first: number, code: number, text: string): number[] {
  const next = [first]
  for (let j = 1; j <= text.length; j += 1) {
    const changed = (row[j - 1] ?? 0) + (text.charCodeAt(j - 1) === code ? 0 : 1)
    next.push(Math.min(changed, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
  }
  return next
}
