import { z } from 'zod'
import type { Deployment } from '../../models/deployment.ts'
import { fromPredictorBytes } from './predictors/file.ts'
import type { Prediction, Predictor } from './predictors/predictor.ts'
import { stepFeatures } from './predictors/step-features.ts'
import { defineSelector, type Ordering, type Selector, type SelectorFacts } from './selector.ts'

/** What `signalbox train routing` has learnt, as a selector. */
export const predictedKind = defineSelector({
  is: 'by what `signalbox train routing` has learnt from labelled outcomes. Where too little is known of a candidate the order of the pool stands, and the plan says so',
  options: {
    model: 'the file that it wrote',
    willingness: 'quality less so much times the cost, the dearest being 1',
  },
  schema: z.strictObject({
    kind: z.literal('predicted'),
    /** The file that `train routing` wrote, from the policy's folder. */
    model: z.string().min(1).max(1000),
    willingness: z.number().min(0).max(1).default(0.1),
  }),
  create({ model, willingness }, { readFile, embedder }) {
    if (readFile === undefined) throw new Error(`"${model}" cannot be read here`)
    const file = fromPredictorBytes(readFile(model))
    if (file.embedder !== undefined && file.embedder !== embedder?.id)
      throw new Error(
        `"${model}" was learnt from vectors of ${file.embedder}, and steps have ${embedder === undefined ? 'none' : `those of ${embedder.id}`}`,
      )
    return predicted({ predictor: file.predictor, willingness })
  },
})

export interface PredictedOptions {
  readonly predictor: Predictor
  /** How much quality, 0–1, the dearest candidate must bring more than one that costs nothing. */
  readonly willingness: number
}

/** Fewer known outcomes of a model say nothing of it. */
const leastEvidence = 5

/**
 * Orders by foretold quality less `willingness` times the cost, the dearest candidate's cost being 1.
 *
 * It falls back to the order of the pool, and says why, when the step has no vector where one is needed, or too few outcomes are
 * known of a candidate: a model nobody has tried can neither be chosen nor passed over by what others did. An unknown price
 * counts as the dearest.
 */
export function predicted({ predictor, willingness }: PredictedOptions): Selector {
  return {
    name: 'predicted',
    needsVector: true,
    order(step, deployments, facts) {
      const asked = deployments.map(({ id }) => id)
      const foretold = predictor.predict({ vector: facts.vector, text: step.text, features: stepFeatures(step) }, asked)
      const reason = reasonAgainst(deployments, foretold, facts)
      if (reason !== undefined) return { order: deployments, propensity: 1, note: `predicted: ${reason}; the order of the pool stands` }
      return ordering(deployments, foretold, willingness, facts)
    },
  }
}

function reasonAgainst(deployments: readonly Deployment[], foretold: ReadonlyMap<string, Prediction>, { vector }: SelectorFacts) {
  if (foretold.size === 0 && vector === undefined) return 'the step has no vector'
  const unknown = deployments.find(({ id }) => !foretold.has(id))
  if (unknown !== undefined) return `no outcome of ${unknown.id} is known`
  const thin = deployments.find(({ id }) => (foretold.get(id)?.evidence ?? 0) < leastEvidence)
  if (thin !== undefined) return `too few outcomes of ${thin.id} are known near this step`
  return undefined
}

function ordering(
  deployments: readonly Deployment[],
  foretold: ReadonlyMap<string, Prediction>,
  willingness: number,
  facts: SelectorFacts,
): Ordering {
  const costs = deployments.map((one) => facts.estimate(one))
  const dearest = Math.max(0, ...costs.map((cost) => cost ?? 0))
  const scores: Record<string, number> = {}
  for (const [index, { id }] of deployments.entries()) {
    const cost = costs[index] ?? dearest
    scores[id] = (foretold.get(id)?.quality ?? 0) - willingness * (dearest > 0 ? cost / dearest : 0)
  }
  const order = deployments.toSorted((left, right) => (scores[right.id] ?? 0) - (scores[left.id] ?? 0))
  return { order, propensity: 1, scores }
}
