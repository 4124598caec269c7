import type { Policy, Rule } from '../../policy.ts'
import { readProjections } from '../../projections.ts'
import { readSignals } from '../../signals/signal.ts'
import type { Step } from '../../step.ts'
import { fires, type Witness } from '../witness.ts'

/** A step as it really was, with what the policy's own signals say of it and the rules that fire, in their order. */
export interface Observed extends Witness {
  readonly fired: readonly Rule[]
}

const nothingLive = { now: 0, budget: { usdPerDay: undefined, spentTodayUsd: undefined }, pools: [], state: () => undefined }

/** Reads a step as the line does, without live surroundings. */
export async function observe(policy: Policy, step: Step, signal?: AbortSignal): Promise<Observed> {
  const { readings } = await readSignals(policy.signals, step, { signal, live: nothingLive })
  const projected = readProjections(policy.projections, { step, readings })
  const facts = { step, readings, projected }
  return { ...facts, fired: policy.rules.filter((rule) => fires(rule, facts)) }
}
