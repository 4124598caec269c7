import { z } from 'zod'
import { defineSignal } from './signal.ts'

/** What the step holds besides text: `image`, `file`, `image+file`, or `text` alone. */
export const modality = defineSignal({
  value: 'text',
  is: '`text`, `image`, `file` or `image+file`',
  options: {},
  schema: z.strictObject({ kind: z.literal('modality') }),
  create: (name) => ({
    name,
    cost: 'read',
    type: 'string',
    values: ['text', 'image', 'file', 'image+file'],
    read: (step) => {
      const others = step.modalities.filter((one) => one !== 'text')
      return { value: others.length === 0 ? 'text' : others.join('+'), confidence: 1 }
    },
  }),
})
