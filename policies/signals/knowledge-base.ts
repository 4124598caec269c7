import { z } from 'zod'
import { nearestCosine, onceEmbedded } from './example-vectors.ts'
import { embedderOf, queryVector } from './query-vector.ts'
import { defineSignal, givenFile } from './signal.ts'

const entrySchema = z.strictObject({
  label: z.string().min(1).max(100),
  text: z.string().min(1).max(1000),
  /** What the label belongs to; its own group unless told. */
  group: z.string().min(1).max(100).optional(),
})

const maxEntries = 5000

/**
 * The label of the nearest entry of a knowledge base: JSON Lines of `{"label", "text", "group"?}` beside the policy.
 *
 * Empty unless the nearest entry reaches the threshold and its group leads all other groups by the margin: two labels of one
 * group may lie close together, what sets groups apart must be clear.
 */
export const knowledgeBase = defineSignal({
  value: 'text',
  is: 'the label of the nearest entry of a file; empty where its group does not lead the others by the margin',
  options: {
    file: 'beside the policy: JSON Lines of `{"label", "text", "group"?}`',
    threshold: 'what the nearest must reach, a cosine',
    margin: 'and be ahead of other groups by',
  },
  schema: z.strictObject({
    kind: z.literal('kb'),
    /** Its path, from the policy's folder. */
    file: z.string().min(1).max(1000),
    threshold: z.number().min(0).max(1).default(0.35),
    margin: z.number().min(0).max(1).default(0.03),
  }),
  create(name, { file, threshold, margin }, surroundings) {
    const given = givenFile(surroundings, file, (bytes) => parseEntries(bytes, file))
    const vectorsOf = onceEmbedded(given.known?.map(({ text }) => text) ?? [])
    return {
      name,
      cost: 'embed',
      type: 'string',
      values: given.known && ['', ...new Set(given.known.map(({ label }) => label))],
      async read(step, context) {
        const entries = given.read()
        if (step.text === '') return { value: '', confidence: 0 }
        const embedder = embedderOf(surroundings)
        const vectors = await vectorsOf(embedder)
        const query = await queryVector(step.text, embedder, context)
        const cosines = entries.map((_, place) => nearestCosine(query, [vectors[place] as Float32Array]))
        const best = cosines.indexOf(Math.max(...cosines))
        const { label, group } = entries[best] as (typeof entries)[number]
        const others = Math.max(-1, ...cosines.filter((_, place) => entries[place]?.group !== group))
        const cosine = cosines[best] as number
        return { value: cosine >= threshold && cosine - others >= margin ? label : '', confidence: Math.max(0, Math.min(1, cosine)) }
      },
    }
  },
})

function parseEntries(bytes: Uint8Array, file: string) {
  const lines = Buffer.from(bytes).toString('utf8').split('\n')
  const entries = lines.flatMap((line, index) => {
    if (line.trim() === '') return []
    const refuse = (why: string) => new Error(`line ${index + 1} of ${file} must be {"label", "text", "group"?}: ${why}`)
    let data: unknown
    try {
      data = JSON.parse(line)
    } catch {
      throw refuse('it is no JSON')
    }
    const parsed = entrySchema.safeParse(data)
    if (!parsed.success) throw refuse(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('; '))
    return [{ ...parsed.data, group: parsed.data.group ?? parsed.data.label }]
  })
  if (entries.length === 0 || entries.length > maxEntries)
    throw new Error(`${file} must have 1 to ${maxEntries} entries, has ${entries.length}`)
  return entries
}
