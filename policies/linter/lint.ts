import type { Embedder } from '../../models/embedder.ts'
import type { Pool } from '../../models/pool.ts'
import type { Policy } from '../policy.ts'
import type { Step } from '../step.ts'
import { examine } from './crisp/examined.ts'
import { levelOne } from './crisp/level-1.ts'
import { permissionFindings } from './crisp/permissions.ts'
import { levelThree } from './evidence/level-3.ts'
import { type Observed, observe } from './evidence/observed.ts'
import type { Finding } from './finding.ts'
import { levelTwo } from './geometry/level-2.ts'
import { viewInWords } from './witness-view.ts'

export type { Finding } from './finding.ts'

const rank = { error: 0, warning: 1, report: 2 } as const

export interface LintOptions {
  /** Those that are configured, to say which of them nothing puts first. */
  readonly pools?: readonly Pool[]
}

/** What its author will want to know of a policy, errors first. Looks at the conditions alone: no step, no embedder. */
export function lintPolicy(policy: Policy, { pools = [] }: LintOptions = {}): Finding[] {
  return sorted([...levelOne(examine(policy, { pools })), ...permissionFindings(policy)])
}

export interface DeepLintOptions extends LintOptions {
  /** Whose vectors the embedding signals have; without one their geometry is left out. */
  readonly embedder?: Embedder | undefined
  /** Steps that really were, for level 3. */
  readonly steps?: readonly Step[]
  readonly signal?: AbortSignal | undefined
}

/** All three levels: the conditions, the geometry of embedding thresholds, and what the steps show. */
export async function lintDeeply(policy: Policy, { pools = [], embedder, steps = [], signal }: DeepLintOptions = {}): Promise<Finding[]> {
  const examined = examine(policy, { pools })
  const crisp = levelOne(examined)
  const geometric = embedder === undefined ? [] : await levelTwo(policy, { embedder, pools, known: crisp, signal })
  const observed: Observed[] = []
  for (const step of steps) observed.push(await observe(policy, step, signal))
  return sorted([...crisp, ...permissionFindings(policy), ...geometric, ...levelThree(policy, examined.deciding, observed)])
}

function sorted(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((left, right) => rank[left.severity] - rank[right.severity])
}

/** In one line: what is wrong, a step that shows it, and the mend. */
export function findingInWords({ message, witness, mend }: Finding): string {
  return [message, ...(witness === null ? [] : [`For example: ${viewInWords(witness)}.`]), mend].join(' ')
}
