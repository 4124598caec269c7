import { z } from 'zod'
import { nearestCosine, onceEmbedded } from './example-vectors.ts'
import { embedderOf, queryVector } from './query-vector.ts'
import { defineSignal } from './signal.ts'

const texts = z.array(z.string().min(1).max(1000)).max(200)

/**
 * The style that a person asks for, by contrast: how much nearer the text is to a style's `like` than to its `unlike`. Empty
 * when no style leads by the threshold.
 */
export const preference = defineSignal({
  value: 'text',
  is: 'the style whose `like` is nearer than its `unlike`',
  options: {
    styles: 'names, each with the examples `like` and `unlike`',
    threshold: 'how much nearer it must be',
  },
  schema: z.strictObject({
    kind: z.literal('preference'),
    styles: z.record(z.string().min(1).max(100), z.strictObject({ like: texts.min(1), unlike: texts.min(1) })),
    threshold: z.number().min(0).max(1).default(0.1),
  }),
  create(name, { styles, threshold }, surroundings) {
    const names = Object.keys(styles)
    const all = Object.values(styles).flatMap(({ like, unlike }) => [...like, ...unlike])
    const examples = onceEmbedded(all)
    return {
      name,
      cost: 'embed',
      type: 'string',
      values: ['', ...names],
      async read(step, context) {
        if (step.text === '' || names.length === 0) return { value: '', confidence: 0 }
        const embedder = embedderOf(surroundings)
        const vectors = await examples(embedder)
        const query = await queryVector(step.text, embedder, context)
        let [best, lead] = ['', Number.NEGATIVE_INFINITY]
        let at = 0
        for (const [style, { like, unlike }] of Object.entries(styles)) {
          const middle = at + like.length
          const end = middle + unlike.length
          const by = nearestCosine(query, vectors.slice(at, middle)) - nearestCosine(query, vectors.slice(middle, end))
          if (by > lead) [best, lead] = [style, by]
          at = end
        }
        return { value: lead > threshold ? best : '', confidence: Math.max(0, Math.min(1, lead)) }
      },
    }
  },
})
