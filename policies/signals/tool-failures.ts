import { z } from 'zod'
import { matchesAny } from '../../models/globs.ts'
import type { ToolResultPart } from '../../models/message.ts'
import { defineSignal } from './signal.ts'

/** How many of the conversation's tool calls failed, or their share; of all tools, or of those whose names fit. 0 without calls. */
export const toolFailures = defineSignal({
  value: 'number',
  is: 'failed calls of this conversation',
  options: {
    measure: 'their share of the calls, or how many',
    tools: 'names that count; `*` stands for anything',
    last: 'only the newest so many calls',
  },
  schema: z.strictObject({
    kind: z.literal('tool_failures'),
    measure: z.enum(['share', 'count']).default('share'),
    /** Names with `*`. */
    tools: z.array(z.string().min(1).max(200)).min(1).max(100).optional(),
    /** Only the latest so many calls. */
    last: z.int().min(1).max(10_000).optional(),
  }),
  create: (name, { measure, tools, last }) => ({
    name,
    cost: 'read',
    type: 'double',
    read({ history }) {
      const results = history.flatMap(({ content }) => content.filter((part): part is ToolResultPart => part.type === 'tool-result'))
      const meant = results.filter((result) => tools === undefined || matchesAny(result.name, tools)).slice(last === undefined ? 0 : -last)
      const failed = meant.filter(({ isError }) => isError).length
      return { value: measure === 'count' ? failed : failed / Math.max(1, meant.length), confidence: 1 }
    },
  }),
})
