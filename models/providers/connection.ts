import type { Dispatcher } from 'undici'

/** One request to a provider. */
export interface Outgoing {
  readonly method: string
  readonly headers: Record<string, string>
  readonly body?: string | Uint8Array | undefined
  readonly signal?: AbortSignal | undefined
}

/** What a provider answers, as it arrives. */
export interface Incoming {
  readonly status: number
  readonly ok: boolean
  readonly headers: Headers
  readonly body: IncomingBody
}

export interface IncomingBody {
  /** `undefined` at the end. Rejects when the connection breaks. */
  next(): Promise<Uint8Array | undefined>
  /** Leaves the rest where it is, and closes the connection if there is any. */
  cancel(): void
}

export type Send = (url: string, outgoing: Outgoing) => Promise<Incoming>

/** How much of a body may wait for its reader before the provider is told to wait. */
const mostWaitingBytes = 256 * 1024

/**
 * Over connections that are kept open, with as little between the socket and the reader as there can be. Redirects are not followed:
 * their status is an answer like others. There are no time limits here; whoever asks has them.
 */
export const send: Send = async (url, { method, headers, body, signal }) => {
  signal?.throwIfAborted()
  const { origin, pathname, search } = new URL(url)
  const dispatcher = await connections()
  return new Promise<Incoming>((resolve, reject) => {
    const pieces = createPieces()
    let control: Dispatcher.DispatchController | undefined
    const onAbort = () => {
      control?.abort(abortError(signal?.reason))
      fail(signal?.reason)
    }
    const fail = (error: unknown) => {
      signal?.removeEventListener('abort', onAbort)
      reject(error)
      pieces.fail(error)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    dispatcher.dispatch(
      {
        origin,
        path: pathname + search,
        method: method as Dispatcher.HttpMethod,
        headers: { ...headers, 'accept-encoding': 'identity' },
        body: body ?? null,
      },
      {
        onRequestStart(controller) {
          control = controller
          if (signal?.aborted === true) onAbort()
        },
        onResponseStart(controller, status, given) {
          const ok = status >= 200 && status < 300
          resolve({ status, ok, headers: toHeaders(given), body: pieces.body(controller) })
        },
        onResponseData(controller, chunk) {
          if (pieces.push(chunk) > mostWaitingBytes) controller.pause()
        },
        onResponseEnd() {
          signal?.removeEventListener('abort', onAbort)
          pieces.end()
        },
        onResponseError(_, error) {
          fail(error)
        },
      },
    )
  })
}

/** `fetch`, for those who put another one in its place. */
export function sendWith(fetchOption: typeof fetch): Send {
  return async (url, { method, headers, body, signal }) => {
    const response = await fetchOption(url, {
      method,
      headers,
      redirect: 'error',
      ...(body !== undefined && { body: body as NonNullable<RequestInit['body']> }),
      ...(signal !== undefined && { signal }),
    })
    const reader = response.body?.getReader()
    return {
      status: response.status,
      ok: response.ok,
      headers: response.headers,
      body: {
        next: async () => (await reader?.read())?.value,
        cancel: () => void reader?.cancel().catch(() => undefined),
      },
    }
  }
}

/** What has arrived and was not asked for yet. */
function createPieces() {
  const waiting: Uint8Array[] = []
  let bytes = 0
  let ended = false
  let failure: { readonly error: unknown } | undefined
  let wanted: { resolve: (piece: Uint8Array | undefined) => void; reject: (error: unknown) => void } | undefined

  return {
    /** How many bytes wait now. */
    push(piece: Uint8Array): number {
      if (wanted === undefined) {
        waiting.push(piece)
        bytes += piece.length
        return bytes
      }
      const { resolve } = wanted
      wanted = undefined
      resolve(piece)
      return 0
    },
    end() {
      ended = true
      wanted?.resolve(undefined)
      wanted = undefined
    },
    fail(error: unknown) {
      failure ??= { error }
      wanted?.reject(error)
      wanted = undefined
    },
    body: (controller: Dispatcher.DispatchController): IncomingBody => ({
      next() {
        const piece = waiting.shift()
        if (piece !== undefined) {
          bytes -= piece.length
          if (bytes === 0 && controller.paused) controller.resume()
          return Promise.resolve(piece)
        }
        if (failure !== undefined) return Promise.reject(failure.error)
        if (ended) return Promise.resolve(undefined)
        return new Promise((resolve, reject) => {
          wanted = { resolve, reject }
        })
      },
      cancel() {
        if (!ended && failure === undefined) controller.abort(abortError('nobody reads on'))
      },
    }),
  }
}

function abortError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error(String(reason))
}

function toHeaders(given: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers()
  for (const name in given) {
    const value = given[name]
    if (typeof value === 'string') headers.set(name, value)
    else for (const one of value ?? []) headers.append(name, one)
  }
  return headers
}

let opened: Promise<Dispatcher> | undefined

/** Loaded with the first request: no start waits for it. */
function connections(): Promise<Dispatcher> {
  opened ??= import('undici').then(({ Agent, EnvHttpProxyAgent }) => {
    const options = { headersTimeout: 0, bodyTimeout: 0, keepAliveTimeout: 30_000 }
    // As Node's own `fetch` reads it.
    return process.env['NODE_USE_ENV_PROXY'] === '1' ? new EnvHttpProxyAgent(options) : new Agent(options)
  })
  return opened
}
