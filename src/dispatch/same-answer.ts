import { dot } from '../../models/embedder.ts'
import { factsOf } from '../../models/local/pairs/index.ts'

/** Longer ones are compared by meaning. */
const shortWords = 15
/** What an embedder reads of an answer. */
const readCharacters = 800
/** Set by judgement, after how cosines of GPTCache's mock pairs spread: no run has fixed them on answers. */
const surelySame = 0.9
const surelyOther = 0.6

/** Whether two answers say the same; `undefined` where nobody can tell. */
export async function saySame(
  one: string,
  other: string,
  embed: (text: string) => Promise<Float32Array | undefined>,
): Promise<boolean | undefined> {
  if (plain(one) === plain(other)) return true
  const [left, right] = [factsOf(one), factsOf(other)]
  if (left.facts.negation !== right.facts.negation && Math.min(left.words.length, right.words.length) <= shortWords) return false
  if (Math.min(left.words.length, right.words.length) <= shortWords) {
    const shared = left.things.intersection(right.things).size
    const fewer = Math.min(left.things.size, right.things.size)
    if (fewer > 0 && shared === fewer && left.facts.number === right.facts.number) return true
    return shared < fewer / 2 ? false : undefined
  }
  const [first, second] = await Promise.all([one, other].map((text) => embed(text.slice(0, readCharacters).toWellFormed())))
  if (first === undefined || second === undefined) return undefined
  const cosine = dot(first, second)
  return cosine >= surelySame ? true : cosine < surelyOther ? false : undefined
}

function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}
