/** A sentence with something changed, so that what bore it bears it no more. Its length stays nearly the same. */
export interface Change {
  readonly kind: 'number' | 'name' | 'negation' | 'opposite' | 'word'
  readonly text: string
}

interface Around {
  /** Sentences of other sources: names and words come from them. */
  readonly others: readonly string[]
  /** 0–1 */
  readonly chance: () => number
}

/** At most one of each kind. */
export function changesOf(said: string, around: Around): Change[] {
  const made = [
    { kind: 'number' as const, text: anotherNumber(said, around) },
    { kind: 'name' as const, text: anotherName(said, around) },
    { kind: 'negation' as const, text: negated(said) },
    { kind: 'opposite' as const, text: opposite(said) },
    { kind: 'word' as const, text: anotherWord(said, around) },
  ]
  return made.flatMap(({ kind, text }) => (text === undefined || text === said ? [] : [{ kind, text }]))
}

function replaceOne(text: string, pattern: RegExp, { chance }: Around, instead: (found: string) => string | undefined): string | undefined {
  const found = [...text.matchAll(pattern)]
  const one = found[Math.floor(chance() * found.length)]
  const other = one && instead(one[0])
  if (one === undefined || other === undefined || other === one[0]) return undefined
  return `${text.slice(0, one.index)}${other}${text.slice(one.index + one[0].length)}`
}

/** Of as many digits: each of them may become another. */
function anotherNumber(said: string, around: Around): string | undefined {
  return replaceOne(said, /\d+/g, around, (digits) => {
    const place = Math.floor(around.chance() * digits.length)
    const digit = (Number(digits[place]) + 1 + Math.floor(around.chance() * 8)) % 10
    return `${digits.slice(0, place)}${place === 0 && digit === 0 && digits.length > 1 ? 9 : digit}${digits.slice(place + 1)}`
  })
}

const names = /(?<=[\p{Ll},;:(] ?)(?:`[^`]+`|\b\p{Lu}[\p{L}\d]*\p{Ll}[\p{L}\d]*\b|\b[a-z]+_[a-z_]+\b|\b\p{Lu}{2,}\d*\b)/gu

/** Another source's name of nearly the same length. */
function anotherName(said: string, around: Around): string | undefined {
  return replaceOne(said, names, around, (name) => {
    const candidates = around.others
      .flatMap((other) => other.match(names) ?? [])
      .filter(
        (other) => other.startsWith('`') === name.startsWith('`') && Math.abs(other.length - name.length) <= 3 && !said.includes(other),
      )
    return candidates[Math.floor(around.chance() * candidates.length)]
  })
}

const verbs = /\b(?:is|are|was|were|can|could|will|would|should|must|has|have|does|do)\b/

function negated(said: string): string | undefined {
  if (/\bnot\b/.test(said)) return said.replace(/\b(?:can)?not\b ?/, (found) => (found.startsWith('can') ? 'can ' : ''))
  if (/n['’]t\b/.test(said))
    return said
      .replace(/n['’]t\b/, '')
      .replace(/\bca\b/, 'can')
      .replace(/\bwo\b/, 'will')
  const verb = verbs.exec(said)?.[0]
  return verb === undefined ? undefined : said.replace(verbs, verb === 'can' ? 'cannot' : `${verb} not`)
}

/** Pairs of their own: what the head knows of opposites is another list. */
const pairs = `always:never all:none before:after first:last more:less most:least higher:lower larger:smaller increases:decreases
  increase:decrease with:without true:false enabled:disabled default:optional optional:required required:optional allows:prevents
  allow:prevent supported:unsupported possible:impossible same:different early:late morning:evening easy:hard fast:slow new:old
  available:unavailable small:large large:small best:worst love:hate loves:hates enjoy:dislike often:rarely many:few input:output
  upload:download add:remove adds:removes encoder:decoder local:remote departs:arrives departure:arrival economy:business
  business:economy one-way:round-trip refundable:non-refundable yes:no public:private single:multiple open:closed high:low
  automatically:manually sequential:parallel synchronous:asynchronous training:evaluation`
  .trim()
  .split(/\s+/)
  .map((pair) => pair.split(':') as [string, string])

function opposite(said: string): string | undefined {
  for (const [word, other] of pairs) {
    const pattern = new RegExp(`\\b${word}\\b`, 'i')
    if (pattern.test(said))
      return said.replace(pattern, (found) => (/^\p{Lu}/u.test(found) ? `${other.slice(0, 1).toUpperCase()}${other.slice(1)}` : other))
  }
  return undefined
}

const nouns = /(?<=\b(?:the|a|an|of|for|to|in|with) )[a-z]{5,12}\b(?= |[.,])/g

/** The word after an article or preposition, in its place one of another source. */
function anotherWord(said: string, around: Around): string | undefined {
  return replaceOne(said, nouns, around, (word) => {
    const candidates = around.others
      .flatMap((other) => other.match(nouns) ?? [])
      .filter((other) => Math.abs(other.length - word.length) <= 2 && !said.includes(other))
    return candidates[Math.floor(around.chance() * candidates.length)]
  })
}
