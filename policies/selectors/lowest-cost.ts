import { z } from 'zod'
import { defineSelector } from './selector.ts'

/** The lowest estimated cost first; unknown prices come last, and equal ones keep their order. */
export const lowestCost = defineSelector({
  is: 'the lowest estimated cost; unknown prices come last',
  options: {},
  schema: z.strictObject({ kind: z.literal('lowest-cost') }),
  create: () => ({
    name: 'lowest-cost',
    order(_step, deployments, facts) {
      const cost = new Map(deployments.map((one) => [one.id, facts.estimate(one) ?? Number.POSITIVE_INFINITY]))
      const dearer = (left: string, right: string) => {
        const [leftCost, rightCost] = [cost.get(left) ?? 0, cost.get(right) ?? 0]
        return leftCost === rightCost ? 0 : leftCost - rightCost
      }
      return { order: deployments.toSorted((left, right) => dearer(left.id, right.id)), propensity: 1 }
    },
  }),
})
