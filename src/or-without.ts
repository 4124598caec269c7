import { MemoryError } from '../memory/index.ts'
import type { Log } from './log.ts'

/** What memory cannot do costs what it was for, and is said in the log as what cannot be done. Any other error is thrown. */
export async function orWithout<Result>(
  log: Pick<Log, 'warn'>,
  what: string,
  without: Result,
  work: () => Promise<Result>,
): Promise<Result> {
  try {
    return await work()
  } catch (error) {
    if (!(error instanceof MemoryError)) throw error
    log.warn(`Cannot ${what}`, { error })
    return without
  }
}
