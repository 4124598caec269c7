import { isRecord } from './failure.ts'

type Detail = Record<string, unknown>

/**
 * OpenRouter's `reasoning_details`, a list in each chunk: texts and summaries come in pieces, which are joined where they belong to
 * the same one, and what is encrypted comes whole.
 *
 * @returns What this chunk had.
 */
export function addDetails(to: Detail[], value: unknown): Detail[] {
  const news = Array.isArray(value) ? value.filter(isRecord) : []
  for (const detail of news) {
    const last = to.at(-1)
    const isPiece = last !== undefined && last['type'] === detail['type'] && last['index'] === detail['index']
    if (isPiece && (typeof detail['text'] === 'string' || typeof detail['summary'] === 'string' || isSignature(detail))) {
      to[to.length - 1] = joined(last, detail)
    } else to.push(detail)
  }
  return news
}

/** What of it can be read. */
export function textOfDetails(details: readonly Detail[]): string {
  return details.map(({ text, summary }) => [text, summary].filter((one) => typeof one === 'string').join('')).join('')
}

function isSignature({ type, signature }: Detail): boolean {
  return type === 'reasoning.text' && typeof signature === 'string'
}

function joined(last: Detail, piece: Detail): Detail {
  const both: Detail = { ...last }
  for (const [name, value] of Object.entries(piece)) {
    const before = both[name]
    const isText = (name === 'text' || name === 'summary') && typeof value === 'string' && typeof before === 'string'
    if (isText) both[name] = before + value
    else if (value !== null && value !== undefined) both[name] = value
  }
  return both
}
