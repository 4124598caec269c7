import { identifiersToWords } from '../../models/local/index.ts'

// A longer name is no tool's: exposed names have 64 characters at most.
const comparedCharacters = 64
const leastLikeness = 0.4

/** The names most like `name` by letters and by words, best first, at most `limit`; ties by name. */
export function nearestNames(name: string, names: readonly string[], limit = 3): string[] {
  const asked = prepare(name)
  return names
    .map((candidate) => ({ candidate, likeness: likeness(asked, prepare(candidate)) }))
    .filter((entry) => entry.likeness >= leastLikeness)
    .sort((a, b) => b.likeness - a.likeness || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, limit)
    .map((entry) => entry.candidate)
}

interface Prepared {
  letters: string
  words: ReadonlySet<string>
}

function prepare(name: string): Prepared {
  const words = identifiersToWords(name.slice(0, comparedCharacters))
  return { letters: words.replaceAll(' ', ''), words: new Set(words.split(' ')) }
}

/** The better of two: letters catch a slip of the keyboard, words catch a name put together otherwise. */
function likeness(a: Prepared, b: Prepared): number {
  const longest = Math.max(a.letters.length, b.letters.length)
  if (longest === 0) return 0
  const byLetters = 1 - editDistance(a.letters, b.letters) / longest
  const shared = a.words.intersection(b.words).size
  const byWords = shared / Math.max(a.words.size, b.words.size)
  return Math.max(byLetters, byWords) + Math.min(byLetters, byWords) / 10
}

/** Insertions, deletions and replacements from one to the other. */
function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row]
    for (let column = 1; column <= b.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (a[row - 1] === b[column - 1] ? 0 : 1)
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1))
    }
    previous = current
  }
  return previous[b.length] ?? 0
}
