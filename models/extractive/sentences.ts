/** Longer pieces are no sentences: one-line JSON, logs, tables without line ends. They are cut at their own separators. */
const longestSentence = 500

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
    if (line.trim() === '' || isFence || isFrame(line)) flush()
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

/** The lines that are put around a given file or a quoted text: nobody said them. */
function isFrame(line: string): boolean {
  return /^\s*<\/?(?:file|quoted)(?:\s[^>]*)?>\s*$/.test(line)
}

/** Headings, table rows, and lines of data such as `key: value` or JSON: never joined with the next line. */
function isOwnUnit(line: string): boolean {
  return /^\s*(?:#{1,6}\s|\||>\s*\||[{}[\]"]|[\w.-]+\s*[:=]\s*\S.*$)/.test(line) && !/[.!?。！？]\s+\p{Lu}/u.test(line)
}

function opensListItem(line: string): boolean {
  return /^\s*(?:[-*+•]|\d{1,3}[.)])\s+/.test(line)
}

/** Where a sentence may end: at a full stop and what closes with it, before white space; in scripts without spaces at once. */
const endings = /[.!?…]+["'”’)\]]*(?=\s|$)|[。！？]+["”’」』）]*/gu

/** No sentence ends after these, nor after an initial, nor after the number of a list item. */
const abbreviation =
  /(?:^|[\s(])(?:\p{Lu}|Mr|Mrs|Ms|Dr|Prof|Sr|Jr|St|Mt|Gen|Col|Capt|Lt|Rev|Hon|No|Nr|Art|Fig|Vol|pp?|ca|approx|vs|etc|resp|bzw|usw|cf|al|Inc|Ltd|Co|Corp|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec|e\.g|i\.e|z\.B|d\.h)\.$|^\d{1,3}\.$/u
/** `U.S. market`, `a.m. on Tuesday`: after letters with points it depends on what follows. */
const pointedLetters = /(?:^|[\s(])(?:\p{L}\.){2,}$/u

function splitProse(paragraph: string): string[] {
  const text = collapse(paragraph)
  const sentences: string[] = []
  let start = 0
  for (const { 0: ending, index } of text.matchAll(endings)) {
    const end = index + ending.length
    const open = text.slice(start, end)
    if (abbreviation.test(open) || (pointedLetters.test(open) && !/^\s+\p{Lu}/u.test(text.slice(end)))) continue
    sentences.push(open.trim())
    start = end
  }
  sentences.push(text.slice(start).trim())
  return sentences.filter((sentence) => sentence !== '')
}

/** Objects of one-line JSON are pieces of their own; other long lines are cut at their separators. */
function cutLong(sentence: string): string[] {
  if (/^[[{]/.test(sentence)) return sentence.split(/(?<=\},)/).flatMap((piece) => cutAt(piece.trim(), /(?<=,)/))
  return cutAt(sentence, /(?<=[,;}\]])/)
}

function cutAt(text: string, separator: RegExp): string[] {
  if (text.length <= longestSentence) return [text]
  const pieces: string[] = []
  for (const piece of text.split(separator)) {
    const last = pieces.at(-1)
    if (last !== undefined && last.length + piece.length <= longestSentence) pieces[pieces.length - 1] = last + piece
    else pieces.push(piece)
  }
  return pieces.map((piece) => piece.trim())
}

function collapse(text: string): string {
  return text.replaceAll(/\s+/gu, ' ').trim()
}
