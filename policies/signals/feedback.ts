import { z } from 'zod'
import type { Step } from '../step.ts'
import { headVerdict, labelled } from './head-reading.ts'
import { shippedHead } from './shipped-heads.ts'
import { defineSignal } from './signal.ts'

/**
 * What a person says of the answer before: `satisfied`, `clarification`, `wrong` or `different`; empty where the turn is a new
 * request, where it is not sure, and on any step that follows no answer.
 */
export const feedback = defineSignal({
  value: 'text',
  is: 'what a person says of the answer before: `satisfied`, `clarification`, `wrong`, `different`; empty for a new request, and where no answer came before',
  options: {
    threshold: 'empty below this confidence',
  },
  schema: z.strictObject({
    kind: z.literal('feedback'),
    threshold: z.number().min(0).max(1).default(0.5),
  }),
  create(name, { threshold }, surroundings) {
    return {
      name,
      cost: 'embed',
      type: 'string',
      values: ['', 'satisfied', 'clarification', 'wrong', 'different'],
      async read(step, context) {
        if (step.text === '' || !isFollowUp(step)) return { value: '', confidence: 1 }
        const { head } = await shippedHead('feedback')
        const { value, confidence } = labelled(await headVerdict(head, firstWords(step.text), surroundings, context), threshold)
        return { value: value === 'none' ? '' : value, confidence }
      },
    }
  },
})

/** A person's turn after an answer. */
function isFollowUp({ kind, history }: Step): boolean {
  return kind === 'user_turn' && history.some(({ role }) => role === 'assistant')
}

/** What is thought of the last answer is said first; what is wanted next follows. */
function firstWords(text: string): string {
  return text.split(/\s+/).slice(0, 30).join(' ')
}
