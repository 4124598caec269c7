import { z } from 'zod'
import type { Embedder } from '../../models/embedder.ts'
import { headVerdict } from './head-reading.ts'
import type { HeadVerdict } from './heads/head.ts'
import { shippedHead } from './shipped-heads.ts'
import { defineSignal } from './signal.ts'

/** Whether an answer needs evidence: the text asks for facts of the world that can be looked up, and not for words, code or sums. */
export const factCheck = defineSignal({
  value: 'true or false',
  is: 'whether the text asks for facts that can be looked up, and not for words, code or sums',
  options: {
    margin: 'by how much facts must be ahead',
  },
  schema: z.strictObject({
    kind: z.literal('fact_check'),
    /** How much nearer to the questions that need evidence it must be than to those that do not, from −1 to 1. */
    margin: z.number().min(-1).max(1).default(0),
  }),
  create(name, { margin }, surroundings) {
    return {
      name,
      cost: 'embed',
      type: 'bool',
      async read(step, context) {
        if (step.text === '') return { value: false, confidence: 0 }
        const { head } = await shippedHead('fact_check')
        const verdict = await headVerdict(head, step.text, surroundings, context)
        return { value: leadOf(verdict, head.labels) > margin, confidence: verdict.confidence }
      },
    }
  },
})

/** How much nearer a text is to the questions that need evidence. */
function leadOf({ scores }: HeadVerdict, labels: readonly string[]): number {
  const of = (label: string) => scores[labels.indexOf(label)] ?? 0
  return of('needed') - of('not_needed')
}

/**
 * The same of a text alone.
 *
 * @throws {Error} With another embedder than the head was trained on.
 */
export async function needsFacts(text: string, embedder: Embedder, signal: AbortSignal): Promise<boolean> {
  const { head } = await shippedHead('fact_check')
  return leadOf(await headVerdict(head, text, { embedder }, { signal }), head.labels) > 0
}
