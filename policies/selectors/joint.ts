import { z } from 'zod'
import { expect } from './prior.ts'
import { defineSelector } from './selector.ts'

/**
 * The cheapest model whose success with the step's tools, or in its domain, suffices; where none does, the one that may succeed most.
 *
 * Tools come from the step: those that the caller may use, the fittest for the need first (`use_tools`).
 */
export const joint = defineSelector({
  is: "the cheapest that is successful enough with the step's tools (the three fittest), else in its domain, else at all: below 20 verdicts the mean with what the price lets expect, then the lower bound",
  options: {
    min_success: 'what is enough',
  },
  schema: z.strictObject({ kind: z.literal('joint'), min_success: z.number().min(0).max(1).default(0.7) }),
  create: ({ min_success: wanted }) => ({
    name: 'joint',
    order(_step, deployments, facts) {
      const expected = new Map(deployments.map((one) => [one.id, expect(one, deployments, facts)]))
      const assured = (id: string) => expected.get(id)?.assured ?? 0
      const cost = new Map(deployments.map((one) => [one.id, facts.estimate(one) ?? Number.MAX_VALUE]))
      const sufficing = deployments.filter(({ id }) => assured(id) >= wanted)
      const others = deployments.filter(({ id }) => assured(id) < wanted)
      const order = [
        ...sufficing.toSorted((left, right) => (cost.get(left.id) ?? 0) - (cost.get(right.id) ?? 0)),
        ...others.toSorted((left, right) => assured(right.id) - assured(left.id)),
      ]
      const [first] = order
      const scores = Object.fromEntries(deployments.map(({ id }) => [id, assured(id)]))
      return { order, propensity: 1, scores, note: first && noteOf(first.id, expected.get(first.id), sufficing.length > 0, wanted) }
    },
  }),
})

function noteOf(model: string, found: ReturnType<typeof expect> | undefined, suffices: boolean, wanted: number): string {
  const { assured, seen, of } = found ?? { assured: 0, seen: 0, of: 'all steps' }
  const by = seen === 0 ? 'by its price alone' : `by ${Math.round(seen)} verdicts on ${of}`
  if (!suffices) return `no model is known to succeed in ${wanted} of the cases; ${model} comes nearest with ${assured.toFixed(2)} ${by}`
  return `${model} is the cheapest that suffices: ${assured.toFixed(2)} of ${wanted} ${by}`
}
