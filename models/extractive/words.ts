/** Words that say how a question is put and not what it is about. */
const questionWords = new Set(
  `a about above after again all also am an and any are as ask asked at be been before being below between both but by can could
  did do does doing down during each exactly few for from further get give given got had has have having he her here hers him his
  how i if in into is it its just know let like many may me might more most much must my of off on once one only or other our
  out over own please remember said same say see she should show so some something such tell than that the their them then there these they thing things
  this those through to too under until up us very want was we were what when where which while who whom whose why will with would you your
  s t re ve ll d m`.split(/\s+/),
)

/** The same for Chinese and Japanese, by the character; a pair with one of these is one as well. */
const questionCharacters = /[什么时候哪谁吗呢怎样几多少的是在了我你何誰はがをにのでかと]/u

/** A word in the form in which it is compared. */
export interface Word {
  readonly stem: string
  readonly text: string
}

/**
 * The words of a text, stemmed; in scripts without spaces each character, and each pair.
 *
 * The stemmer takes English endings off and nothing else: it need only make a question and its answer meet.
 */
export function wordsOf(text: string): Word[] {
  return [...text.normalize('NFKC').matchAll(/[\p{L}\p{M}]+|\p{N}+/gu)].flatMap(([word]) =>
    isUnspaced(word) ? charactersAndPairs(word) : [toWord(word)],
  )
}

export function isQuestionWord(word: Word): boolean {
  return questionWords.has(word.text.toLowerCase()) || (isUnspaced(word.text) && questionCharacters.test(word.text))
}

export function isNumber(word: Word): boolean {
  return /^\p{N}/u.test(word.text)
}

const negation = /\b(?:not?|never|none|nothing|nobody|neither|nor|without|cannot|\w+n['’]t)\b/i

export function hasNegation(text: string): boolean {
  return negation.test(text)
}

function toWord(text: string): Word {
  return { text, stem: stem(text.toLowerCase()) }
}

function isUnspaced(word: string): boolean {
  return /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u.test(word)
}

function charactersAndPairs(word: string): Word[] {
  const characters = [...word]
  const pairs = characters.slice(1).map((character, index) => `${characters[index]}${character}`)
  return [...characters, ...pairs].map((text) => ({ text, stem: text }))
}

function stem(word: string): string {
  if (word.length <= 3) return word
  let base = word
  if (/(?:ss|us|is)$/.test(base)) return base
  if (base.endsWith('ies') && base.length > 4) base = `${base.slice(0, -3)}y`
  else if (/(?:ses|xes|zes|ches|shes)$/.test(base)) base = base.slice(0, -2)
  else if (base.endsWith('s')) base = base.slice(0, -1)
  for (const ending of ['ing', 'ed', 'ly', 'er', 'est']) {
    if (base.endsWith(ending) && base.length - ending.length >= 3) {
      base = base.slice(0, -ending.length)
      if (/([^aeiouls])\1$/.test(base)) base = base.slice(0, -1)
      break
    }
  }
  if (base.endsWith('e') && base.length > 3) base = base.slice(0, -1)
  if (base.endsWith('y') && base.length > 3) base = `${base.slice(0, -1)}i`
  return base
}
