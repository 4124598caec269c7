import { z } from 'zod'
import { bandOf, bandsSchema } from './bands.ts'
import { defineSignal } from './signal.ts'

/** The band of the step's estimated input tokens, or of their share of a window: of so many tokens, or the smallest of a pool. */
export const context = defineSignal({
  value: 'text',
  is: 'the band of the input tokens, or of their share of a window',
  options: {
    bands: 'names with the lower bound of each',
    window: 'tokens of which the share is taken',
    pool: 'a pool of whose smallest window the share is taken',
  },
  schema: z
    .strictObject({
      kind: z.literal('context'),
      bands: bandsSchema,
      window: z.int().min(1).max(100_000_000).optional(),
      pool: z.string().max(100).optional(),
    })
    .refine(({ window, pool }) => window === undefined || pool === undefined, { error: 'give one of window and pool, or none' }),
  create(name, { bands, window, pool }, { pools }) {
    const named = pools.find((one) => one.name === pool)
    if (pool !== undefined && named === undefined) throw new Error(`pool "${pool}" is not configured`)
    const size = window ?? (named && Math.min(...named.deployments.map(({ contextTokens }) => contextTokens))) ?? 1
    return {
      name,
      cost: 'read',
      type: 'string',
      values: ['', ...Object.keys(bands)],
      read: (step) => ({ value: bandOf(step.inputTokens / size, bands), confidence: 0.9 }),
    }
  },
})
