// A signal: it reports a fact about a step, and never chooses. The schema says what a policy may write for it.
import { defineSignal, z } from 'signalbox/signal'

/** Of the letters in the person's words, the share that are capitals. */
export const shouting = defineSignal({
  schema: z.strictObject({ kind: z.literal('shouting'), least_letters: z.int().min(1).default(8) }),
  create: (name, { least_letters: leastLetters }) => ({
    name,
    cost: 'scan',
    type: 'double',
    read({ text }) {
      const letters = text.match(/\p{L}/gu) ?? []
      const capitals = letters.filter((letter) => letter === letter.toUpperCase() && letter !== letter.toLowerCase())
      return { value: letters.length < leastLetters ? 0 : capitals.length / letters.length, confidence: 1 }
    },
  }),
})
