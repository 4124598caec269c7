import type { Caller } from '../caller.ts'
import type { UnfinishedRun } from '../runs/run.ts'
import { limitsOf } from './client-limits.ts'
import type { Services } from './services.ts'

/** When asking again for a running answer makes sense. */
export const pollAfterS = 5

/** How long this caller waits before it gets a handle: what it asked for, else what its client bears. */
export function handleAfterMs(services: Pick<Services, 'config'>, caller: Caller, waitS: number | undefined): number {
  return waitS === undefined ? limitsOf(services, caller.client?.name).handleAfterMs : waitS * 1000
}

/** Advice for a lost run that may have changed something: it is not simply done again. */
export const mayHaveWorked = 'It may have done its work all the same: look at what it did before calling again'

/**
 * A run without an answer, in words that tell a model what to do next.
 *
 * @param whenLost - The advice for a run whose process is gone.
 */
export function describeRun(
  { status, handle, startedAt, spentUsd, message, approval }: UnfinishedRun,
  { whenLost = 'Ask again' }: { whenLost?: string } = {},
): string {
  const since = new Date(startedAt).toISOString()
  switch (status) {
    case 'working':
      return `working: the answer is not there yet${message === undefined ? '' : ` (${message})`}. handle: ${handle}. Call get_answer with it in about ${pollAfterS} s.`
    case 'needs_approval':
      return `needs_approval: ${approval?.effect ?? 'a person has to confirm'}. A person decides with: signalbox approvals accept ${approval?.id ?? ''} (or deny), until ${new Date(approval?.expiresAt ?? startedAt).toISOString()}. Then call get_answer with handle ${handle}, or repeat the call.`
    case 'failed':
      return `failed: ${message ?? 'the run ended without an answer'} (handle ${handle}, started ${since}, spent $${spentUsd.toFixed(4)})`
    case 'cancelled':
      return `cancelled: the run ${handle}, started ${since}, was cancelled after $${spentUsd.toFixed(4)}`
    case 'lost':
      return `lost: the process that ran ${handle} ended; it had started ${since} and spent $${spentUsd.toFixed(4)}. ${whenLost}.`
  }
}
