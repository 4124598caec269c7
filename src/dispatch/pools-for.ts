import type { Pool } from '../../models/pool.ts'
import type { Line } from './line.ts'
import type { StepRequest } from './step-request.ts'

/** The pools that the caller of a step reaches. */
export function poolsFor(line: Pick<Line, 'pools'>, { mayUsePool = () => true }: Pick<StepRequest, 'mayUsePool'>): Pool[] {
  return line.pools().filter(({ name }) => mayUsePool(name))
}
