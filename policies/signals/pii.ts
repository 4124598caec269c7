import { z } from 'zod'
import { findPiiInTurns, piiTypes } from '../../models/local/detect/index.ts'
import { defineSignal } from './signal.ts'

/** Which personal data and keys the person's newest words hold: types alone, by commas, in the order of `types`; empty when there are none. */
export const pii = defineSignal({
  value: 'text',
  is: "which personal data and keys the person's newest words hold: their types, by commas, in the order of `types`, such as `person,email`; empty when there are none. The values stand nowhere in a plan. A placeholder such as `[IBAN_1]` counts as what it stands for. [How surely](privacy.md)",
  options: {
    types: 'what is looked for; all but `place` unless told',
    allow: 'texts that are none',
    threshold: 'of names, addresses and places: from what confidence on',
  },
  schema: z.strictObject({
    kind: z.literal('pii'),
    /** All but `place`, unless told. */
    types: z.array(z.enum(piiTypes)).min(1).max(piiTypes.length).optional(),
    /** Values that do not count, in any case. */
    allow: z.array(z.string().min(1).max(200)).min(1).max(500).optional(),
    threshold: z.number().min(0).max(1).default(0.5),
  }),
  create(name, { types = piiTypes.filter((type) => type !== 'place'), allow = [], threshold }) {
    const allowed = new Set(allow.map((value) => value.toLowerCase()))
    return {
      name,
      cost: 'scan',
      type: 'string',
      async read({ text }) {
        const { findings, truncated } = await findPiiInTurns(text, { types, threshold })
        const found = findings.filter(({ start, end }) => !allowed.has(text.slice(start, end).toLowerCase()))
        if (truncated) throw new Error(`the text of ${text.length} characters is too long to be read whole`)
        const held = new Set<string>([...found.map(({ type }) => type), ...standingFor(text)])
        return {
          value: types.filter((type) => held.has(type)).join(','),
          confidence: found.length === 0 ? 1 : Math.max(...found.map(({ score }) => score)),
        }
      },
    }
  },
})

/** Placeholders count as what they stand for: a step that was written down with them is planned again as it was. */
function standingFor(text: string): string[] {
  return Array.from(text.matchAll(/\[([A-Z][A-Z_]*)_\d{1,6}\]/g), ([, label = '']) => label.toLowerCase())
}
