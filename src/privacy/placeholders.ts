/** Values that were found in one request, and the placeholders that stand for them there: in memory, as long as the request is. */
export interface Placeholders {
  /** The placeholder of a value: the same for the same value, numbered in the order in which they are first met. */
  add(value: string, label: string): string
  /** The text with each known value exchanged, wherever it stands by itself. */
  cover(text: string): string
  /** The value of a placeholder. */
  valueOf(placeholder: string): string | undefined
  /** The longest placeholder. */
  readonly longest: number
  /** How many values of each label there are. */
  counts(): Readonly<Record<string, number>>
  readonly isEmpty: boolean
}

/** What a placeholder looks like, wherever it stands. */
export const placeholderPattern = /\[[A-Z][A-Z0-9_]{0,60}_\d{1,6}\]/g

/** The same as models write it that escape its signs for Markdown. */
export const escapedPattern = /\\?\[[A-Z](?:[A-Z0-9_]|\\_){0,60}\\?_\d{1,6}\\?\]/g

/** Values of fewer characters are exchanged where they were found alone: elsewhere they are other things. */
const shortestKnown = 3

/** `taken` are placeholders that already stand in the request as text: what the user wrote is not taken for a value. */
export function createPlaceholders(taken: ReadonlySet<string> = new Set()): Placeholders {
  const byValue = new Map<string, string>()
  const byPlaceholder = new Map<string, string>()
  const numbers = new Map<string, number>()
  const counts = new Map<string, number>()
  let longest = 0
  let known: RegExp | undefined

  return {
    add(value, label) {
      const before = byValue.get(value)
      if (before !== undefined) return before
      let number = numbers.get(label) ?? 0
      let placeholder: string
      do {
        number += 1
        placeholder = `[${label}_${number}]`
      } while (taken.has(placeholder))
      numbers.set(label, number)
      counts.set(label, (counts.get(label) ?? 0) + 1)
      byValue.set(value, placeholder)
      byPlaceholder.set(placeholder, value)
      longest = Math.max(longest, placeholder.length)
      known = undefined
      return placeholder
    },
    cover(text) {
      known ??= patternOf([...byValue.keys()])
      return known === undefined ? text : text.replace(known, (value) => byValue.get(value) ?? value)
    },
    valueOf: (placeholder) => byPlaceholder.get(placeholder.replaceAll('\\', '')),
    get longest() {
      return longest
    },
    counts: () => Object.fromEntries(counts),
    get isEmpty() {
      return byValue.size === 0
    },
  }
}

function patternOf(values: readonly string[]): RegExp | undefined {
  const known = values.filter((value) => value.length >= shortestKnown).toSorted((a, b) => b.length - a.length)
  if (known.length === 0) return undefined
  const escaped = known.map((value) => value.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&'))
  return new RegExp(`(?<![\\p{L}\\p{N}])(?:${escaped.join('|')})(?![\\p{L}\\p{N}])`, 'gu')
}
