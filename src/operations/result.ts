import type { DoneResult } from './operation.ts'

/** An answer with its fields, and the text that a model without them reads. */
export function answer(structured: Readonly<Record<string, unknown>>, text: string): DoneResult {
  return { kind: 'done', content: [{ type: 'text', text }], structured }
}

/** A failure that the model reads and acts on: text only. */
export function failure(text: string): DoneResult {
  return { kind: 'done', content: [{ type: 'text', text }], isError: true }
}
