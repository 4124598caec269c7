import { z } from 'zod'
import { outsideOptions, outsideSignal } from './outside-classifier.ts'
import { defineSignal } from './signal.ts'

/** The label that a hosted tool gives: its structured result is `{"label", "confidence"}`. */
export const mcpClassifier = defineSignal({
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
