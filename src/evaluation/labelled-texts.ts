import { z } from 'zod'
import { parseRows, refuse } from './labelled-rows.ts'

/** A text with the label that is right for it. */
export interface LabelledText {
  readonly text: string
  readonly label: string
  /** The answer that the text follows, for signals that look at what came before. */
  readonly answer?: string | undefined
}

const row = z.looseObject({
  text: z.string().min(1).max(20_000),
  label: z.string().min(1).max(200),
  answer: z.string().min(1).max(20_000).optional(),
})

/**
 * JSON Lines of `{"text", "label", "answer"?}`.
 *
 * @throws {LabelledDataError} With each faulty line.
 */
export function parseLabelledTexts(content: string, file: string): LabelledText[] {
  const rows = parseRows(content, file, row)
  const faults = rows.flatMap(({ row: { text }, line }) => (text.trim() === '' ? [`line ${line}: text must not be blank`] : []))
  if (rows.length === 0) faults.push('it has no text')
  refuse(file, faults)
  return rows.map(({ row: { text, label, answer } }) => ({ text, label, answer }))
}
