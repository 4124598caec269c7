import { z } from 'zod'
import { drawFirst } from './draw.ts'
import { defineSelector } from './selector.ts'

/** Shares the steps out by fixed weights; a model without one has the weight 1. A thread keeps its draw only as far as `hold` does. */
export const weighted = defineSelector({
  is: 'by chance, by weight',
  options: {
    weights: 'models with their weight; the others have 1',
  },
  schema: z.strictObject({
    kind: z.literal('weighted'),
    weights: z
      .record(z.string(), z.number().min(0).max(1_000_000))
      .refine((weights) => Object.keys(weights).length > 0, 'needs the weight of one model at least'),
  }),
  create: ({ weights }) => ({
    name: 'weighted',
    order(_step, deployments, { random }) {
      const weightOf = (id: string) => weights[id] ?? 1
      const total = deployments.reduce((sum, { id }) => sum + weightOf(id), 0)
      if (total === 0) return { order: deployments, propensity: 1, note: 'all of its models have the weight 0, so they stay in order' }
      return drawFirst(deployments, Object.fromEntries(deployments.map(({ id }) => [id, weightOf(id) / total])), random)
    },
  }),
})
