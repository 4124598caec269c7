import { unitOf } from './units.ts'

const list = (text: string) => text.trim().split(/\s+/)

const numberWords: ReadonlyMap<string, string> = new Map(
  [
    ...list(
      'zero - two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen',
    ).map((word, value) => [word, value] as const),
    ...list('twenty thirty forty fifty sixty seventy eighty ninety').map((word, index) => [word, 20 + 10 * index] as const),
    ...list('first second third fourth fifth sixth seventh eighth ninth tenth').map((word, index) => [word, `${index + 1}.`] as const),
    ['hundred', 100],
    ['thousand', 1000],
    ['million', 1e6],
    ['billion', 1e9],
    ['dozen', 12],
    ['twice', 'x2'],
    ['double', 'x2'],
    ['triple', 'x3'],
    ['half', '.5'],
    ['quarter', '.25'],
    ['once', 'x1'],
    ['single', '1'],
    ['both', '2'],
    ['pair', '2'],
    ['couple', '2'],
  ].map(([word, value]) => [String(word), String(value)]),
)

/** In their order, as they are written but for the marks between thousands: a version is a number as well. */
export function numbersIn(normal: string): string[] {
  const digits = [...normal.matchAll(/(?<![\p{L}\d])[-−+]?\d[\d.,:/]*(?:st|nd|rd|th)?(?:k|m|bn)?(?![\p{L}\d])|\d+/gu)].map(([number]) =>
    number
      .replace(/(?<=\d),(?=\d{3}\b)/g, '')
      .replace('−', '-')
      .replace(/[.,:/]+$/, '')
      .replace(/(?:st|nd|rd|th)$/, '.'),
  )
  const spelled = normal.match(/\p{L}+/gu)?.flatMap((word) => numberWords.get(word) ?? []) ?? []
  return [...digits, ...spelled, ...formulaIn(normal)]
}

const formula = /\d\s*[-+*/^=<>×÷−]\s*[\d(a-z]|\b[a-z]\s*[-+*^=<>×÷−]\s*[\da-z(]/

/** The signs of a formula in their order. */
function formulaIn(normal: string): string[] {
  return formula.test(normal) ? (normal.match(/[\d.]+|\b\p{L}\b|[-+*/^=<>×÷−()%!]/gu) ?? []) : []
}

/** A letter is a unit after a number alone. */
const short = /^(?:m|g|c|f|k|l|h|v|w|mi|min|sec|second|cal|foot|bit)$/

export function unitsIn(normal: string): string[] {
  const found = new Set<string>()
  for (const [, number = '', word = ''] of normal.matchAll(/(\d\s?)?([\p{L}°]+|[%$€£¥₹])/gu)) {
    const unit = unitOf.get(word)
    if (unit !== undefined && (number !== '' || !short.test(word))) found.add(unit)
  }
  return [...found].toSorted()
}

const months = list('january february march april may june july august september october november december')
const days = list('monday tuesday wednesday thursday friday saturday sunday')
const others = list(
  'today tomorrow yesterday tonight now currently weekend morning afternoon evening night noon midnight spring summer autumn fall winter christmas easter halloween thanksgiving',
)
const relative = /\b(?:last|next|this|previous|past|coming|following|ago|later)\b/g

/** Names of times, and what places them against now. */
export function datesIn(normal: string): string[] {
  const words = normal.match(/\p{L}+/gu) ?? []
  const named = words.flatMap((word, index) => {
    const month = months.findIndex(
      (name) => name === word || (word.length >= 3 && word.length <= 4 && name.startsWith(word) && name !== 'may' && name !== 'march'),
    )
    // `may` and `march` are months beside what makes them one.
    const isVerb =
      (word === 'may' || word === 'march') &&
      !/^(?:in|of|since|until|by|on|last|next|this|early|late|mid|before|after)$/.test(words[index - 1] ?? '')
    const isDated = new RegExp(`\\d\\s*${word}\\b|\\b${word}\\s*\\d`).test(normal)
    if (month >= 0 && (!isVerb || isDated)) return [months[month] ?? word]
    const day = days.find((name) => name === word || `${name}s` === word)
    return day !== undefined || others.includes(word) ? [day ?? word] : []
  })
  return [
    ...new Set([
      ...named,
      ...(normal.match(relative) ?? []).filter(
        (word) =>
          word !== 'this' ||
          /\bthis (?:week|month|year|morning|evening|afternoon|weekend|summer|winter|spring|autumn|season|quarter)\b/.test(normal),
      ),
    ]),
  ].toSorted()
}
