import { chanceOf } from '../../chance.ts'

/**
 * A fold of each text, 0 to `count` - 1. Texts that differ in case, spaces or punctuation alone stand in one fold: what was learnt
 * from a prompt must not be measured on the same one.
 *
 * @throws {RangeError} If there are fewer different texts than folds.
 */
export function foldsOf(texts: readonly string[], count: number, salt = 'folds'): number[] {
  const keys = texts.map(plainOf)
  const different = [...new Set(keys)]
  if (different.length < count) {
    throw new RangeError(`Cannot make ${count} folds: as many different texts are needed, received ${different.length}`)
  }
  // By what the texts are, not by the order they come in.
  const drawn = new Map(different.map((key) => [key, chanceOf(`${salt} ${key}`)()]))
  const order = different.toSorted((left, right) => (drawn.get(left) ?? 0) - (drawn.get(right) ?? 0) || (left < right ? -1 : 1))
  const folds = new Map(order.map((key, index) => [key, index % count]))
  return keys.map((key) => folds.get(key) ?? 0)
}

/** A text without what does not make it another prompt. */
export function plainOf(text: string): string {
  const plain = text
    .toLowerCase()
    .match(/[\p{L}\p{N}]+/gu)
    ?.join(' ')
  return plain ?? text.trim()
}
