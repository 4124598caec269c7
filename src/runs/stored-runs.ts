import type { RowStore } from '../../memory/store.ts'
import { isId } from '../../models/ids.ts'
import type { Caller } from '../caller.ts'
import type { DoneResult, Operation } from '../operations/operation.ts'
import type { LiveRun } from './live-run.ts'
import { mayLive, type Owner } from './owner.ts'
import { removeRows } from './remove-rows.ts'
import type { RunStatus, RunView, UnfinishedRun } from './run.ts'
import { approvalOf, isEnded, messageOf } from './run-views.ts'

export interface StoredRunsOptions {
  rows: RowStore
  owner: Owner
  /** The operation behind a stored name, to speak for runs that another process left behind. */
  operation(name: string): Operation | undefined
  deadlineMs: number
  keepMs: number
  clock: () => number
}

/** Runs as other processes can see them: by what was stored when they last changed. */
export interface StoredRuns {
  put(run: LiveRun): Promise<void>
  /** The same silence for an unknown handle and for another principal's. */
  find(handle: string, caller: Caller): Promise<RunRecord | undefined>
  /** What the run is by now: one that was under way in a process that is gone, or is past all limits, is lost. */
  statusOf(record: RunRecord): RunStatus
  present(handle: string, record: RunRecord): DoneResult
  view(handle: string, record: RunRecord): RunView
  /** Removes ended ones that hold what is meant. */
  forget(principal: string, isMeant: (value: unknown) => boolean): Promise<void>
}

export interface RunRecord {
  operation: string
  status: RunStatus
  startedAt: number
  updatedAt: number
  expiresAt: number
  owner: Owner
  spentUsd: number
  message?: string | undefined
  approval?: UnfinishedRun['approval']
  result?: DoneResult | undefined
}

const kind = 'run'
/** How long after its deadline a run may take to say that it has ended. */
const lateMs = 60_000

export function createStoredRuns({ rows, owner, operation, deadlineMs, keepMs, clock }: StoredRunsOptions): StoredRuns {
  function statusOf({ status, owner: runs, startedAt }: RunRecord): RunStatus {
    if (isEnded(status)) return status
    if (!mayLive(runs, owner) || clock() > startedAt + deadlineMs + lateMs) return 'lost'
    return status === 'needs_approval' ? status : 'working'
  }

  function present(handle: string, record: RunRecord): DoneResult {
    if (record.result !== undefined) return record.result
    const { startedAt, spentUsd, message, approval } = record
    const status = statusOf(record)
    const long = operation(record.operation)?.long
    if (long === undefined) return { kind: 'done', content: [{ type: 'text', text: `The run ${handle} is ${status}` }], isError: true }
    const shown: UnfinishedRun['status'] = status === 'input_required' || status === 'done' ? 'working' : status
    return long.present({ status: shown, handle, startedAt, spentUsd, message, approval })
  }

  return {
    statusOf,
    present,

    async put(run) {
      const record: RunRecord = {
        operation: run.operation.name,
        status: run.status,
        startedAt: run.startedAt,
        updatedAt: run.updatedAt,
        expiresAt: run.startedAt + keepMs,
        owner,
        spentUsd: run.spentUsd,
        message: messageOf(run),
        approval: approvalOf(run),
        result: run.result,
      }
      await rows.put(run.caller.principal, kind, run.handle, record, { expiresAt: record.expiresAt })
    },

    async find(handle, caller) {
      if (!isId('handle', handle)) return undefined
      return (await rows.get<RunRecord>(caller.principal, kind, handle))?.value
    },

    view(handle, record) {
      const { operation: name, startedAt, updatedAt, expiresAt, message } = record
      const status = statusOf(record)
      const result = isEnded(status) ? present(handle, record) : undefined
      return { handle, status, operation: name, startedAt, updatedAt, expiresAt, message, result }
    },

    forget: (principal, isMeant) => removeRows<RunRecord>(rows, principal, kind, (record) => isEnded(statusOf(record)) && isMeant(record)),
  }
}
