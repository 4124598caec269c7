import { asObject } from '../definitions.ts'
import type { CallOptions, InputRequest } from '../tool.ts'
import { type Capabilities, mayBeAsked, mirrored } from './capabilities.ts'
import type { Deadline } from './deadline.ts'

/** Who waits for one request to a server, and can be asked while it runs. */
export interface WaitingCaller {
  readonly options: CallOptions
  readonly capabilities: Capabilities
  /** @throws {NobodyAnswersError} Also when the caller was asked and gave no answer. */
  ask(requests: Readonly<Record<string, InputRequest>>): Promise<Record<string, Record<string, unknown>>>
  /** The request has ended: whoever waits for its caller is told. */
  end(): void
  readonly ended: Promise<void>
}

/** There is nobody who could answer what a server asked. The message is for the server and for the model. */
export class NobodyAnswersError extends Error {
  override readonly name = 'NobodyAnswersError'
}

/** One question at a time, and the server's time stands still while the caller thinks. */
export function createWaitingCaller(options: CallOptions, deadline: Deadline): WaitingCaller {
  const end = Promise.withResolvers<void>()
  const capabilities = mirrored(options)
  let last: Promise<unknown> = Promise.resolve()

  async function askNow(requests: Readonly<Record<string, InputRequest>>): Promise<Record<string, Record<string, unknown>>> {
    deadline.pause()
    try {
      const answers = (await options.onInput?.(requests)) ?? {}
      return Object.fromEntries(Object.keys(requests).map((key) => [key, answerOf(answers, key)]))
    } catch (error) {
      options.signal?.throwIfAborted()
      throw error instanceof NobodyAnswersError
        ? error
        : new NobodyAnswersError('the caller was asked and gave no answer', { cause: error })
    } finally {
      deadline.resume()
    }
  }

  return {
    options,
    capabilities,
    ended: end.promise,
    end: () => end.resolve(),
    async ask(requests) {
      for (const request of Object.values(requests)) {
        if (!mayBeAsked(capabilities, request)) throw new NobodyAnswersError(`the caller cannot answer ${describe(request)}`)
      }
      const turn = last.then(() => askNow(requests))
      last = turn.catch(() => undefined)
      return turn
    },
  }
}

/**
 * Answers a request that an older server sends in the middle of a call.
 *
 * Such a request does not say which call it belongs to. The connection serves one principal with one set of declared
 * capabilities, so any of its calls reaches the same kind of caller: the newest is asked, because servers ask soon after
 * they were called, and the next when that one ends before it answered.
 *
 * @throws {NobodyAnswersError} When no call waits or none can answer.
 */
export async function askNewest(callers: ReadonlySet<WaitingCaller>, request: InputRequest): Promise<Record<string, unknown>> {
  const tried = new Set<WaitingCaller>()
  for (;;) {
    const caller = [...callers].findLast((candidate) => !tried.has(candidate) && mayBeAsked(candidate.capabilities, request))
    if (!caller) throw new NobodyAnswersError(`nobody can answer ${describe(request)} now`)
    tried.add(caller)
    const answers = await Promise.race([caller.ask({ request }), caller.ended])
    if (answers) return answers['request'] ?? {}
  }
}

/**
 * Answers what a server of 2026-07-28 needs before it goes on. When the caller does not answer, a question to a person is
 * answered with `cancel`, which every server knows how to take; for the rest there is no such answer.
 *
 * @throws {NobodyAnswersError}
 */
export async function answerAll(caller: WaitingCaller, requests: Readonly<Record<string, InputRequest>>): Promise<Record<string, unknown>> {
  try {
    return await caller.ask(requests)
  } catch (error) {
    const canCancel = Object.values(requests).every(
      (request) => request.method === 'elicitation/create' && mayBeAsked(caller.capabilities, request),
    )
    if (!(error instanceof NobodyAnswersError) || !canCancel) throw error
    return Object.fromEntries(Object.keys(requests).map((key) => [key, { action: 'cancel' }]))
  }
}

/** What a server asks, its shape checked. @throws {TypeError} */
export function parseInputRequests(value: unknown): Record<string, InputRequest> {
  return Object.fromEntries(
    Object.entries(asObject(value) ?? {}).map(([key, entry]) => {
      const method = asObject(entry)?.['method']
      if (!isInputMethod(method)) throw new TypeError(`asks its caller for "${String(method)}", which MCP does not know`)
      return [key, { method, params: asObject(asObject(entry)?.['params']) ?? {} }]
    }),
  )
}

function isInputMethod(method: unknown): method is InputRequest['method'] {
  return method === 'elicitation/create' || method === 'sampling/createMessage' || method === 'roots/list'
}

function answerOf(answers: Readonly<Record<string, unknown>>, key: string): Record<string, unknown> {
  const answer = asObject(answers[key])
  if (!answer) throw new NobodyAnswersError('the caller gave no answer')
  return answer
}

function describe({ method, params }: InputRequest): string {
  if (method === 'roots/list') return 'a request for its folders'
  if (method === 'sampling/createMessage') return 'a request to its model'
  return params['mode'] === 'url' ? 'a request to open a page' : 'a question to the person'
}
