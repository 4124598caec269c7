import { z } from 'zod'
import type { Deployment } from '../../models/deployment.ts'
import { oddsOfBest } from './beta-odds.ts'
import { drawFirst } from './draw.ts'
import { pricePrior } from './prior.ts'
import { defineSelector, type Selector, type SelectorFacts } from './selector.ts'
import { learnerFields, staged } from './staged.ts'

/** How much of what a model may cost, of its failures and of its slowness is taken off what is believed of it. */
const costWeight = 0.1
const failureWeight = 0.1
const slownessWeight = 0.02

/**
 * Beta sampling: each model is as likely to come first as it is to be the best, by the verdicts on it in the step's domain.
 *
 * a = 2 p + good + 1 and b = 2 (1 - p) + bad + 1, where p is what its price tier lets expect.
 */
export const beta = defineSelector({
  is: "by chance, each model as likely as it is to be the best by the verdicts in the step's domain, less a little for cost, failures and slowness. [It learns](policies.md#selectors-that-learn)",
  options: {
    name: 'under which it is learnt: rules that name the same one learn together; the kind unless told',
    incumbent: 'a selector (`in-order` unless given) that decides until it has earned it',
    canary: 'the part of the steps that it decides about on trial',
  },
  schema: z.strictObject({ kind: z.literal('beta'), ...learnerFields }),
  create: (options) => staged(sampling, { ...options, name: options.name ?? 'beta' }),
})

const sampling: Selector = {
  name: 'beta',
  order(_step, deployments, facts) {
    const shifts = shiftsOf(deployments, facts)
    const beliefs = deployments.map((one, index) => {
      const { good, bad } = verdictsOn(one, facts)
      const prior = pricePrior(one, deployments)
      return { alpha: 2 * prior + good + 1, beta: 2 * (1 - prior) + bad + 1, shift: shifts[index] ?? 0 }
    })
    const odds = oddsOfBest(beliefs)
    const means = beliefs.map(({ alpha, beta: against, shift }) => alpha / (alpha + against) + shift)
    const byId = (values: readonly number[]) => Object.fromEntries(deployments.map(({ id }, index) => [id, values[index] ?? 0]))
    return { ...drawFirst(deployments, byId(odds), facts.random), scores: byId(means) }
  },
}

function verdictsOn({ id }: Deployment, { knowledge, domain }: SelectorFacts) {
  return knowledge.reputation(id, domain === undefined || domain === '' ? undefined : { domain })
}

function shiftsOf(deployments: readonly Deployment[], facts: SelectorFacts): number[] {
  const costs = deployments.map((one) => facts.estimate(one) ?? 0)
  const times = deployments.map(({ id }) => facts.state(id)?.firstContent?.p50 ?? 0)
  const [dearest, slowest] = [Math.max(...costs), Math.max(...times)]
  const share = (value: number | undefined, most: number) => (most > 0 ? (value ?? 0) / most : 0)
  return deployments.map(
    ({ id }, index) =>
      -costWeight * share(costs[index], dearest) -
      failureWeight * (facts.state(id)?.failureRate ?? 0) -
      slownessWeight * share(times[index], slowest),
  )
}
