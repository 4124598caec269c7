import type { ListedReputation } from '../learning/routing/reputation.ts'
import type { Services } from './services.ts'

/** What routing has learnt, for the owner alone: it comes from all callers. */
export async function routingFields({ routing }: Pick<Services, 'routing'>) {
  const learners = await routing.learners()
  return {
    reputation: routing.reputations().slice(0, shown).map(reputationFields),
    learners: learners.map(({ name, stage, by, why, evaluation }) => ({
      selector: name,
      stage,
      by,
      why,
      judged_steps: evaluation.steps,
      next: evaluation.verdict.why,
    })),
  }
}

const shown = 20

function reputationFields({ model, topic, good, bad, mean, lower, drifting }: ListedReputation) {
  return {
    model,
    ...(topic !== undefined && ('tool' in topic ? { tool: topic.tool } : { domain: topic.domain })),
    good: round(good),
    bad: round(bad),
    mean: round(mean),
    lower: round(lower),
    drifting,
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}

type Fields = Awaited<ReturnType<typeof routingFields>>

export function routingInWords({ reputation, learners }: Fields): string[] {
  const wholes = reputation.filter((one) => !('tool' in one) && !('domain' in one))
  const lines = wholes.map(
    ({ model, good, bad, mean, drifting }) =>
      `  ${model}: ${Math.round(100 * mean)} % of ${Math.round(good + bad)} verdicts good${drifting ? ', changed of late' : ''}`,
  )
  return [
    ...(lines.length === 0 ? [] : ['How models did, by verdicts:', ...lines]),
    ...learners.map(({ selector, stage, next }) => `Selector "${selector}" is ${stageInWords[stage]}: ${next}.`),
  ]
}

const stageInWords = { shadow: 'in its shadow', canary: 'on trial', serving: 'serving' } as const
