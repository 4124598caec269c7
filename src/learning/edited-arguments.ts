import { isDeepStrictEqual } from 'node:util'

type Arguments = Readonly<Record<string, unknown>>

/**
 * Whether a call looks like the one before it, corrected: most of its arguments stayed, or a text changed a little.
 *
 * Other numbers alone, or another cursor, turn a page and correct nothing.
 */
export function areEdited(before: Arguments, after: Arguments): boolean {
  const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  const changed = keys.filter((key) => !isDeepStrictEqual(before[key], after[key]))
  if (changed.length === 0 || changed.every((key) => turnsPage(key, before[key], after[key]))) return false
  const kept = keys.length - changed.length
  return (kept > 0 && kept >= changed.length) || changed.every((key) => isNear(before[key], after[key]))
}

function turnsPage(key: string, before: unknown, after: unknown): boolean {
  return /cursor|offset|page|token/i.test(key) || (typeof before === 'number' && typeof after === 'number')
}

const nearShare = 0.6

/** Texts that begin and end alike, for most of the longer one. */
function isNear(before: unknown, after: unknown): boolean {
  if (typeof before !== 'string' || typeof after !== 'string') return false
  const [short, long] = before.length < after.length ? [before, after] : [after, before]
  let start = 0
  while (start < short.length && short[start] === long[start]) start += 1
  let end = 0
  while (end < short.length - start && short.at(-1 - end) === long.at(-1 - end)) end += 1
  return start + end >= nearShare * long.length
}
