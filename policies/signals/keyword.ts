import type { Signal } from './signal.ts'

export interface KeywordOptions {
  name: string
  /** Words or phrases, matched whole, in any case. */
  any: readonly string[]
}

/** Whether the step's text holds one of the words. Letters beside a match belong to another word, in any script. */
export function keyword({ name, any }: KeywordOptions): Signal {
  const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${any.map(escapeRegExp).join('|')})(?![\\p{L}\\p{N}_])`, 'iu')
  return {
    name,
    cost: 'scan',
    type: 'bool',
    read: (step) => ({ value: any.length > 0 && pattern.test(step.text), confidence: 1 }),
  }
}

function escapeRegExp(word: string): string {
  return word
    .trim()
    .split(/\s+/)
    .map((piece) => piece.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join('\\s+')
}
