import { anyPrincipal } from '../../memory/index.ts'
import type { Services } from '../operations/services.ts'
import type { Approval } from '../runs/approvals.ts'
import { summaryOf } from './steps.ts'
import type { LiveEvent, StepSummary, WaitingApproval } from './wire.ts'

export interface Live {
  /** @returns The way to stop. */
  follow(listener: (event: LiveEvent) => void): () => void
}

const lookEveryMs = 1000
const newest = 30
const mostPages = 10

/**
 * Looks into the store while somebody listens, since other processes decide and ask over it as well: an agent over stdio has its
 * own. Costs nothing while nobody does.
 */
export function createLive({ decisions, approvals, log }: Pick<Services, 'decisions' | 'approvals' | 'log'>): Live {
  const listeners = new Set<(event: LiveEvent) => void>()
  let timer: NodeJS.Timeout | undefined
  let seen = new Map<string, number>()
  let newestAt = 0
  let waiting = ''

  function tell(event: LiveEvent): void {
    for (const listener of listeners) listener(event)
  }

  /** What is new or changed among the newest; all that came since the last look, up to a limit. */
  async function newSteps(): Promise<StepSummary[]> {
    const found: StepSummary[] = []
    const next = new Map<string, number>()
    let cursor: string | undefined
    for (let page = 0; page < mostPages; page++) {
      const { decisions: records, nextCursor } = await decisions.list(anyPrincipal, { limit: newest, cursor })
      for (const record of records) {
        if (page === 0) next.set(record.id, record.updatedAt)
        const isMeant = record.at >= newestAt || (page === 0 && seen.has(record.id))
        if (isMeant && seen.get(record.id) !== record.updatedAt) found.push(summaryOf(record))
      }
      cursor = nextCursor
      const last = records.at(-1)
      if (cursor === undefined || newestAt === 0 || last === undefined || last.at < newestAt) break
    }
    seen = next
    newestAt = Math.max(newestAt, ...found.map(({ at }) => at))
    return found.reverse()
  }

  async function look(): Promise<void> {
    try {
      const steps = await newSteps()
      if (steps.length > 0) tell({ event: 'steps', steps })
      const pending = await waitingApprovals(approvals)
      const state = pending.map(({ id }) => id).join()
      if (state !== waiting) tell({ event: 'approvals', approvals: pending })
      waiting = state
    } catch (error) {
      log.warn('Cannot look for new steps', { error })
    }
    // Another look may have been set off while this one was under way: there is one at a time.
    clearTimeout(timer)
    if (listeners.size > 0) timer = setTimeout(look, lookEveryMs).unref()
  }

  return {
    follow(listener) {
      listeners.add(listener)
      // Whoever comes later than the first is told all of it again, which does no harm.
      seen = new Map()
      newestAt = 0
      waiting = 'unknown'
      if (listeners.size === 1) {
        clearTimeout(timer)
        timer = setTimeout(look, 0).unref()
      }
      return () => {
        listeners.delete(listener)
        if (listeners.size === 0) clearTimeout(timer)
      }
    },
  }
}

export async function waitingApprovals(approvals: Services['approvals']): Promise<WaitingApproval[]> {
  return (await approvals.list(anyPrincipal)).map(approvalFields)
}

export function approvalFields({ id, principal, tool, effect, createdAt, expiresAt }: Approval): WaitingApproval {
  return { id, principal, tool, effect, created_at: createdAt, expires_at: expiresAt }
}
