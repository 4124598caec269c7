import { z } from 'zod'
import type { DeploymentState } from '../../models/pool.ts'
import { defineSelector } from './selector.ts'

export const percentile = z.enum(['p50', 'p95'])
export type PercentileName = z.output<typeof percentile>

/**
 * The quickest first: the mean over time to the first content and time per token, each as a multiple of the quickest one's.
 *
 * One of which nothing is measured comes before the others, so that something is.
 */
export const latency = defineSelector({
  is: 'the quickest: the mean of time to the first content and time per token, each as a multiple of the best, of the latest 64 calls. What was never measured comes first',
  options: {
    percentile: 'which of the calls counts',
  },
  schema: z.strictObject({ kind: z.literal('latency'), percentile: percentile.default('p95') }),
  create: ({ percentile: wanted }) => ({
    name: 'latency',
    order(_step, deployments, { state }) {
      const times = new Map(deployments.map(({ id }) => [id, timesOf(state(id), wanted)]))
      const best = (of: keyof Times) => Math.min(...[...times.values()].flatMap((one) => one[of] ?? []))
      const quickest = { firstContentMs: best('firstContentMs'), perTokenMs: best('perTokenMs') }
      const scores = Object.fromEntries(deployments.map(({ id }) => [id, slowness(times.get(id) ?? {}, quickest)]))
      const unmeasured = deployments.filter(({ id }) => scores[id] === 0).length
      return {
        order: deployments.toSorted((left, right) => (scores[left.id] ?? 0) - (scores[right.id] ?? 0)),
        propensity: 1,
        scores,
        ...(unmeasured > 0 && { note: `${unmeasured} of ${deployments.length} models have not been measured yet and come first` }),
      }
    },
  }),
})

export interface Times {
  readonly firstContentMs?: number | undefined
  readonly perTokenMs?: number | undefined
}

export function timesOf(state: DeploymentState | undefined, wanted: PercentileName): Times {
  return { firstContentMs: state?.firstContent?.[wanted], perTokenMs: state?.perToken?.[wanted] }
}

/** 1 for the quickest; 0 for one of which nothing is known. */
function slowness({ firstContentMs, perTokenMs }: Times, quickest: Required<Times>): number {
  const shares = [ratio(firstContentMs, quickest.firstContentMs as number), ratio(perTokenMs, quickest.perTokenMs as number)].filter(
    (one) => one !== undefined,
  )
  return shares.length === 0 ? 0 : shares.reduce((sum, one) => sum + one, 0) / shares.length
}

function ratio(ms: number | undefined, best: number): number | undefined {
  if (ms === undefined) return undefined
  return best > 0 ? ms / best : 1
}
