import { matchesAny } from '../models/globs.ts'
import type { PolicyAction } from './policy-file.ts'
import type { Choice } from './rules.ts'

/** Whether an action leaves a tool among those that are offered. */
export function mayOffer(tool: string, filter: PolicyAction['tools']): boolean {
  const { allow, block = [] } = filter ?? {}
  return (allow === undefined || matchesAny(tool, allow)) && !matchesAny(tool, block)
}

/** Why a tool must not be called in a step, in a sentence; `undefined` when it may. */
export function refusedTool(tool: string, { action, actionOf }: Choice): string | undefined {
  if (mayOffer(tool, action.tools)) return undefined
  return actionOf === 'default' ? 'the default leaves it out of this step' : `the rule ${actionOf} leaves it out of this step`
}
