/** What values the facts may take. A name that is not here is a flag, or a real number without bounds. */
export interface Vocabulary {
  readonly numbers: ReadonlyMap<string, NumberFact>
  readonly texts: ReadonlyMap<string, TextFact>
  /** Whether a keyword signal's words stand in a text. */
  hasKeyword(signal: string, text: string): boolean
  /** Whether a text in which the first signal finds a word also holds one for the second. */
  keywordImplies(signal: string, other: string): boolean
  /** One text for each word of the signal. */
  keywordsOf(signal: string): readonly string[]
}

export interface NumberFact {
  readonly integer: boolean
  readonly least: number
  readonly most: number
  /** What it is where nothing else is asked of it. */
  readonly usual: number
}

export interface TextFact {
  /** All that it can be; any text where that is not known. */
  readonly values?: readonly string[] | undefined
  readonly usual: string
}

const anyNumber: NumberFact = { integer: false, least: -Infinity, most: Infinity, usual: 0 }
const anyText: TextFact = { usual: '' }

export function numberFact({ numbers }: Vocabulary, name: string): NumberFact {
  return numbers.get(name) ?? anyNumber
}

export function textFact({ texts }: Vocabulary, name: string): TextFact {
  return texts.get(name) ?? anyText
}
