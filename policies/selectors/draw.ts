import type { Deployment } from '../../models/deployment.ts'
import type { Ordering } from './selector.ts'

/** Draws the first place with these probabilities, which sum to 1; the others follow by theirs, equal ones as they came. */
export function drawFirst(
  deployments: readonly Deployment[],
  probabilities: Readonly<Record<string, number>>,
  random: () => number,
): Pick<Ordering, 'order' | 'propensity' | 'probabilities'> {
  const chance = ({ id }: Deployment) => probabilities[id] ?? 0
  const possible = deployments.filter((one) => chance(one) > 0)
  let left = random()
  // Sums of fractions may end just below 1: what is left then belongs to the last one.
  const first = possible.find((one, index) => {
    left -= chance(one)
    return left < 0 || index === possible.length - 1
  })
  if (first === undefined) return { order: deployments, propensity: 1 }
  const others = deployments.filter((one) => one !== first).toSorted((left, right) => chance(right) - chance(left))
  return { order: [first, ...others], propensity: chance(first), probabilities }
}

/** Of each deployment, how likely an ordering had it first. */
export function chancesOf({ order, propensity, probabilities }: Ordering): Readonly<Record<string, number>> {
  const [first] = order
  return probabilities ?? (first === undefined ? {} : { [first.id]: propensity })
}
