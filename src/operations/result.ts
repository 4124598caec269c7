import type { DoneResult } from './operation.ts'

/** An answer with its fields, and the text that a model without them reads. */
export function answer(structured: Readonly<Record<string, unknown>>, text: string): DoneResult {
  return { kind: 'done', content: [{ type: 'text', text }], structured }
}

/** A failure that the model reads and acts on: text only. */
export function failure(text: string): DoneResult {
  return { kind: 'done', content: [{ type: 'text', text }], isError: true }
}

/** What a model reads of a warning, beside what a tool has answered. */
export function warningText(warning: string): string {
  return `[warning: ${warning}]`
}

export function withWarnings(result: DoneResult, warnings: readonly string[]): DoneResult {
  return { ...result, content: [...result.content, ...warnings.map((warning) => ({ type: 'text', text: warningText(warning) }))] }
}
