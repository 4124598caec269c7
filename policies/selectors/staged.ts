import { z } from 'zod'
import type { Deployment } from '../../models/deployment.ts'
import { chancesOf } from './draw.ts'
import { inOrder } from './in-order.ts'
import { lowestCost } from './lowest-cost.ts'
import type { Ordering, Selector, SelectorFacts } from './selector.ts'
import { weighted } from './weighted.ts'

/** What every selector that learns can be told beside its own options. */
export const learnerFields = {
  /** Under which its state is kept: rules that name the same one learn together. */
  name: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'a learning selector is named in lower case, such as agents')
    .optional(),
  /** Who decides until it has earned to. */
  incumbent: z
    .preprocess(
      (given) => (typeof given === 'string' ? { kind: given } : given),
      z.discriminatedUnion('kind', [inOrder.schema, lowestCost.schema, weighted.schema]),
    )
    .default({ kind: 'in-order' }),
  /** Of the steps, while it is on trial. */
  canary: z.number().min(0.001).max(0.5).default(0.05),
}

export interface StagedOptions {
  readonly name: string
  readonly incumbent: { kind: 'in-order' } | { kind: 'lowest-cost' } | z.output<typeof weighted.schema>
  readonly canary: number
}

/** Lets a selector that learns decide as far as its stage allows. Whom it would have chosen is noted at each stage. */
export function staged(learner: Selector, { name, incumbent: incumbentOptions, canary }: StagedOptions): Selector {
  const incumbent = createIncumbent(incumbentOptions)
  return {
    ...learner,
    order(step, deployments, facts) {
      const stage = facts.knowledge.stage(name)
      const own = learner.order(step, deployments, facts)
      const present = incumbent.order(step, deployments, facts)
      const first = ({ order }: Ordering) => order[0]?.id ?? null
      const noted = { name, stage, model: first(own), propensity: own.propensity, incumbent: first(present) }
      if (stage === 'serving') return { ...own, learner: noted }
      const told = `${learner.name} would choose ${noted.model ?? 'nothing'}`
      if (stage === 'shadow') {
        const note = `in its shadow ${told}; ${incumbent.name} decides`
        return { ...present, scores: own.scores, note, learner: noted }
      }
      const mixed = mix(present, own, canary, facts)
      return { ...mixed, scores: own.scores, note: `on trial for ${canary * 100} % of the steps: ${told}`, learner: noted }
    },
  }
}

function createIncumbent(options: StagedOptions['incumbent']): Selector {
  if (options.kind === 'weighted') return weighted.create(options, {})
  return options.kind === 'lowest-cost' ? lowestCost.create(options, {}) : inOrder.create(options, {})
}

/** Follows the learner for its share of the steps. A first place is as likely as both together make it. */
function mix(present: Ordering, own: Ordering, share: number, { random }: SelectorFacts): Ordering {
  const chosen = random() < share ? own : present
  const [inPresent, inOwn] = [chancesOf(present), chancesOf(own)]
  const chance = ({ id }: Deployment) => (1 - share) * (inPresent[id] ?? 0) + share * (inOwn[id] ?? 0)
  const probabilities = Object.fromEntries(chosen.order.map((one) => [one.id, chance(one)]))
  const [first] = chosen.order
  return { order: chosen.order, propensity: first === undefined ? 1 : chance(first), probabilities }
}
