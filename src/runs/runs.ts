import type { RowStore } from '../../memory/store.ts'
import { isId } from '../../models/ids.ts'
import type { CallContext, Caller } from '../caller.ts'
import { speakableMessage } from '../errors.ts'
import type { Log } from '../log.ts'
import type { DoneResult, Operation, OperationResult } from '../operations/operation.ts'
import { pause } from '../pause.ts'
import type { Approvals } from './approvals.ts'
import { canAnswer } from './confirmation.ts'
import { type LiveRun, type LongRunning, RunCancelledError, startRun, stopping } from './live-run.ts'
import { mayLive, type Owner } from './owner.ts'
import { removeRows } from './remove-rows.ts'
import type { RunRegistry, RunStatus, RunView, UnfinishedRun } from './run.ts'

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

interface RunRecord {
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

const runRow = 'run'
/** How long after its deadline a run may take to say that it has ended. */
const lateMs = 60_000

/**
 * Runs and their handles.
 *
 * A run belongs to its request until its handle is given; then it goes on to its own deadline, its answer is stored,
 * and another process can read it. A stored run whose process is gone answers `lost`, with its start and what it spent.
 */
export function createRuns(options: RunsOptions): RunRegistry {
  const { rows, owner, log, clock = Date.now, keepMs = 24 * 3600_000, deadlineMs = 30 * 60_000 } = options
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
    await store(run).catch((error: unknown) => log.warn('Cannot store a run: after a restart its handle is unknown', { error }))
  }

  async function store(run: LiveRun): Promise<void> {
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
    await rows.put(run.caller.principal, runRow, run.handle, record, { expiresAt: record.expiresAt })
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
      if (run.approval !== undefined && run.approval.id !== told) return run.operation.long.present(unfinished(run))
      const left = until - performance.now()
      if (left <= 0) return undefined
      await changeOrTime(change, left, context.signal)
    }
  }

  function answerOf(run: LiveRun): DoneResult {
    run.joinable = false
    if (run.result !== undefined) return run.result
    if (!run.given) throw run.error
    return run.operation.long.present(unfinished(run))
  }

  function joinable(operation: LongRunning, input: unknown, caller: Caller): LiveRun | undefined {
    const key = operation.long.joinKey?.(input as never)
    if (key === undefined) return undefined
    const isSame = ({ operation: { name }, caller: { principal, profile } }: LiveRun) =>
      name === operation.name && principal === caller.principal && profile === caller.profile
    return [...live.values()].find((run) => run.joinable && run.joinKey === key && isSame(run))
  }

  /** The same silence for an unknown handle and for another principal's. */
  function findLive(handle: string, caller: Caller): LiveRun | undefined {
    const run = live.get(handle)
    return run?.caller.principal === caller.principal ? run : undefined
  }

  async function findStored(handle: string, caller: Caller): Promise<RunRecord | undefined> {
    if (!isId('handle', handle)) return undefined
    return (await rows.get<RunRecord>(caller.principal, runRow, handle))?.value
  }

  function presentStored(handle: string, record: RunRecord): DoneResult {
    if (record.result !== undefined) return record.result
    const status = storedStatus(record)
    const state: UnfinishedRun = {
      status: status === 'input_required' || status === 'done' ? 'working' : status,
      handle,
      startedAt: record.startedAt,
      spentUsd: record.spentUsd,
      message: record.message,
      approval: record.approval,
    }
    const operation = options.operation(record.operation)
    if (operation?.long !== undefined) return operation.long.present(state)
    return { kind: 'done', content: [{ type: 'text', text: `The run ${handle} is ${status}` }], isError: true }
  }

  /** What a stored run is by now: one that was under way in a process that is gone, or is past all limits, is lost. */
  function storedStatus({ status, owner: runs, startedAt }: RunRecord): RunStatus {
    if (isEnded(status)) return status
    if (!mayLive(runs, owner) || clock() > startedAt + deadlineMs + lateMs) return 'lost'
    return status === 'needs_approval' ? status : 'working'
  }

  async function view(handle: string, caller: Caller): Promise<RunView | undefined> {
    const run = findLive(handle, caller)
    if (run !== undefined) return viewOf(run, keepMs)
    const record = await findStored(handle, caller)
    if (record === undefined) return undefined
    const status = storedStatus(record)
    const result = isEnded(status) ? presentStored(handle, record) : undefined
    return { handle, status, ...pick(record), result }
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
        await store(run)
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
        const record = await findStored(handle, context.caller)
        if (record === undefined) return undefined
        const left = until - performance.now()
        if (isEnded(storedStatus(record)) || left <= 0) return presentStored(handle, record)
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
        await untilEnded(run, 2000)
      }
      return view(handle, caller)
    },

    async forget(principal, isMeant) {
      for (const run of live.values()) {
        if (run.caller.principal === principal && isEnded(run.status) && isMeant(run.result)) live.delete(run.handle)
      }
      await removeRows<RunRecord>(rows, principal, runRow, (record) => isEnded(storedStatus(record)) && isMeant(record))
      await options.approvals.forget(principal, isMeant)
    },

    active: () => [...live.values()].filter((run) => !isEnded(run.status)).length,

    async close() {
      isClosed = true
      const running = [...live.values()].filter((run) => !isEnded(run.status))
      for (const run of running) run.cancel(stopping)
      await Promise.all(running.map((run) => untilEnded(run, 3000)))
    },
  }
}

/** What was started must not be waited for without end: an operation may not heed its signal. */
async function untilEnded(run: LiveRun, limitMs: number): Promise<void> {
  const until = performance.now() + limitMs
  while (true) {
    const change = run.nextChange()
    const left = until - performance.now()
    if (isEnded(run.status) || left <= 0) return
    await changeOrTime(change, left, new AbortController().signal)
  }
}

function isEnded(status: RunStatus): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled' || status === 'lost'
}

function unfinished(run: LiveRun): UnfinishedRun {
  return {
    status: run.status === 'done' || run.status === 'input_required' ? 'working' : run.status,
    handle: run.handle,
    startedAt: run.startedAt,
    spentUsd: run.spentUsd,
    message: messageOf(run),
    approval: approvalOf(run),
  }
}

function approvalOf({ approval }: LiveRun): UnfinishedRun['approval'] {
  return approval && { id: approval.id, expiresAt: approval.expiresAt, effect: approval.effect }
}

function viewOf(run: LiveRun, keepMs: number): RunView {
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

function pick({ operation, startedAt, updatedAt, expiresAt, message }: RunRecord) {
  return { operation, startedAt, updatedAt, expiresAt, message }
}

const unforeseen = 'internal error: the reason is in the log of Signalbox'

/** Words of errors that nobody foresaw may hold anything: they are for the log. */
function messageOf(run: LiveRun): string | undefined {
  if (run.error === undefined || run.error === stopping) return run.message
  return speakableMessage(run.error) ?? unforeseen
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
