import { createId } from '../../models/ids.ts'
import type { InputRequest } from '../../tools/tool.ts'
import type { CallContext, Caller } from '../caller.ts'
import type { DoneResult, LongOperation, Operation } from '../operations/operation.ts'
import type { Approval, Approvals } from './approvals.ts'
import { canElicit, confirmationRequest, saysYes } from './confirmation.ts'
import type { Effect, RunScope, RunStatus, Verdict } from './run.ts'

export type LongRunning = Operation & { long: LongOperation }

/** A run in this process, from its start to its end. */
export interface LiveRun {
  readonly handle: string
  readonly operation: LongRunning
  readonly caller: Caller
  readonly startedAt: number
  readonly joinKey: string | undefined
  status: RunStatus
  updatedAt: number
  spentUsd: number
  message?: string | undefined
  /** What it waits for, when `input_required`. */
  requests?: Readonly<Record<string, InputRequest>> | undefined
  /** What a person has to decide, when `needs_approval`. */
  approval?: Approval | undefined
  result?: DoneResult | undefined
  /** What ended it, when it ended without a result. */
  error?: unknown
  /** Whether it waited for an approval: a repeated call may join it until its answer was taken. */
  joinable: boolean
  /** Whether its handle was given: it goes on without the request that started it. */
  given: boolean
  /** The request that watches now: it gets the progress. */
  listener?: CallContext | undefined
  /** Resolves when it has ended and what is to be kept of it is kept. */
  readonly ended: Promise<void>
  /** Resolves at the next change worth telling. */
  nextChange(): Promise<void>
  answer(responses: Readonly<Record<string, unknown>>): void
  cancel(reason: unknown): void
}

export interface LiveRunOptions {
  approvals: Approvals
  deadlineMs: number
  parkMs: number
  clock: () => number
  /** Called before a change is told to anybody: what must be durable is stored here. Never rejects. */
  changed(run: LiveRun): Promise<void>
}

/** A request to the caller stayed unanswered. */
export class NobodyAnsweredError extends Error {
  override readonly name = 'NobodyAnsweredError'
  readonly code = 'nobody_answered'
}

/** The caller, or a person at another door, ended the run. */
export class RunCancelledError extends Error {
  override readonly name = 'RunCancelledError'
  readonly code = 'cancelled'
}

/** Why runs end that are under way when their process does: for whoever asks later they are lost. */
export const stopping = new DOMException('Signalbox is stopping', 'AbortError')

/** Starts the operation; the run ends by itself, by `cancel`, or at its deadline. */
export function startRun(operation: LongRunning, input: unknown, context: CallContext, options: LiveRunOptions): LiveRun {
  const controller = new AbortController()
  const { signal } = controller
  let answered: ((responses: Record<string, unknown>) => void) | undefined
  let collected = new Map<string, unknown>()
  let questions: Promise<unknown> = Promise.resolve()
  let change = Promise.withResolvers<void>()
  const over = Promise.withResolvers<void>()

  const run: LiveRun = {
    handle: createId('handle'),
    operation,
    caller: context.caller,
    startedAt: options.clock(),
    get joinKey() {
      return operation.long.joinKey?.(input as never)
    },
    status: 'working',
    updatedAt: options.clock(),
    spentUsd: 0,
    joinable: false,
    given: false,
    ended: over.promise,
    listener: context,
    nextChange: () => change.promise,
    answer(responses) {
      if (run.requests === undefined) return
      const open = Object.entries(run.requests)
      for (const [key] of open) if (Object.hasOwn(responses, key)) collected.set(key, responses[key])
      const left = open.filter(([key]) => !Object.hasOwn(responses, key))
      run.requests = left.length > 0 ? Object.fromEntries(left) : undefined
      if (left.length === 0) answered?.(Object.fromEntries(collected))
    },
    cancel: (reason) => controller.abort(reason),
  }

  async function tell(status: RunStatus): Promise<void> {
    run.status = status
    run.updatedAt = options.clock()
    await options.changed(run)
    const told = change
    change = Promise.withResolvers<void>()
    told.resolve()
  }

  /** Tools that run beside each other may ask at the same time: their caller is asked one thing after the other. */
  function inTurn<T>(question: () => Promise<T>): Promise<T> {
    const asked = questions.then(() => {
      signal.throwIfAborted()
      return question()
    })
    questions = asked.catch(() => undefined)
    return asked
  }

  async function park(requests: Readonly<Record<string, InputRequest>>): Promise<Record<string, unknown>> {
    const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>()
    const limit = setTimeout(() => reject(new NobodyAnsweredError(`Nobody answered within ${options.parkMs / 1000} s`)), options.parkMs)
    const onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
    run.requests = requests
    collected = new Map()
    answered = resolve
    try {
      await tell('input_required')
      return await promise
    } finally {
      clearTimeout(limit)
      signal.removeEventListener('abort', onAbort)
      run.requests = undefined
      answered = undefined
      await tell('working')
    }
  }

  async function confirm(effect: Effect): Promise<Verdict> {
    const { principal } = run.caller
    if (await options.approvals.take(principal, effect)) return 'accepted'
    const approval = await options.approvals.create({ ...effect, principal, handle: run.handle })
    run.joinable = true
    try {
      return await (canElicit(run.caller) ? confirmByDialogue(approval) : confirmElsewhere(approval))
    } catch (error) {
      // Nobody shall say yes to what was called off. What a stop has ended may be asked for again, and the yes counts then.
      if (signal.reason instanceof RunCancelledError) await options.approvals.decide(principal, approval.id, 'denied', 'cancelled')
      throw error
    }
  }

  async function confirmElsewhere(approval: Approval): Promise<Verdict> {
    run.approval = approval
    await tell('needs_approval')
    try {
      return await options.approvals.verdict(approval, signal)
    } finally {
      run.approval = undefined
      await tell('working')
    }
  }

  /** The dialogue is one door; the command line may be quicker. */
  async function confirmByDialogue(approval: Approval): Promise<Verdict> {
    const decided = new AbortController()
    const elsewhere = options.approvals.verdict(approval, AbortSignal.any([signal, decided.signal]))
    const dialogue = park({ confirmation: confirmationRequest(approval) }).then(async (responses) => {
      const verdict = saysYes(responses['confirmation']) ? 'accepted' : 'denied'
      await options.approvals.decide(approval.principal, approval.id, verdict, 'elicitation')
      return elsewhere
    })
    dialogue.catch(() => undefined)
    try {
      return await Promise.race([elsewhere, dialogue])
    } finally {
      decided.abort()
      elsewhere.catch(() => undefined)
      answered?.({})
      await dialogue.catch(() => undefined)
    }
  }

  const scope: RunScope = {
    handle: run.handle,
    caller: run.caller,
    signal,
    logLevel: context.logLevel,
    progress(progress) {
      run.message = progress.message ?? run.message
      run.listener?.progress(progress)
    },
    text: (delta) => run.listener?.onText?.(delta),
    log: (entry) => run.listener?.log(entry),
    ask: (requests) => inTurn(() => park(requests)),
    confirm: (effect) => inTurn(() => confirm(effect)),
    spend(usd) {
      run.spentUsd += usd
      // Stored at once, so that a run that is lost can say it.
      if (usd > 0) void options.changed(run)
    },
  }

  async function work(): Promise<void> {
    const limit = setTimeout(() => {
      controller.abort(new DOMException(`The run passed its limit of ${options.deadlineMs / 1000} s`, 'TimeoutError'))
    }, options.deadlineMs)
    let status: RunStatus = 'done'
    try {
      run.result = await operation.long.execute(input as never, scope)
    } catch (error) {
      run.error = error
      status = signal.reason === stopping ? 'lost' : signal.reason instanceof RunCancelledError ? 'cancelled' : 'failed'
    } finally {
      clearTimeout(limit)
    }
    await tell(status)
    over.resolve()
  }

  void work()
  return run
}
