import { z } from 'zod'
import type { Embedder } from '../../models/embedder.ts'
import type { Step } from '../step.ts'
import { headVerdict, labelled } from './head-reading.ts'
import { shippedHead } from './shipped-heads.ts'
import { defineSignal, type ReadContext, type SignalSurroundings } from './signal.ts'

const kinds = ['satisfied', 'clarification', 'wrong', 'different'] as const
/** Of what it says from here on, 98 of 100 corrections and all thanks were right, in sources that it had not seen. */
const surely = 0.5

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
      values: ['', ...kinds],
      async read(step, context) {
        if (step.text === '' || !isFollowUp(step)) return { value: '', confidence: 1 }
        const { kind, confidence } = await feedbackIn(step.text, threshold, surroundings, context)
        return { value: kind ?? '', confidence }
      },
    }
  },
})

/** What the words alone say, for who learns from what people say next; nothing with an embedder that the head does not know. */
export async function readFeedback(text: string, embedder: Embedder): Promise<(typeof kinds)[number] | undefined> {
  if (embedder.id !== (await shippedHead('feedback')).head.embedder) return undefined
  return (await feedbackIn(text, surely, { embedder }, {})).kind
}

async function feedbackIn(
  text: string,
  threshold: number,
  surroundings: Pick<SignalSurroundings, 'embedder'>,
  context: Pick<ReadContext, 'signal'>,
) {
  const { head } = await shippedHead('feedback')
  const { value, confidence } = labelled(await headVerdict(head, firstWords(text), surroundings, context), threshold)
  return { kind: kinds.find((one) => one === value), confidence }
}

/** A person's turn after an answer. */
function isFollowUp({ kind, history }: Step): boolean {
  return kind === 'user_turn' && history.some(({ role }) => role === 'assistant')
}

/** What is thought of the last answer is said first; what is wanted next follows. */
function firstWords(text: string): string {
  return text.split(/\s+/).slice(0, 30).join(' ')
}
