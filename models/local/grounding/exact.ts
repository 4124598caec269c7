import { unitOf } from '../pairs/units.ts'

/**
 * What of a sentence must stand in its sources exactly, each in one form however it is written: `4 PM` is `16:00:00`, `May 27` is
 * part of `2024-05-27`, `1,562.50` is `1562.5`.
 */
export interface Exact {
  /** Numbers of two digits or more, decimals, dates and times. */
  readonly quantities: ReadonlySet<string>
  /** Whole numbers up to twelve: they may have been counted. */
  readonly counts: ReadonlySet<string>
  /** Words of letters and digits, identifiers, addresses; in lower case. */
  readonly codes: ReadonlySet<string>
  /** Words with a capital inside a sentence; in lower case. */
  readonly names: ReadonlySet<string>
  /** The units that stand beside a number. */
  readonly units: ReadonlyMap<string, ReadonlySet<string>>
}

const list = (text: string) => text.trim().split(/\s+/)
const months = list('jan feb mar apr may jun jul aug sep oct nov dec')
const month =
  '(jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\.?'
const small = list('zero one two three four five six seven eight nine ten eleven twelve')
const larger: ReadonlyMap<string, number> = new Map([
  ...list('thirteen fourteen fifteen sixteen seventeen eighteen nineteen').map((word, index) => [word, 13 + index] as const),
  ...list('twenty thirty forty fifty sixty seventy eighty ninety').map((word, index) => [word, 20 + 10 * index] as const),
])
const multiples: ReadonlyMap<string, number> = new Map([
  ['hundred', 100],
  ['thousand', 1000],
  ['k', 1000],
  ['million', 1e6],
  ['billion', 1e9],
  ['bn', 1e9],
])
const largestCount = 12

const addresses = /[\w.+-]+@[\w-]+\.[\w.-]*\w|\bhttps?:\/\/[^\s"'<>)\]]*[\w/]/g
const isoDates = /\b((?:19|20)\d\d)-(\d\d)-(\d\d)(?!\d)T?/g
const slashDates = /(?<![\d/])(\d{1,2})\/(\d{1,2})(?:\/((?:19|20)\d\d))?(?![\d/])/g
const monthFirst = new RegExp(`\\b${month}\\s+(\\d{1,2})(?:st|nd|rd|th)?(?!\\d|:)(?:,?\\s+((?:19|20)\\d\\d))?`, 'gi')
const dayFirst = new RegExp(`(?<!\\d)(\\d{1,2})(?:st|nd|rd|th)?(?:\\s+of)?\\s+${month}\\b(?:,?\\s+((?:19|20)\\d\\d))?`, 'gi')
const clock = /(?<![\d.:])(\d{1,2}):(\d\d)(?::\d\d(?:\.\d+)?)?Z?(?:\s*([ap])\.?m\b\.?)?(?![\d:])/gi
const hours = /(?<![\d.:])(\d{1,2})\s?([ap])\.?m\b\.?/gi
/** Letters and digits in one word, underscores, capitals inside, options. A number with its unit is none. */
const identifiers =
  /(?<![\w$])(?!\d+(?:[.,]\d+)?(?:st|nd|rd|th|k|m|bn|kg|km|cm|mm|ms|s|h|g|mb|gb|tb|kb|c|f|x|min|px|lb|ft)(?!\w))(?=[\w./-]*\d)(?=[\w./-]*[A-Za-z])[A-Za-z0-9]+(?:[-_./][A-Za-z0-9]+)*|(?<![\w$])[A-Za-z]\w*_\w+|\b[a-z]+[A-Z]\w*|(?<!\S)--[a-z][\w-]+/g
const numbersAndWords = /(?<![\w.])-?\d[\d,]*(?:\.\d+)?|[\p{L}°]+|[%$€£¥]/gu

/** Reads them off a sentence, or off a whole source. */
export function exactIn(text: string): Exact {
  const quantities = new Set<string>()
  const counts = new Set<string>()
  const codes = new Set<string>()
  const units = new Map<string, Set<string>>()
  let rest = text.normalize('NFKC').replaceAll('−', '-')
  /** What was read is read once. */
  const take = (pattern: RegExp, read: (groups: readonly (string | undefined)[]) => boolean) => {
    rest = rest.replace(pattern, (...match: unknown[]) => {
      const groups = match.slice(
        0,
        match.findIndex((one) => typeof one === 'number'),
      ) as (string | undefined)[]
      return read(groups) ? ' '.repeat((groups[0] ?? '').length) : (groups[0] ?? '')
    })
  }
  const code = ([found = '']: readonly (string | undefined)[]) => codes.add(found.toLowerCase()) !== undefined
  const date = (monthNumber: number, day: number, year: string | undefined) => {
    if (monthNumber < 1 || monthNumber > 12 || day < 1 || day > 31) return false
    quantities.add(`${monthNumber}-${day}`)
    if (year !== undefined) quantities.add(year)
    return true
  }
  const time = (hour: number, minute: number, half: string | undefined) => {
    if (hour > 24 || minute > 59) return false
    const late = half?.toLowerCase() === 'p' && hour < 12 ? 12 : half?.toLowerCase() === 'a' && hour === 12 ? -12 : 0
    quantities.add(`${hour + late}:${String(minute).padStart(2, '0')}`)
    return true
  }
  const monthOf = (name = '') => months.indexOf(name.slice(0, 3).toLowerCase()) + 1

  take(addresses, code)
  take(isoDates, ([, year, number, day]) => date(Number(number), Number(day), year))
  take(slashDates, ([, number, day, year]) => date(Number(number), Number(day), year))
  take(monthFirst, ([, name, day, year]) => date(monthOf(name), Number(day), year))
  take(dayFirst, ([, day, name, year]) => date(monthOf(name), Number(day), year))
  take(clock, ([, hour, minute, half]) => time(Number(hour), Number(minute), half))
  take(hours, ([, hour, half]) => time(Number(hour), 0, half))
  take(identifiers, code)

  const words = [...rest.matchAll(numbersAndWords)].map(([word]) => word.toLowerCase())
  for (let at = 0; at < words.length; at += 1) {
    const start = at
    const digits = /^-?\d/.test(words[at] ?? '')
    let value = digits ? Number((words[at] ?? '').replaceAll(',', '')) : wordValue(words, at)
    if (value === undefined || Number.isNaN(value)) continue
    if (!digits && larger.has(words[at] ?? '') && small.indexOf(words[at + 1] ?? '') > 0) at += 1
    const multiple = multiples.get(words[at + 1] ?? '')
    if (multiple !== undefined) {
      value *= multiple
      at += 1
    }
    const key = String(value)
    if (Number.isInteger(value) && value >= 0 && value <= largestCount) counts.add(key)
    else quantities.add(key)
    const unit = unitOf.get(words[at + 1] ?? '') ?? (/[$€£¥]/.test(words[start - 1] ?? '') ? unitOf.get(words[start - 1] ?? '') : undefined)
    if (unit !== undefined) {
      // Pounds are money as well as a weight.
      const both = unit === 'lb' && words[at + 1]?.startsWith('pound') === true ? [unit, '£'] : [unit]
      units.set(key, new Set([...(units.get(key) ?? []), ...both]))
    }
  }
  return { quantities, counts, codes, names: namesIn(text), units }
}

function wordValue(words: readonly string[], at: number): number | undefined {
  const word = words[at] ?? ''
  const tens = larger.get(word)
  const ones = small.indexOf(words[at + 1] ?? '')
  if (tens !== undefined) return tens + (tens >= 20 && ones > 0 && ones < 10 ? ones : 0)
  // "one" is seldom a number.
  const value = small.indexOf(word)
  return value < 2 ? undefined : value
}

const calendar = new Set(
  list(`monday tuesday wednesday thursday friday saturday sunday january february march april may june july august september october
    november december i am pm ok yes no utc gmt`),
)

function namesIn(text: string): Set<string> {
  const names = new Set<string>()
  for (const { 0: word, index } of text.matchAll(/(?<![\p{L}\p{N}_@/.-])\p{Lu}[\p{L}’'-]*\p{L}(?![\p{L}\p{N}_@/])/gu)) {
    const plain = word.replace(/['’]s$/, '').toLowerCase()
    // What begins a sentence or a line may be any word.
    const isFirst = /(?:^|[.!?:;•*"“”(\n–—-]\s*|^\s*\d+\.\s*)$/u.test(text.slice(Math.max(0, index - 4), index).replace(/\*+$/, ''))
    if (!isFirst && !calendar.has(plain)) names.add(plain)
  }
  return names
}
