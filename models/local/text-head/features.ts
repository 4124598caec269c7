import { conceptsIn } from './concepts.ts'

/** Buckets of a text with what each counts. */
export interface TextFeatures {
  readonly buckets: Int32Array
  readonly values: Float32Array
}

/** Only so much of a text is looked at. */
const longestText = 600
const tokenPattern = /\p{sc=Han}+|[\p{L}\p{N}][\p{L}\p{N}']*|<\/?|\{"|\/\/|\/\*|<!--|[<>{}|#@"“”„«»「」:!?=$€¥%]/gu

/**
 * What a linear head looks at, each group of unit length so that none drowns the others: words and pairs of words, runs of letters
 * within words, and what the words stand for with which of them come before which.
 *
 * @param text - Normalised: lower case without marks.
 * @param prefix - Kept apart from the same words elsewhere, as those of a label are from those of a claim.
 */
export function textFeatures(text: string, count: number, prefix = ''): TextFeatures {
  const read = text.slice(0, longestText)
  const groups: [Set<number>, Set<number>, Set<number>] = [new Set(), new Set(), new Set()]
  const add = (group: 0 | 1 | 2, name: string) => void groups[group].add(bucketOf(`${prefix}${group}${name}`, count))
  let before = '^'
  for (const [token] of read.matchAll(tokenPattern)) {
    if (/^\p{sc=Han}/u.test(token)) {
      const letters = [...token]
      for (let at = 0; at < letters.length; at += 1)
        for (let size = 1; size <= 3 && at + size <= letters.length; size += 1)
          add(size === 1 ? 1 : 0, letters.slice(at, at + size).join(''))
      before = letters.at(-1) as string
      continue
    }
    const word = /^\p{N}+$/u.test(token) ? '0' : token
    add(0, word)
    add(0, `${before} ${word}`)
    before = word
    if (word.length < 4) continue
    const marked = `_${word}_`
    for (const size of [3, 4, 5]) for (let at = 0; at + size <= marked.length; at += 1) add(1, marked.slice(at, at + size))
  }
  const concepts = conceptsIn(read)
  const [first] = concepts
  if (first !== undefined && first.start <= 2) add(2, `^${first.concept}`)
  for (const [place, one] of concepts.entries()) {
    add(2, one.concept)
    for (const other of concepts.slice(place + 1)) {
      if (other.start < one.end) continue
      add(2, `${one.concept}>${other.concept}`)
      if (other.start - one.end <= 2) add(2, `${one.concept}_${other.concept}`)
    }
  }
  for (const [name, pattern] of shapes) if (pattern.test(read)) add(2, name)
  return featuresOf(groups)
}

/** Each group of unit length. */
export function featuresOf(groups: readonly ReadonlySet<number>[]): TextFeatures {
  const buckets: number[] = []
  const values: number[] = []
  for (const group of groups) {
    const value = 1 / Math.sqrt(Math.max(1, group.size))
    for (const bucket of group) {
      buckets.push(bucket)
      values.push(value)
    }
  }
  return { buckets: Int32Array.from(buckets), values: Float32Array.from(values) }
}

const shapes: readonly (readonly [string, RegExp])[] = [
  ['#address', /[\p{L}\p{N}._-]+@[\p{L}\p{N}-]+\.\p{L}{2,}/u],
  ['#url', /https?:|(?<![\p{L}@])[a-z0-9-]+\.(?:example|com|net|org|io|dev)(?!\p{L})/u],
  ['#markup', /<\/?\p{L}+[^>]*>|<\||\|>|<!--/u],
  ['#call', /\{\s*"\p{L}+"\s*:|\p{L}+_\p{L}+\(?/u],
  ['#comment', /^\s*(?:\/\/|\/\*|#|<!--|--)/],
  ['#blob', /[a-z0-9+/]{20,}/],
  ['#command', /(?:^|\s)(?:curl|wget|sudo|rm -|chmod|npm|pip|bash|make|ssh|git)(?:\s|$)/],
  ['#question', /\?|？/],
  ['#short', /^.{0,24}$/],
]

export function bucketOf(name: string, count: number): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < name.length; index += 1) hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193)
  hash ^= hash >>> 15
  hash = Math.imul(hash, 0x846ca68b)
  hash ^= hash >>> 13
  return (hash >>> 0) % count
}
