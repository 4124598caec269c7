import { z } from 'zod'
import { defineSelector } from './selector.ts'

/**
 * Models for short steps and models for long ones: a step whose input and answer fit below the boundary goes to `short`, any other to the rest.
 *
 * Without `boundary_tokens` the boundary is the length below which `share` of the recent steps lie, so that the short models
 * get that share of the work; until enough steps were seen it is 8,192 tokens.
 */
export const contextLength = defineSelector({
  is: 'models of `short` for steps below the boundary, the others above it',
  options: {
    short: 'models for short steps',
    boundary_tokens: 'where long begins; else `share` says it',
    share: 'the boundary is the length below which this part of the recent steps lies; 8,192 tokens until 100 were seen',
  },
  schema: z.strictObject({
    kind: z.literal('context-length'),
    short: z.array(z.string().regex(/\//, 'a model is written provider/model')).min(1).max(100),
    boundary_tokens: z.int().min(1).max(100_000_000).optional(),
    share: z.number().min(0.05).max(0.95).default(0.8),
  }),
  create: ({ short, boundary_tokens: given, share }) => ({
    name: 'context-length',
    order(step, deployments, { knowledge }) {
      const observed = given === undefined ? knowledge.lengthQuantile(share) : undefined
      const boundary = given ?? observed ?? firstBoundary
      const total = step.inputTokens + step.maxOutputTokens
      const isFitting = ({ id }: { id: string }) => short.includes(id) === total <= boundary
      const from = given !== undefined ? 'configured' : observed === undefined ? 'until more steps were seen' : 'from recent steps'
      return {
        order: [...deployments.filter(isFitting), ...deployments.filter((one) => !isFitting(one))],
        propensity: 1,
        note: `about ${total} tokens are a ${total <= boundary ? 'short' : 'long'} step: the boundary is ${Math.round(boundary)} (${from})`,
      }
    },
  }),
})

const firstBoundary = 8192
