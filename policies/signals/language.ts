import { z } from 'zod'
import { defineSignal } from './signal.ts'

/** The language of the step's text, as ISO 639-1; `unknown` where the text is too short, mixed or no language to tell. */
export const language = defineSignal({
  value: 'text',
  is: 'ISO 639-1, such as `en`, of some 60 languages, by script, groups of letters and small words; what is quoted and code do not count; `unknown` for what is short, mostly code or no language, and when the best is not `margin` ahead',
  options: {
    margin: 'by how much the best must be ahead of the next',
  },
  schema: z.strictObject({
    kind: z.literal('language'),
    /** How far the likeliest language must be ahead of the next, 0–1; else it is unknown. Near relatives lie some hundredths apart. */
    margin: z.number().min(0).max(1).default(0),
  }),
  create: (name, { margin }) => ({
    name,
    cost: 'scan',
    type: 'string',
    values: undefined,
    async read({ text }) {
      // Its profiles take memory, and only policies that ask for the language need them.
      const [{ detectLanguage }, { shippedProfiles }] = await Promise.all([
        import('./detect-language.ts'),
        import('./language-profiles.ts'),
      ])
      const { language: found, lead } = detectLanguage(text, await shippedProfiles(), margin)
      return { value: found, confidence: found === 'unknown' ? 0 : sureness(lead) }
    },
  }),
})

/** How often the first of two is the right one, which are so far apart: one in two at nothing, 97 in 100 at three hundredths. */
function sureness(lead: number): number {
  return 1 - 0.5 * Math.exp(-lead / 0.01)
}
