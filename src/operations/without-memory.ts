import { MemoryError } from '../../memory/index.ts'
import type { Caller } from '../caller.ts'
import type { Services } from './services.ts'

type Remembering = Pick<Services, 'config' | 'log' | 'threads'>

/** The thread that was named, or a new one. Where memory does not work the step goes on without one, and a warning says so. */
export async function openThread(
  { threads, log, config }: Remembering,
  { principal, project = config().memory.project }: Pick<Caller, 'principal' | 'project'>,
  idOrName: string | undefined,
): Promise<{ thread: string | undefined; warnings: string[] }> {
  try {
    return { thread: (await threads.open(principal, idOrName, { project })).thread, warnings: [] }
  } catch (error) {
    if (!(error instanceof MemoryError) || error.code !== 'memory_unavailable') throw error
    log.warn('Cannot open a thread; the step goes on without', { error })
    return { thread: undefined, warnings: ['no thread could be opened: nothing earlier is known, and nothing is remembered'] }
  }
}

/** Remembers what has happened already: what was answered is not lost when it cannot be kept. @returns What to warn of. */
export async function keepIfPossible({ log }: Pick<Services, 'log'>, what: string, keep: () => Promise<unknown>): Promise<string[]> {
  try {
    await keep()
    return []
  } catch (error) {
    log.warn(`Cannot remember ${what}`, { error })
    const why = error instanceof MemoryError && error.code === 'memory_refused' ? `: ${error.message}` : ''
    return [`${what} could not be remembered${why}`]
  }
}
