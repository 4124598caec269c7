/** Longer pieces are no sentences: one-line JSON, logs, tables without line ends. They are cut at their own separators. */
const longestSentence = 500

const segmenter = new Intl.Segmenter('en', { granularity: 'sentence' })

/**
 * The passages of a text that can be quoted on their own: sentences of prose, whole list items, table rows and lines of code.
 *
 * Each is found word for word in the text, but for white space: a sentence over several lines is one line here.
 */
export function splitSentences(text: string): string[] {
  const sentences: string[] = []
  let paragraph: string[] = []
  let inCode = false
  const flush = () => {
    if (paragraph.length > 0) sentences.push(...splitProse(paragraph.join(' ')))
    paragraph = []
  }
  for (const line of text.split(/\r\n|\n|\r/)) {
    const isFence = /^\s*(?:```|~~~)/.test(line)
    if (isFence) inCode = !inCode
    if (line.trim() === '' || isFence) flush()
    else if (inCode || isOwnUnit(line)) {
      flush()
      sentences.push(collapse(line))
    } else if (opensListItem(line)) {
      flush()
      paragraph.push(line)
    } else paragraph.push(line)
  }
  flush()
  return sentences.flatMap(cutLong).filter((sentence) => /[\p{L}\p{N}]/u.test(sentence))
}

/** Headings, table rows, and lines of data such as `key: value` or JSON: never joined with the next line. */
function isOwnUnit(line: string): boolean {
  return /^\s*(?:#{1,6}\s|\||>\s*\||[{}[\]"]|[\w.-]+\s*[:=]\s*\S.*$)/.test(line) && !/[.!?。！？]\s+\p{Lu}/u.test(line)
}

function opensListItem(line: string): boolean {
  return /^\s*(?:[-*+•]|\d{1,3}[.)])\s+/.test(line)
}

/** `Dr.`, `e.g.`, an initial, or a number with a point: no sentence ends there. */
const abbreviation =
  /(?:^|[\s(])(?:\p{Lu}|(?:Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|Mt|Gen|Col|Capt|Lt|Rev|Hon|No|Nr|Art|Fig|Vol|pp?|ca|approx|vs|etc|resp|bzw|usw|z\.B|d\.h|e\.g|i\.e|cf|al|Inc|Ltd|Co|Corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)|\d{1,3})\.$/u

function splitProse(paragraph: string): string[] {
  const sentences: string[] = []
  let open = ''
  for (const { segment } of segmenter.segment(collapse(paragraph))) {
    open += segment
    const trimmed = open.trim()
    // A list number opens its item, and `No. 5` goes on.
    if (abbreviation.test(trimmed)) continue
    if (trimmed !== '') sentences.push(trimmed)
    open = ''
  }
  if (open.trim() !== '') sentences.push(open.trim())
  return joinLowerCase(sentences)
}

/** What goes on in lower case was no end: `approx. five`, `the U.S. market`. */
function joinLowerCase(sentences: readonly string[]): string[] {
  const joined: string[] = []
  for (const sentence of sentences) {
    const last = joined.at(-1)
    if (last?.endsWith('.') && /^\p{Ll}/u.test(sentence)) joined[joined.length - 1] = `${last} ${sentence}`
    else joined.push(sentence)
  }
  return joined
}

function cutLong(sentence: string): string[] {
  if (sentence.length <= longestSentence) return [sentence]
  const pieces: string[] = []
  for (const piece of sentence.split(/(?<=[,;}\]])/)) {
    const last = pieces.at(-1)
    if (last !== undefined && last.length + piece.length <= longestSentence) pieces[pieces.length - 1] = last + piece
    else pieces.push(piece)
  }
  return pieces.map((piece) => piece.trim())
}

function collapse(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim()
}
