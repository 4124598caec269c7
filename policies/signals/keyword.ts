import { z } from 'zod'
import { defineSignal } from './signal.ts'

/** Whether the step's text holds one of the words. Letters beside a match belong to another word, in any script. */
export const keyword = defineSignal({
  schema: z.strictObject({
    kind: z.literal('keyword'),
    /** Words or phrases, matched whole, in any case. */
    any: z.array(z.string().min(1).max(100)).min(1).max(500),
  }),
  create(name, { any }) {
    const pattern = new RegExp(`(?<![\\p{L}\\p{N}_])(?:${any.map(escapeRegExp).join('|')})(?![\\p{L}\\p{N}_])`, 'iu')
    return { name, cost: 'scan', type: 'bool', read: (step) => ({ value: pattern.test(step.text), confidence: 1 }) }
  },
})

function escapeRegExp(word: string): string {
  return word
    .trim()
    .split(/\s+/)
    .map((piece) => piece.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'))
    .join('\\s+')
}
