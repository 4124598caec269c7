import { matchesAny } from '../models/globs.ts'
import type { PolicyAction } from './policy-file.ts'

/** Whether an action leaves a tool among those that are offered. */
export function mayOffer(tool: string, filter: PolicyAction['tools']): boolean {
  const { allow, block = [] } = filter ?? {}
  return (allow === undefined || matchesAny(tool, allow)) && !matchesAny(tool, block)
}
