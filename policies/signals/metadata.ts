import { z } from 'zod'
import { defineSignal } from './signal.ts'

const value = z.string().max(1024)

/**
 * One entry of what the client says of the step: whether it is there, equals a text or is one of several; without such a question
 * the text itself, empty where there is none. Anybody can say anything there.
 */
export const metadata = defineSignal({
  value: 'true or false; text',
  is: "whether an entry of the step's metadata is so, else its text, empty where there is none. Untrusted: [what the client says of a step](policies.md#what-the-client-says-of-a-step). At most one of `equals`, `in` and `exists`",
  options: {
    key: 'which entry',
    equals: 'the text that it must be',
    in: 'texts, one of which it must be',
    exists: 'whether it must be there, whatever it says',
  },
  schema: z
    .strictObject({
      kind: z.literal('metadata'),
      key: z.string().min(1).max(128),
      equals: value.optional(),
      in: z.array(value).min(1).max(200).optional(),
      exists: z.boolean().optional(),
    })
    .refine((given) => [given.equals, given.in, given.exists].filter((one) => one !== undefined).length <= 1, {
      error: 'give one of equals, in and exists, or none',
    }),
  create(name, { key, equals, in: among, exists }) {
    const asked = equals !== undefined || among !== undefined || exists !== undefined
    return {
      name,
      cost: 'read',
      type: asked ? 'bool' : 'string',
      read({ metadata: said }) {
        const found = Object.hasOwn(said, key) ? said[key] : undefined
        if (exists !== undefined) return { value: (found !== undefined) === exists, confidence: 1 }
        if (!asked) return { value: found ?? '', confidence: 1 }
        return { value: found !== undefined && (among ?? [equals]).includes(found), confidence: 1 }
      },
    }
  },
})
