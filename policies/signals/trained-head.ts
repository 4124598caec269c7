import { z } from 'zod'
import { headVerdict, labelled } from './head-reading.ts'
import { decodeHead } from './heads/file.ts'
import { defineSignal, givenFile } from './signal.ts'

/** The label that a head says, which `signalbox train` made of the user's own labelled texts; empty when it is not sure. */
export const trainedHead = defineSignal({
  value: 'text',
  is: 'what a head says that `signalbox train` made of [your own texts](policies.md#signals-that-are-learnt)',
  options: {
    file: 'the head, beside the policy',
    threshold: 'empty below this confidence',
  },
  schema: z.strictObject({
    kind: z.literal('head'),
    /** Its path, from the policy's folder. */
    file: z.string().min(1).max(1000),
    /** The calibrated confidence that the label needs. */
    threshold: z.number().min(0).max(1).default(0.15),
  }),
  create(name, { file, threshold }, surroundings) {
    const given = givenFile(surroundings, file, (bytes) => decodeHead(bytes, file).head)
    return {
      name,
      cost: 'embed',
      type: 'string',
      values: given.known && ['', ...given.known.labels],
      async read(step, context) {
        const head = given.read()
        if (step.text === '') return { value: '', confidence: 0 }
        return labelled(await headVerdict(head, step.text, surroundings, context), threshold)
      },
    }
  },
})
