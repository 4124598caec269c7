import { type NameFinding, shippedNames, tagNames } from './names/tagger.ts'
import { type Token, tokensOf } from './names/tokens.ts'
import { classesOf } from './names/word-lists.ts'
import type { PiiFinding } from './pii.ts'

/** From which probability on a word counts: with 0.3 more is found than is likely, since a miss costs more than a placeholder too many. */
const leastProbability = 0.3
/** Forms and checksums are surer than any guess. */
const surest = 0.89

/**
 * Names, addresses and places, as a small trained model sees them, around what is known to be something else.
 *
 * An address is one finding with its town and country, which are also places of their own within it.
 */
export function findNames(text: string, known: readonly PiiFinding[]): PiiFinding[] {
  const tokens = tokensOf(text)
  const tagged = tagNames(tokens, shippedNames(), { threshold: leastProbability })
  const free = [...tagged, ...listedPlaces(text, tokens, tagged)]
    .flatMap((one) => outside(one, known, text))
    .flatMap((one) => wholeWords(one, text))
    .filter(({ type, start, end }) => type !== 'person' || !isOrdinary(text.slice(start, end)))
    .map(({ type, start, end, score }): PiiFinding => ({ type, start, end, score: Math.min(surest, 0.35 + 0.6 * score) }))
    .filter(({ start, end }) => end - start > 1)
    .toSorted((a, b) => a.start - b.start)
  return joined(free, text)
}

/** The parts of a name that mean its bearer by themselves: no title, no particle, and no word that is an ordinary one, too. */
export function partsOfName(name: string): string[] {
  const words = name.match(/\p{Lu}[\p{L}\p{M}'’-]{2,}/gu) ?? []
  if (words.length < 2) return []
  return words.filter((word) => {
    const [token] = tokensOf(word)
    if (token === undefined || ambiguous.has(token.folded)) return false
    const classes = classesOf(token.folded)
    if (classes.includes('title') || classes.includes('particle')) return false
    return classes.includes('given') || classes.includes('surname') || shippedNames().rankOf(token.folded) > 4
  })
}

/** Names that are words as well, or places. */
const ambiguous = new Set(
  (
    'will mark may april june august rose grace hope faith joy art bill rob pat sue drew grant chase hunter mason carter baker cook young long king price white brown ' +
    'green black gray bush rich love park day stone wood woods hill field fields ford fox wolf bell ball banks best case cross mills page read rice sharp short small ' +
    'west good man strong power powers major dean earl christian german francis jordan chad israel georgia florence paris sydney victoria charlotte austin dallas ' +
    'virginia carolina lily iris ivy amber ruby crystal jade dawn eve summer melody guy gene frank ernest jack nick basil miles lance max dot ray don ken can see bird ' +
    'barber bishop carpenter fisher gardner gross hall knight lane little marsh mercier moss noble north parks porter potter roman singer speaker star winter yes'
  ).split(' '),
)

/** Countries and large cities by their names, where the model saw nobody: unless they are names of people as well. */
function listedPlaces(text: string, tokens: readonly Token[], tagged: readonly NameFinding[]): NameFinding[] {
  const found: NameFinding[] = []
  let open: { first: Token; last: Token } | undefined
  const close = () => {
    if (open !== undefined) found.push({ type: 'place', start: open.first.start, end: open.last.end, score: 0.5 })
    open = undefined
  }
  for (const token of tokens) {
    if (!isListed(token)) close()
    else if (open !== undefined && text.slice(open.last.end, token.start) === ' ') open.last = token
    else {
      close()
      open = { first: token, last: token }
    }
  }
  close()
  const isPart = /^(?:united|republic|new|kingdom|coast|arab|reading|nice|split|same|mobile)$/i
  return found
    .filter(({ start, end }) => !isPart.test(text.slice(start, end)))
    .filter(({ start, end }) => !tagged.some((one) => one.type !== 'address' && one.start < end && one.end > start))
}

function isListed({ text, folded }: Token): boolean {
  if (!/^\p{Lu}\p{L}{2,}/u.test(text)) return false
  const classes = classesOf(folded)
  return (classes.includes('country') || classes.includes('city')) && !classes.includes('given') && !classes.includes('surname')
}

/** What of it is not known to be something else. */
function outside(one: NameFinding, known: readonly PiiFinding[], text: string): NameFinding[] {
  let pieces = [one]
  for (const { start, end } of known) {
    pieces = pieces.flatMap((piece) => {
      if (end <= piece.start || start >= piece.end) return [piece]
      return [
        { ...piece, end: start },
        { ...piece, start: end },
      ].filter((rest) => rest.start < rest.end)
    })
  }
  return pieces.flatMap((piece) => {
    const inner = /[\p{L}\d][\s\S]*[\p{L}\d]/u.exec(text.slice(piece.start, piece.end))
    return inner === null ? [] : [{ ...piece, start: piece.start + inner.index, end: piece.start + inner.index + inner[0].length }]
  })
}

/** A word in small letters that stands in each dictionary, and is nobody's first name. */
function isOrdinary(text: string): boolean {
  return /^\p{Ll}+$/u.test(text) && shippedNames().rankOf(text) < 5 && !classesOf(text).includes('given')
}

/** Names end where their words end: a part of a key, of a path or of an identifier is no name. */
function wholeWords(one: NameFinding, text: string): NameFinding[] {
  const before = /[\p{L}\p{N}_]*$/u.exec(text.slice(Math.max(0, one.start - 40), one.start))?.[0].length ?? 0
  const after = /^[\p{L}\p{N}_]*/u.exec(text.slice(one.end, one.end + 40))?.[0].length ?? 0
  if (before + after > 0)
    return one.type === 'person' || before + after > 6 ? [] : [{ ...one, start: one.start - before, end: one.end + after }]
  const isCode =
    /[\\/._#$@`]$/.test(text.slice(0, one.start).slice(-1)) || /^(?:[(\\/=`_]|\.\p{L}|::|->)/u.test(text.slice(one.end, one.end + 2))
  return isCode && one.type === 'person' ? [] : [one]
}

const gap = /^[\s,.>*|–-]{0,8}$/

/** Pieces of one address, with the places between them, as one; the places stay beside it. */
function joined(findings: readonly PiiFinding[], text: string): PiiFinding[] {
  const result: PiiFinding[] = []
  let run: PiiFinding[] = []
  const close = () => {
    const first = run[0]
    if (first !== undefined && run.some(({ type }) => type === 'address')) {
      const end = Math.max(...run.map((one) => one.end))
      const score = Math.max(...run.filter(({ type }) => type === 'address').map((one) => one.score))
      // A number or a code by itself leads nowhere.
      if (/\s|^\p{L}{6,}$/u.test(text.slice(first.start, end))) result.push({ type: 'address', start: first.start, end, score })
    }
    result.push(...run.filter(({ type }) => type === 'place'))
    run = []
  }
  for (const one of findings) {
    const last = run.at(-1)
    if (one.type === 'person') {
      close()
      result.push(one)
      continue
    }
    if (last !== undefined && one.start >= last.end && !gap.test(text.slice(last.end, one.start))) close()
    run.push(one)
  }
  close()
  return result
}
