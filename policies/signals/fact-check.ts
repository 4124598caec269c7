import { z } from 'zod'
import { headVerdict } from './head-reading.ts'
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
        const { scores, confidence } = await headVerdict(head, step.text, surroundings, context)
        const of = (label: string) => scores[head.labels.indexOf(label)] ?? 0
        return { value: of('needed') - of('not_needed') > margin, confidence }
      },
    }
  },
})
