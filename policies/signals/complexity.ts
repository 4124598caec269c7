import { z } from 'zod'
import { easyExamples, hardExamples } from './complexity-examples.ts'
import { nearestCosine, onceEmbedded } from './example-vectors.ts'
import { headVerdict } from './head-reading.ts'
import { embedderOf, queryVector } from './query-vector.ts'
import { shippedHead } from './shipped-heads.ts'
import { defineSignal, type SignalSurroundings } from './signal.ts'

const texts = z.array(z.string().min(1).max(1000)).min(1).max(200)

/**
 * `hard`, `medium` or `easy`: how far the text is nearer to hard examples than to easy ones.
 *
 * `by: outcomes` reads it off a head that comes along instead, trained on which questions a weaker model failed: of knowledge
 * questions and word problems it says more, of anything else it was never asked.
 */
export const complexity = defineSignal({
  value: 'text',
  is: '`hard`, `medium` or `easy`: whether the text is nearer to hard than to easy examples',
  options: {
    by: '`examples`; or `outcomes`, a head that learnt which questions a weaker model failed',
    hard: 'examples of hard work; some come along',
    easy: 'examples of easy work; some come along',
    threshold: 'how much nearer it must be',
  },
  schema: z.strictObject({
    kind: z.literal('complexity'),
    by: z.enum(['examples', 'outcomes']).default('examples'),
    /** Of `by: examples`; those that come along unless told. */
    hard: texts.optional(),
    easy: texts.optional(),
    /** The value is medium unless one side leads by more than this. */
    threshold: z.number().min(0).max(1).default(0.1),
  }),
  create(name, { by, hard = hardExamples, easy = easyExamples, threshold }, surroundings) {
    const lead = by === 'examples' ? exampleLead(hard, easy, surroundings) : outcomeLead(surroundings)
    return {
      name,
      cost: 'embed',
      type: 'string',
      values: ['easy', 'medium', 'hard'],
      async read(step, context) {
        if (step.text === '') return { value: 'medium', confidence: 0 }
        const ahead = await lead(step.text, context)
        return { value: ahead > threshold ? 'hard' : ahead < -threshold ? 'easy' : 'medium', confidence: Math.min(1, Math.abs(ahead)) }
      },
    }
  },
})

type Lead = (text: string, context: Parameters<typeof headVerdict>[3]) => Promise<number>

function exampleLead(hard: readonly string[], easy: readonly string[], surroundings: SignalSurroundings): Lead {
  const examples = onceEmbedded([...hard, ...easy])
  return async (text, context) => {
    const embedder = embedderOf(surroundings)
    const vectors = await examples(embedder)
    const query = await queryVector(text, embedder, context)
    return nearestCosine(query, vectors.slice(0, hard.length)) - nearestCosine(query, vectors.slice(hard.length))
  }
}

function outcomeLead(surroundings: SignalSurroundings): Lead {
  return async (text, context) => {
    const { head } = await shippedHead('complexity')
    const { scores } = await headVerdict(head, text, surroundings, context)
    return (scores[head.labels.indexOf('hard')] ?? 0) - (scores[head.labels.indexOf('easy')] ?? 0)
  }
}
