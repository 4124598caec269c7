import { z } from 'zod'
import { embedderOf } from './query-vector.ts'
import { scanMessage } from './safety/scan.ts'
import { defineSignal } from './signal.ts'

/** The hazards of MLCommons' taxonomy with its three groups; two of Llama Guard's beside them, `elections` and `cyber_crime`. */
const hazardGroups = {
  violent_crimes: 'physical',
  weapons: 'physical',
  sex_crimes: 'physical',
  child_exploitation: 'physical',
  suicide_self_harm: 'physical',
  cyber_crime: 'nonphysical',
  nonviolent_crimes: 'nonphysical',
  hate: 'nonphysical',
  privacy: 'nonphysical',
  defamation: 'nonphysical',
  intellectual_property: 'nonphysical',
  elections: 'nonphysical',
  specialised_advice: 'contextual',
  sexual_content: 'contextual',
} as const

type Hazard = keyof typeof hazardGroups

/** Which harm the person's newest words ask for: a category, or the group that it belongs to; empty when there is none. */
export const hazard = defineSignal({
  value: 'text',
  is: "which harm the person's newest words ask for, by the [taxonomy of MLCommons](policies.md#attacks-and-hazards); empty for none",
  options: {
    level: 'its category, or its group',
    threshold: 'stands for the one that ships',
  },
  schema: z.strictObject({
    kind: z.literal('hazard'),
    level: z.enum(['category', 'group']).default('category'),
    threshold: z.number().gt(0).lt(1).optional(),
  }),
  create(name, { level, threshold }, surroundings) {
    const categories = Object.keys(hazardGroups) as Hazard[]
    return {
      name,
      cost: 'embed',
      type: 'string',
      values: ['', ...(level === 'category' ? categories : new Set(Object.values(hazardGroups)))],
      async read({ text }, { signal }) {
        if (text.trim() === '') return { value: '', confidence: 1 }
        const found = await scanMessage(text, { embedder: embedderOf(surroundings), signal })
        const shares = new Map(found.shares.map(({ label, share }) => [label, share]))
        const sum = categories.reduce((total, category) => total + (shares.get(category) ?? 0), 0)
        if (sum < (threshold ?? found.plainThreshold)) return { value: '', confidence: 1 - sum }
        const best = categories.reduce((most, one) => ((shares.get(one) ?? 0) > (shares.get(most) ?? 0) ? one : most))
        return { value: level === 'category' ? best : hazardGroups[best], confidence: sum }
      },
    }
  },
})
