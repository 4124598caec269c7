/** Letters beside a match belong to another word, in any script. */
const noWordBefore = '(?<![\\p{L}\\p{N}_])'
const noWordAfter = '(?![\\p{L}\\p{N}_])'

/** Finds any of the phrases, whole, in any case, with any space between words. Alternatives of plain text: it cannot run away. */
export function phrasePattern(phrases: readonly string[], flags = 'iu'): RegExp {
  return new RegExp(`${noWordBefore}(?:${phrases.map(escapeRegExp).join('|')})${noWordAfter}`, flags)
}

function escapeRegExp(phrase: string): string {
  return phrase
    .trim()
    .split(/\s+/)
    .map((piece) => piece.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join('\\s+')
}
