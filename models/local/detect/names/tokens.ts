import type { Span } from '../normalise.ts'

/** A word, a number, a sign or the end of a line. */
export interface Token extends Span {
  readonly text: string
  /** In lower case and without marks. */
  readonly folded: string
}

const pattern = /\p{L}[\p{L}\p{M}]*(?:['’]\p{Lu}[\p{L}\p{M}]+)?(?:-\p{Lu}[\p{L}\p{M}]+)*|\d+|\n|[^\s\p{L}\d]/gu

export function tokensOf(text: string): Token[] {
  return Array.from(text.matchAll(pattern), ({ index, 0: word }) => ({
    text: word,
    folded: fold(word),
    start: index,
    end: index + word.length,
  }))
}

function fold(word: string): string {
  if (/^[\x20-\x7e\n]*$/.test(word)) return word.toLowerCase()
  return word
    .normalize('NFD')
    .replaceAll(/\p{M}/gu, '')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll('ø', 'o')
    .replaceAll('æ', 'ae')
    .replaceAll('ł', 'l')
    .replaceAll('đ', 'd')
    .replaceAll('þ', 'th')
    .replaceAll('ð', 'd')
    .replaceAll('ı', 'i')
}
