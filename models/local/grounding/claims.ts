import { splitSentences } from '../../extractive/sentences.ts'

/** A sentence of an answer that says something of the world. */
export interface Claim {
  readonly text: string
  /** Where it stands in the answer. */
  readonly start: number
  readonly end: number
}

const shortestWords = 3
/** Who asks, offers, greets or speaks of the work itself claims nothing that a source could hold. */
const talk =
  /^(?:(?:please|sure|certainly|of course|absolutely|great|okay|ok|alright|hello|hi|hey|thanks?|thank you|sorry|you(?:'|’)?re welcome|no problem|have a|feel free|let me|let(?:'|’)s|i(?:'|’)ll|i will|i can|i could|i(?:'|’)d|i would|i(?:'|’)?m (?:sorry|happy|glad|here)|i am (?:sorry|happy|glad|here)|i hope|i need|i recommend|i suggest|i apologi[sz]e|i understand|i think|if you|to (?:proceed|confirm)|once you|would you|could you|can you|do you|you can (?:ask|tell)|just let|here (?:is|are)|below (?:is|are)|in (?:summary|short)|note that i)\b)/i

/** The sentences of an answer that claim something, with their places; code is none. */
export function claimsOf(answer: string): Claim[] {
  const prose = answer.replaceAll(/(```|~~~)[\s\S]*?(?:\1|$)/g, (code) => ' '.repeat(code.length))
  const claims: Claim[] = []
  let from = 0
  for (const sentence of splitSentences(prose)) {
    const place = placeOf(prose, sentence, from)
    if (place === undefined) continue
    from = place.end
    if (isClaim(sentence)) claims.push({ text: answer.slice(place.start, place.end), ...place })
  }
  return claims
}

function isClaim(sentence: string): boolean {
  const plain = sentence
    .replace(/^\s*(?:[-*+•>#|]+|\d{1,3}[.)])\s*/, '')
    .replaceAll(/[*_`#]+/g, '')
    .trim()
  if (/[?？]["'”’)\]]*$/.test(plain) || talk.test(plain)) return false
  // A heading, or what only opens a list.
  if (/[:：]$/.test(plain) && !/\d/.test(plain)) return false
  const words = plain.match(/[\p{L}\p{N}]+/gu)?.length ?? 0
  return words >= shortestWords || (words > 1 && /\d/.test(plain))
}

/** White space was made one space: the place in the text as it was written. */
function placeOf(text: string, sentence: string, from: number): { start: number; end: number } | undefined {
  const exact = text.indexOf(sentence, from)
  const pieces = sentence.split(' ').filter((piece) => piece !== '')
  const first = pieces[0]
  if (first === undefined) return undefined
  for (let start = text.indexOf(first, from); start !== -1; start = text.indexOf(first, start + 1)) {
    if (exact !== -1 && start >= exact) return { start: exact, end: exact + sentence.length }
    let at = start
    const fits = pieces.every((piece) => {
      while (at < text.length && /\s/.test(text[at] ?? '')) at += 1
      if (!text.startsWith(piece, at)) return false
      at += piece.length
      return true
    })
    if (fits) return { start, end: at }
  }
  return undefined
}
