const before = 60
const length = 200

/** The place of a text where words of the query stand, on one line. */
export function snippetOf(text: string, query: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  const lower = line.toLowerCase()
  const words = (query.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).toSorted((left, right) => right.length - left.length)
  const place = words.map((word) => lower.indexOf(word)).find((index) => index >= 0) ?? 0
  const start = place <= before ? 0 : lower.indexOf(' ', place - before) + 1
  const cut = line.slice(start, start + length).toWellFormed()
  return `${start > 0 ? '…' : ''}${cut.trim()}${start + length < line.length ? '…' : ''}`
}
