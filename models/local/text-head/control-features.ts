import type { TextFeatures } from './features.ts'
import { bucketOf, featuresOf } from './features.ts'

const longestText = 160
const dense = /^[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}ー々]/u
const tokenPattern = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Hangul}\p{sc=Thai}ー々]+|\p{N}+|\p{L}+|[?!+%&$€£¥]/gu

/**
 * What a head looks at in the few words of a control: words with their neighbours, the first and the last for themselves, and runs of letters,
 * so that an ending or a compound that nobody has listed is still near to one that somebody has. Each group has unit length.
 *
 * @param text - Normalised: lower case without marks.
 * @param prefix - Kept apart from the same words elsewhere, as the name of a field is from a label.
 */
export function controlTextFeatures(text: string, count: number, prefix = ''): TextFeatures {
  const words = new Set<number>()
  const letters = new Set<number>()
  const add = (group: Set<number>, name: string) => void group.add(bucketOf(`${prefix}${name}`, count))
  const tokens = Array.from(text.slice(0, longestText).matchAll(tokenPattern), ([token]) => (/^\p{N}/u.test(token) ? '0' : token))
  let before = '^'
  for (const [place, token] of tokens.entries()) {
    const isFirst = place === 0
    const isLast = place === tokens.length - 1
    if (dense.test(token)) {
      const signs = [...`${isFirst ? '^' : ''}${token}${isLast ? '$' : ''}`]
      for (let at = 0; at < signs.length; at += 1)
        for (let size = 1; size <= 4 && at + size <= signs.length; size += 1) {
          const run = signs.slice(at, at + size).join('')
          if (run !== '^' && run !== '$') add(size === 1 ? letters : words, run)
        }
      before = token.slice(-2)
      continue
    }
    add(words, ` ${token}`)
    add(words, `${before} ${token}`)
    if (isLast) add(words, `${token} $`)
    before = token
    if (token.length < 4) continue
    const marked = `_${token}_`
    for (const size of [3, 4, 5]) for (let at = 0; at + size <= marked.length; at += 1) add(letters, marked.slice(at, at + size))
  }
  add(words, `#${Math.min(tokens.length, 6)}`)
  return featuresOf([words, letters])
}
