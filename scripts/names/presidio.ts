import { createHash } from 'node:crypto'

/** A row of presidio-pii. */
export interface PresidioRow {
  readonly text: string
  readonly spans: readonly { readonly type: string; readonly start: number; readonly end: number }[]
}

/** Half of the templates, the other half with `--swap` on the command line: by the text without its values, so that no template is on both sides. */
export function isForTraining({ text, spans }: PresidioRow): boolean {
  let without = ''
  let from = 0
  for (const { start, end } of spans.toSorted((a, b) => a.start - b.start)) {
    without += text.slice(from, Math.max(from, start))
    from = end
  }
  const key = (without + text.slice(from))
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, ' ')
    .trim()
  const isFirstHalf = Number.parseInt(createHash('sha1').update(key).digest('hex').slice(0, 1), 16) < 8
  return isFirstHalf !== process.argv.includes('--swap')
}
