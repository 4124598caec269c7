import { z } from 'zod'
import { headVerdict, labelled } from './head-reading.ts'
import { shippedHead } from './shipped-heads.ts'
import { defineSignal } from './signal.ts'

/** The categories of MMLU-Pro. */
const domains = [
  'biology',
  'business',
  'chemistry',
  'computer science',
  'economics',
  'engineering',
  'health',
  'history',
  'law',
  'math',
  'other',
  'philosophy',
  'physics',
  'psychology',
] as const

/** The field of knowledge that the step's text asks about, by a head that comes along. */
export const domain = defineSignal({
  value: 'text',
  is: 'the field that the text asks about: biology, business, chemistry, computer science, economics, engineering, health, history, law, math, other, philosophy, physics, psychology',
  options: {
    threshold: 'empty below this confidence',
  },
  schema: z.strictObject({
    kind: z.literal('domain'),
    /** The calibrated confidence that the label needs, else the value is empty; by itself the best label is given, however sure. */
    threshold: z.number().min(0).max(1).default(0),
  }),
  create(name, { threshold }, surroundings) {
    return {
      name,
      cost: 'embed',
      type: 'string',
      values: ['', ...domains],
      async read(step, context) {
        if (step.text === '') return { value: '', confidence: 0 }
        const { head } = await shippedHead('domain')
        return labelled(await headVerdict(head, step.text, surroundings, context), threshold)
      },
    }
  },
})
