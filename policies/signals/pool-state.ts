import { z } from 'zod'
import type { DeploymentState, Pool } from '../../models/pool.ts'
import type { Step } from '../step.ts'
import { defineSignal } from './signal.ts'

const measures = {
  /** Of its models, the share that may be called now. */
  ready: (states: readonly DeploymentState[], { deployments }: Pool) =>
    states.filter(({ availability }) => availability.state === 'ready').length / Math.max(1, deployments.length),
  /** Calls that are under way. */
  in_flight: (states: readonly DeploymentState[]) => states.reduce((sum, { inFlight }) => sum + inFlight, 0),
  /** The mean share of latest calls that failed, over models that were called. */
  failing: (states: readonly DeploymentState[]) => mean(states.flatMap(({ failureRate }) => failureRate ?? [])),
  /** 1 when it answered the previous step, so that its prompt cache may hold this one's beginning. */
  warm: (_states: readonly DeploymentState[], { deployments }: Pool, step: Step) =>
    deployments.some(({ id }) => id === step.previousModel) ? 1 : 0,
} as const

type Measure = keyof typeof measures

/** How a pool is at this moment. */
export const poolState = defineSignal({
  value: 'number',
  is: "how a pool is: `ready`, the share of its models that may be called; `in_flight`, calls under way; `failing`, the mean share of failed calls; `warm`, 1 if it answered the loop's previous step",
  options: {
    pool: 'which pool',
    of: 'which of these',
  },
  schema: z.strictObject({
    kind: z.literal('pool_state'),
    pool: z.string().max(100),
    of: z.enum(Object.keys(measures) as [Measure, ...Measure[]]).default('ready'),
  }),
  create(name, { pool, of }, { pools }) {
    if (!pools.some((one) => one.name === pool)) throw new Error(`pool "${pool}" is not configured`)
    return {
      name,
      cost: 'read',
      type: 'double',
      read(step, { live }) {
        const found = live.pools.find((one) => one.name === pool)
        if (found === undefined) throw new Error(`the caller does not reach pool "${pool}"`)
        const states = found.deployments.flatMap(({ id }) => live.state(id) ?? [])
        return { value: measures[of](states, found, step), confidence: 1 }
      },
    }
  },
})

function mean(numbers: readonly number[]): number {
  return numbers.reduce((sum, one) => sum + one, 0) / Math.max(1, numbers.length)
}
