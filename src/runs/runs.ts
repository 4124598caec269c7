import type { RowStore } from '../../memory/store.ts'
import { isId } from '../../models/ids.ts'
import type { CallContext, Caller } from '../caller.ts'
import type { DoneResult, Operation, OperationResult } from '../operations/operation.ts'
import type { Approvals } from './approvals.ts'
import { canAnswer } from './confirmation.ts'
import { type LiveRun, type LongRunning, RunCancelledError, startRun } from './live-run.ts'
import { mayLive, type Owner } from './owner.ts'
import type { RunRegistry, RunStatus, RunView, UnfinishedRun } from './run.ts'

export interface RunsOptions {
  rows: RowStore
  approvals: Approvals
  owner: Owner
  /** The operation behind a stored name, to speak for runs that another process left behind. */
  operation(name: string): Operation | undefined
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
  result?: DoneResult | undefined
}

const kind = 'run'

/**
 * Runs and their handles.
 *
 * A run belongs to its request until its handle is given; then it goes on to its own deadline, its answer is stored,
 * and another process can read it. A stored run whose process is gone answers `lost`, with its start and what it spent.
 */
export function createRuns(options: RunsOptions): RunRegistry {
  const { rows, owner, clock = Date.now, keepMs = 24 * 3600_000 } = options
  const live = new Map<string, LiveRun>()
  const given = new Set<string>()

  function start(operation: LongRunning, input: unknown, context: CallContext): LiveRun {
    const run = startRun(operation, input, context, {
      approvals: options.approvals,
      deadlineMs: options.deadlineMs ?? 30 * 60_000,
      parkMs: options.parkMs ?? 10 * 60_000,
      clock,
      changed: async (changedRun) => {
        if (changedRun.status === 'needs_approval') given.add(changedRun.handle)
        if (given.has(changedRun.handle)) await store(changedRun)
        if (isEnded(changedRun.status)) forgetLater(changedRun)
      },
    })
    live.set(run.handle, run)
    return run
  }

  function forgetLater(run: LiveRun): void {
    if (!given.has(run.handle)) {
      live.delete(run.handle)
      return
    }
    setTimeout(() => {
      live.delete(run.handle)
      given.delete(run.handle)
    }, 5 * 60_000).unref()
  }

  async function give(run: LiveRun): Promise<void> {
    given.add(run.handle)
    await store(run)
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
      result: run.result,
    }
    await rows.put(run.caller.principal, kind, run.handle, record, { expiresAt: record.expiresAt })
  }

  /** Waits for the end, for the moment the caller is needed, or for the time: `undefined` then. */
  async function settle(run: LiveRun, waitMs: number, context: CallContext): Promise<OperationResult | undefined> {
    run.listener = context
    const until = clock() + waitMs
    while (true) {
      const change = run.nextChange()
      if (isEnded(run.status)) return answerOf(run)
      if (run.requests !== undefined && canAnswer(context.caller, run.requests)) {
        await give(run)
        return { kind: 'input-required', handle: run.handle, requests: run.requests }
      }
      if (run.status === 'needs_approval') return run.operation.long.present(unfinished(run))
      const left = until - clock()
      if (left <= 0) return undefined
      await changeOrTime(change, left, context.signal)
    }
  }

  function answerOf(run: LiveRun): DoneResult {
    run.joinable = false
    if (run.result !== undefined) return run.result
    if (!given.has(run.handle)) throw run.error
    return run.operation.long.present(unfinished(run))
  }

  function joinable(operation: LongRunning, input: unknown, caller: Caller): LiveRun | undefined {
    const key = operation.long.joinKey?.(input as never)
    if (key === undefined) return undefined
    return [...live.values()].find(
      (run) => run.joinable && run.joinKey === key && run.operation.name === operation.name && run.caller.principal === caller.principal,
    )
  }

  /** The same silence for an unknown handle and for another principal's. */
  function findLive(handle: string, caller: Caller): LiveRun | undefined {
    const run = live.get(handle)
    return run?.caller.principal === caller.principal ? run : undefined
  }

  async function findStored(handle: string, caller: Caller): Promise<RunRecord | undefined> {
    if (!isId('handle', handle)) return undefined
    return (await rows.get<RunRecord>(caller.principal, kind, handle))?.value
  }

  function presentStored(handle: string, record: RunRecord): DoneResult {
    if (record.result !== undefined) return record.result
    const status = storedStatus(record, owner)
    const state: UnfinishedRun = {
      status: status === 'input_required' || status === 'done' ? 'working' : status,
      handle,
      startedAt: record.startedAt,
      spentUsd: record.spentUsd,
      message: record.message,
    }
    const operation = options.operation(record.operation)
    if (operation?.long !== undefined) return operation.long.present(state)
    return { kind: 'done', content: [{ type: 'text', text: `The run ${handle} is ${status}` }], isError: true }
  }

  async function view(handle: string, caller: Caller): Promise<RunView | undefined> {
    const run = findLive(handle, caller)
    if (run !== undefined) return viewOf(run, keepMs)
    const record = await findStored(handle, caller)
    if (record === undefined) return undefined
    const status = storedStatus(record, owner)
    const result = status === 'working' ? undefined : presentStored(handle, record)
    return { handle, status, ...pick(record), result }
  }

  return {
    async execute(operation, input, context, { handleAfterMs }) {
      const run = joinable(operation, input, context.caller) ?? start(operation, input, context)
      const leave = () => {
        if (!given.has(run.handle)) run.cancel(context.signal.reason)
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
      await give(run)
      return viewOf(run, keepMs)
    },

    get: view,

    async wait(handle, waitMs, context) {
      const run = findLive(handle, context.caller)
      if (run !== undefined) return (await settle(run, waitMs, context)) ?? run.operation.long.present(unfinished(run))
      const until = clock() + waitMs
      while (true) {
        const record = await findStored(handle, context.caller)
        if (record === undefined) return undefined
        if (storedStatus(record, owner) !== 'working' || clock() >= until) return presentStored(handle, record)
        await changeOrTime(new Promise(() => undefined), Math.min(500, until - clock()), context.signal)
      }
    },

    async answer(handle, responses, caller) {
      findLive(handle, caller)?.answer(responses)
      return view(handle, caller)
    },

    async cancel(handle, caller) {
      const run = findLive(handle, caller)
      if (run !== undefined && !isEnded(run.status)) {
        const change = run.nextChange()
        run.cancel(new RunCancelledError('The run was cancelled by its caller'))
        await changeOrTime(change, 2000, new AbortController().signal)
      }
      return view(handle, caller)
    },

    active: () => [...live.values()].filter((run) => !isEnded(run.status)).length,

    async close() {
      const running = [...live.values()].filter((run) => !isEnded(run.status))
      for (const run of running) run.cancel(new DOMException('Signalbox is stopping', 'AbortError'))
      await Promise.all(running.map((run) => untilEnded(run)))
    },
  }
}

async function untilEnded(run: LiveRun): Promise<void> {
  const limit = Date.now() + 3000
  while (!isEnded(run.status) && Date.now() < limit) {
    await changeOrTime(run.nextChange(), limit - Date.now(), new AbortController().signal)
  }
}

function isEnded(status: RunStatus): boolean {
  return status === 'done' || status === 'failed' || status === 'cancelled' || status === 'lost'
}

/** What a stored run is by now: one that was under way in a process that is gone is lost. */
function storedStatus(record: RunRecord, self: Owner): RunStatus {
  if (isEnded(record.status)) return record.status
  return mayLive(record.owner, self) ? 'working' : 'lost'
}

function unfinished(run: LiveRun): UnfinishedRun {
  const { approval } = run
  return {
    status: run.status === 'done' || run.status === 'input_required' ? 'working' : run.status,
    handle: run.handle,
    startedAt: run.startedAt,
    spentUsd: run.spentUsd,
    message: messageOf(run),
    approval: approval && { id: approval.id, expiresAt: approval.expiresAt, effect: approval.effect },
  }
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

function messageOf(run: LiveRun): string | undefined {
  return run.error instanceof Error ? run.error.message : run.message
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
