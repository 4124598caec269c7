import type { Pool } from '../../models/pool.ts'
import type { Policy } from '../policy.ts'
import { examine } from './crisp/examined.ts'
import { levelOne } from './crisp/level-1.ts'
import type { Finding } from './finding.ts'
import { viewInWords } from './witness-view.ts'

export type { Finding } from './finding.ts'

const rank = { error: 0, warning: 1, report: 2 } as const

export interface LintOptions {
  /** Those that are configured, to say which of them nothing puts first. */
  readonly pools?: readonly Pool[]
}

/** What its author will want to know of a policy, errors first. Looks at the conditions alone: no step, no embedder. */
export function lintPolicy(policy: Policy, { pools = [] }: LintOptions = {}): Finding[] {
  return sorted(levelOne(examine(policy, { pools })))
}

function sorted(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((left, right) => rank[left.severity] - rank[right.severity])
}

/** In one line: what is wrong, a step that shows it, and the mend. */
export function findingInWords({ message, witness, mend }: Finding): string {
  return [message, ...(witness === null ? [] : [`For example: ${viewInWords(witness)}.`]), mend].join(' ')
}
