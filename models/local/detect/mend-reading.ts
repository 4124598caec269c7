import { normalise } from './normalise.ts'
import { foldReading } from './readings.ts'

/** Words of orders, and those between them. A word that is missing here is only not mended. */
const vocabulary = new Set(
  (
    'a an the this that these those all any every each other another new old next first last same only also then now here there below above before after until unless if when while as at by for from in into of off on or out over to up with without and but not no do does dont is are be been being was were has have had can cannot could will would shall should must may might need needs ' +
    'you your yours i we they it its he she user users human operator owner person people administrator admin developer system assistant assistants agent agents ai model models language llm bot bots computer browser web automated autonomous use using virtual digital automation ' +
    'never ask always completing continuing proceeding ignore disregard forget discard override bypass stop abandon pause cancel previous prior earlier original initial current instruction instructions prompt prompts guideline guidelines rule rules task tasks goal objective request mission order orders safety warning warnings important attention notice note message urgent immediately please kindly instead ' +
    'click press tap select choose open close go visit navigate type enter paste copy send forward transfer share submit post reply delete remove download install run execute approve accept confirm allow grant deny buy purchase pay log login sign upload change disable enable fill complete continue proceed finish verify follow reading read tell ask inform reveal show print repeat mention ' +
    'wenn du sie ein eine ki agenten assistenten bist sind ist alle bisherigen anweisungen ignoriere ignorieren deine ihre neue aufgabe als musst mussen frage nicht den der die das nutzer benutzer bestatige hinweis an achtung offne und klicken zuerst auf bitte ' +
    'si eres un una agente agentes asistente asistentes de ia ignora las los instrucciones anteriores atencion pulsa vous etes assistant ignorez les consignes precedentes ' +
    'button link page screen website site email mail address account password passwords credentials secret secrets key keys token code data information file files settings security confirmation permission approval authorized authorised required requested instructed updated changed replaced conversation history contents everything anything '
  )
    .trim()
    .split(/\s+/),
)
const longestWord = 14
const byFold = new Map([...vocabulary].map((word) => [foldReading(word), word]))
/** "Al" is how "AI" is read, and so on. */
const short: Readonly<Record<string, string>> = {
  Al: 'AI',
  A1: 'AI',
  Kl: 'KI',
  K1: 'KI',
  lA: 'IA',
  lf: 'if',
  ln: 'in',
  ls: 'is',
  lt: 'it',
  APl: 'API',
  APls: 'APIs',
}
/** Of Chinese the signs that look most alike, where the other makes no word. */
const alike: readonly (readonly [RegExp, string])[] = [
  [/(?<=[输登填录插导存])人/gu, '入'],
  [/(?<=[访询提疑])间/gu, '问'],
  [/(?<=[时期空])问/gu, '间'],
  [/(?<=[批标])谁/gu, '准'],
  [/谁(?=备)/gu, '准'],
]

/**
 * A text that was read from a picture, with its commonest mistakes mended as far as words of orders are concerned: a letter taken for
 * another ("lgnore"), and words that were run together. Everything else stays as it is.
 */
export function mendReading(text: string): string {
  const signs = alike.reduce((read, [wrong, right]) => read.replace(wrong, right), text)
  return signs.replaceAll(/(?:(?!\p{sc=Han})[\p{L}\p{N}|]){2,120}/gu, (token) => {
    const fixed = short[token]
    if (fixed !== undefined) return fixed
    const word = normalise(token).text
    if (vocabulary.has(word)) return token
    // Of a short word the fold says little, unless it has a digit among its letters.
    const known = word.length >= 4 || /\d/.test(token) ? byFold.get(foldReading(token)) : undefined
    if (known !== undefined && /\p{L}/u.test(token)) return known
    return (word.length >= 4 && partsOf(word)?.join(' ')) || token
  })
}

/** A run of letters as words of the vocabulary, the longest first; nothing when it is none. */
function partsOf(run: string): string[] | undefined {
  /** By where a part begins: how long it is when the rest can be told. */
  const lengths = new Array<number>(run.length + 1).fill(0)
  lengths[run.length] = -1
  for (let start = run.length - 1; start >= 0; start -= 1) {
    for (let length = Math.min(longestWord, run.length - start); length > 0; length -= 1) {
      // Single letters tell nothing: with them much can be parted that is a word.
      if (length < 2 && run[start] !== 'a') break
      if (lengths[start + length] !== 0 && vocabulary.has(run.slice(start, start + length))) {
        lengths[start] = length
        break
      }
    }
  }
  if (lengths[0] === 0) return undefined
  const parts: string[] = []
  for (let at = 0; at < run.length; at += lengths[at] ?? run.length) parts.push(run.slice(at, at + (lengths[at] ?? 0)))
  return parts
}
