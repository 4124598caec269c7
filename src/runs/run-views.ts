import { speakableMessage } from '../errors.ts'
import { type LiveRun, stopping } from './live-run.ts'
import type { RunStatus, RunView, UnfinishedRun } from './run.ts'

export function isEnded(status: RunStatus): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled' || status === 'lost'
}

/** What is said of a run as long as it has no answer. */
export function unfinished(run: LiveRun): UnfinishedRun {
  return {
    status: run.status === 'done' || run.status === 'input_required' ? 'working' : run.status,
    handle: run.handle,
    startedAt: run.startedAt,
    spentUsd: run.spentUsd,
    message: messageOf(run),
    approval: approvalOf(run),
  }
}

export function approvalOf({ approval }: LiveRun): UnfinishedRun['approval'] {
  return approval && { id: approval.id, expiresAt: approval.expiresAt, effect: approval.effect }
}

export function viewOf(run: LiveRun, keepMs: number): RunView {
  const result = run.result ?? (isEnded(run.status) ? run.operation.long.present(unfinished(run)) : undefined)
  return {
    handle: run.handle,
    status: run.status,
    operation: run.operation.name,
    startedAt: run.startedAt,
    updatedAt: run.updatedAt,
    expiresAt: run.startedAt + keepMs,
    message: messageOf(run),
    requests: run.requests,
    result,
  }
}

const unforeseen = 'internal error: the reason is in the log of Signalbox'

/** Words of errors that nobody foresaw may hold anything: they are for the log. */
export function messageOf(run: LiveRun): string | undefined {
  if (run.error === undefined || run.error === stopping) return run.message
  return speakableMessage(run.error) ?? unforeseen
}
