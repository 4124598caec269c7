import type { RowStore } from '../../memory/store.ts'
import type { CallContext, Caller } from '../caller.ts'
import { speakableMessage } from '../errors.ts'
import type { Log } from '../log.ts'
import type { DoneResult, Operation, OperationResult } from '../operations/operation.ts'
import { pause } from '../pause.ts'
import type { Approvals } from './approvals.ts'
import { canAnswer } from './confirmation.ts'
import { type LiveRun, type LongRunning, RunCancelledError, startRun, stopping } from './live-run.ts'
import type { Owner } from './owner.ts'
import type { RunRegistry, RunView } from './run.ts'
import { isEnded, unfinished, viewOf } from './run-views.ts'
import { createStoredRuns } from './stored-runs.ts'

export interface RunsOptions {
  rows: RowStore
  approvals: Approvals
  owner: Owner
  /** The operation behind a stored name, to speak for runs that another process left behind. */
  operation(name: string): Operation | undefined
  log: Pick<Log, 'warn' | 'error'>
  /** How long a run may take at all. */
  deadlineMs?: number
  /** How long an answer can be fetched by its handle. */
  keepMs?: number
  /** How long a parked run waits for its caller. */
  parkMs?: number
  clock?: () => number
}

/**
 * Runs and their handles.
 *
 * A run belongs to its request until its handle is given; then it goes on to its own deadline, its answer is stored,
 * and another process can read it. A stored run whose process is gone answers `lost`, with its start and what it spent.
 */
export function createRuns(options: RunsOptions): RunRegistry {
  const { log, clock = Date.now, keepMs = 24 * 3600_000, deadlineMs = 30 * 60_000 } = options
  const stored = createStoredRuns({ ...options, clock, keepMs, deadlineMs })
  const live = new Map<string, LiveRun>()
  let isClosed = false

  function start(operation: LongRunning, input: unknown, context: CallContext): LiveRun {
    if (isClosed) throw stopping
    const run = startRun(operation, input, context, {
      approvals: options.approvals,
      deadlineMs,
      parkMs: options.parkMs ?? 10 * 60_000,
      clock,
      changed: async (changedRun) => {
        if (changedRun.status === 'needs_approval') changedRun.given = true
        if (changedRun.given) await keep(changedRun)
        if (isEnded(changedRun.status)) forget(changedRun)
      },
    })
    live.set(run.handle, run)
    return run
  }

  function forget(run: LiveRun): void {
    if (run.given && run.status === 'failed' && speakableMessage(run.error) === undefined)
      log.error(`Cannot answer ${run.operation.name}`, { error: run.error })
    if (!run.given) live.delete(run.handle)
    else setTimeout(() => live.delete(run.handle), 5 * 60_000).unref()
  }

  async function give(run: LiveRun): Promise<void> {
    run.given = true
    await keep(run)
  }

  /** A run goes on without the store: its answer is there as long as this process is. */
  async function keep(run: LiveRun): Promise<void> {
    await stored.put(run).catch((error: unknown) => log.warn('Cannot store a run: after a restart its handle is unknown', { error }))
  }

  /**
   * Waits for the end, for the moment the caller is needed, or for the time: `undefined` then.
   * Of an approval that it knows of already (`told`) the caller wants the verdict.
   */
  async function settle(run: LiveRun, waitMs: number, context: CallContext, told?: string): Promise<OperationResult | undefined> {
    run.listener = context
    const until = performance.now() + waitMs
    while (true) {
      const change = run.nextChange()
      if (isEnded(run.status)) return answerOf(run)
      if (run.requests !== undefined && canAnswer(context.caller, run.requests)) {
        await give(run)
        return { kind: 'input-required', handle: run.handle, requests: run.requests }
      }
      if (run.approval !== undefined && run.approval.id !== told && (await isUndecided(run))) {
        return run.operation.long.present(unfinished(run))
      }
      const left = until - performance.now()
      if (left <= 0) return undefined
      await changeOrTime(change, left, context.signal)
    }
  }

  /** What a person has just decided, at another door, is not asked for again while the run comes to see it. */
  async function isUndecided({ approval, caller }: LiveRun): Promise<boolean> {
    return approval !== undefined && (await options.approvals.get(caller.principal, approval.id))?.status === 'pending'
  }

  function answerOf(run: LiveRun): DoneResult {
    run.joinable = false
    if (run.result !== undefined) return run.result
    if (!run.given) throw run.error
    return run.operation.long.present(unfinished(run))
  }

  function joinable(operation: LongRunning, input: unknown, caller: Caller): LiveRun | undefined {
    const waiting = [...live.values()].filter((run) => run.joinable)
    const key = waiting.length === 0 ? undefined : operation.long.joinKey?.(input as never)
    if (key === undefined) return undefined
    const isSame = ({ operation: { name }, caller: { principal, profile } }: LiveRun) =>
      name === operation.name && principal === caller.principal && profile === caller.profile
    return waiting.find((run) => run.joinKey === key && isSame(run))
  }

  /** The same silence for an unknown handle and for another principal's. */
  function findLive(handle: string, caller: Caller): LiveRun | undefined {
    const run = live.get(handle)
    return run?.caller.principal === caller.principal ? run : undefined
  }

  async function view(handle: string, caller: Caller): Promise<RunView | undefined> {
    const run = findLive(handle, caller)
    if (run !== undefined) return viewOf(run, keepMs)
    const record = await stored.find(handle, caller)
    return record && stored.view(handle, record)
  }

  return {
    async execute(operation, input, context, { handleAfterMs }) {
      const run = joinable(operation, input, context.caller) ?? start(operation, input, context)
      const leave = () => {
        if (!run.given) run.cancel(context.signal.reason)
      }
      if (context.signal.aborted) leave()
      context.signal.addEventListener('abort', leave, { once: true })
      try {
        const settled = await settle(run, handleAfterMs, context)
        if (settled !== undefined) return settled
        await give(run)
        return operation.long.present(unfinished(run))
      } finally {
        context.signal.removeEventListener('abort', leave)
      }
    },

    async start(operation, input, context) {
      const run = start(operation, input, context)
      run.given = true
      try {
        await stored.put(run)
      } catch (error) {
        run.cancel(error)
        throw error
      }
      return viewOf(run, keepMs)
    },

    get: view,

    async wait(handle, waitMs, context) {
      const run = findLive(handle, context.caller)
      if (run !== undefined) {
        return (await settle(run, waitMs, context, run.approval?.id)) ?? run.operation.long.present(unfinished(run))
      }
      const until = performance.now() + waitMs
      while (true) {
        const record = await stored.find(handle, context.caller)
        if (record === undefined) return undefined
        const left = until - performance.now()
        if (isEnded(stored.statusOf(record)) || left <= 0) return stored.present(handle, record)
        await pause(Math.min(500, left), context.signal)
      }
    },

    async answer(handle, responses, caller) {
      findLive(handle, caller)?.answer(responses)
      return view(handle, caller)
    },

    async cancel(handle, caller) {
      const run = findLive(handle, caller)
      if (run !== undefined && !isEnded(run.status)) {
        run.cancel(new RunCancelledError('The run was cancelled by its caller'))
        await inTime(run.ended, 2000)
      }
      return view(handle, caller)
    },

    async forget(principal, isMeant) {
      for (const run of live.values()) {
        if (run.caller.principal === principal && isEnded(run.status) && isMeant(run.result)) live.delete(run.handle)
      }
      await stored.forget(principal, isMeant)
      await options.approvals.forget(principal, isMeant)
    },

    active: () => [...live.values()].filter((run) => !isEnded(run.status)).length,

    async close() {
      isClosed = true
      const running = [...live.values()].filter((run) => !isEnded(run.status))
      for (const run of running) run.cancel(stopping)
      await Promise.all(running.map((run) => inTime(run.ended, 3000)))
    },
  }
}

/** What was started must not be waited for without end: an operation may not heed its signal. */
function inTime(end: Promise<void>, ms: number): Promise<void> {
  return changeOrTime(end, ms, new AbortController().signal)
}

/** Resolves at the change or when the time is over; rejects with the signal's reason. */
function changeOrTime(change: Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(done, ms)
    const onAbort = () => {
      clearTimeout(timer)
      reject(signal.reason)
    }
    function done() {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      resolve()
    }
    if (signal.aborted) return onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    change.then(done)
  })
}
