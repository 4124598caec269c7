import { z } from 'zod'
import { textOf } from '../../models/message.ts'
import type { Step } from '../step.ts'
import { embedderOf } from './query-vector.ts'
import { scanSentences } from './safety/scan.ts'
import { measure, measured, riskThreshold, typeOf } from './session-risk.ts'
import { defineSignal } from './signal.ts'

/**
 * Whether a sentence gives orders to the model behind its user's back: in what the person said (`text`), where only what speaks against
 * the user counts, since whoever asks may order; or in the newest results of tools, where every order to an assistant does.
 */
export const injection = defineSignal({
  value: 'true or false; number',
  is: "whether a sentence gives orders to the model behind its user's back; or [a measure of it](policies.md#attacks-and-hazards)",
  options: {
    in: "the person's words (`text`), or the newest results of tools (`results`), where any order to an assistant counts",
    measure: 'of this message, or what its session has shown',
    threshold: 'stands for the one that ships',
  },
  schema: z.strictObject({
    kind: z.literal('injection'),
    in: z.enum(['text', 'results']).default('text'),
    measure,
    threshold: riskThreshold,
  }),
  create(name, { in: place, measure: wanted, threshold }, surroundings) {
    return {
      name,
      cost: 'embed',
      type: typeOf(wanted),
      async read(step, { signal }) {
        const text = place === 'text' ? step.text : newestResults(step)
        if (text.trim() === '') return measured('injection', wanted, step, { score: 0, threshold: 1, counts: false })
        const { suspects, threshold: shipped } = await scanSentences(text, {
          embedder: embedderOf(surroundings),
          signal,
          isOwn: place === 'text',
        })
        const score = Math.max(0, ...suspects.map((one) => (place === 'text' ? one.takeover : one.score)))
        return measured('injection', wanted, step, {
          score,
          threshold: threshold ?? shipped,
          counts: place === 'results' || step.kind === 'user_turn',
        })
      },
    }
  },
})

/** The texts of results behind the model's last words. */
function newestResults({ history }: Step): string {
  const from = history.findLastIndex(({ role }) => role === 'assistant') + 1
  return history
    .slice(from)
    .flatMap(({ content }) => content.flatMap((part) => (part.type === 'tool-result' ? [textOf(part.content)] : [])))
    .join('\n')
}
