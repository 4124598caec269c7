import { z } from 'zod'
import { outsideOptions, outsideSignal } from './outside-classifier.ts'
import { defineSignal } from './signal.ts'

/** The label that a hosted tool gives: its structured result is `{"label", "confidence"}`. */
export const mcpClassifier = defineSignal({
  value: 'text',
  is: 'the label of a [hosted tool](policies.md#classifiers-of-your-own) that only reads',
  options: {
    tool: 'its name, as clients see it',
    argument: 'which argument takes the text',
    labels: 'those that it may say',
    threshold: 'empty below this confidence',
    timeout_ms: 'how long it is waited for',
    on_error: '`unscored`, or the label that stands for a failure',
  },
  schema: z.strictObject({
    kind: z.literal('mcp'),
    /** The tool's exposed name. It must only read. */
    tool: z.string().min(1).max(128),
    /** The argument that takes the text. */
    argument: z.string().min(1).max(100).default('text'),
    ...outsideOptions,
  }),
  create(name, { tool, argument, ...options }, { callTool }) {
    return outsideSignal(name, options, async (text, { signal }) => {
      if (callTool === undefined) throw new Error('no tool can be called here')
      return callTool({ tool, arguments: { [argument]: text }, signal })
    })
  },
})
