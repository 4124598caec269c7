import { z } from 'zod'
import { embedderOf } from './query-vector.ts'
import { scanMessage } from './safety/scan.ts'
import { measure, measured, riskThreshold, typeOf } from './session-risk.ts'
import { defineSignal } from './signal.ts'

/**
 * Whether the person's newest words talk a model out of its rules, or ask for something harmful in whatever frame; and over the
 * session the highest score, the newest ones, and the share of messages that were flagged.
 */
export const jailbreak = defineSignal({
  value: 'true or false; number',
  is: "whether the person's newest words talk a model out of its rules, or ask for something harmful in whatever frame; or [a measure of it](policies.md#attacks-and-hazards). [How often that is wrong](safety.md)",
  options: {
    measure: 'of this message, or what its session has shown',
    threshold: 'stands for the one that ships',
  },
  schema: z.strictObject({ kind: z.literal('jailbreak'), measure, threshold: riskThreshold }),
  create(name, { measure: wanted, threshold }, surroundings) {
    return {
      name,
      cost: 'embed',
      type: typeOf(wanted),
      async read(step, { signal }) {
        if (step.text.trim() === '') return measured('jailbreak', wanted, step, { score: 0, threshold: 1, counts: false })
        const found = await scanMessage(step.text, { embedder: embedderOf(surroundings), signal })
        return measured('jailbreak', wanted, step, { score: found.score, threshold: threshold ?? found.threshold })
      },
    }
  },
})
