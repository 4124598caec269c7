import type { ModelFinish } from '../../models/provider.ts'

/** One row of the matrix as it went at a real service, cleaned of what belongs to the account (`clean.ts`). */
export interface Cassette {
  target: string
  format: string
  row: string
  model: string
  /** The day. */
  recorded: string
  verdict: string
  finishReason?: ModelFinish['finishReason'] | undefined
  exchanges: Exchange[]
}

export interface Exchange {
  request: { method: string; path: string; headers: Record<string, string>; body: string }
  response: { status: number; headers: Record<string, string>; body: string; open: boolean } | { unreachable: string }
}

/**
 * Passes requests on and keeps both sides, bytes as text. An answer whose reader left before its end stays `open`: that is
 * what it looks like after a caller's abort, and after the last event of a format that has one.
 */
export function recordingFetch(send: typeof fetch, exchanges: Exchange[]): typeof fetch {
  return async (input, init = {}) => {
    const url = new URL(String(input))
    const request = {
      method: init.method ?? 'GET',
      path: `${url.pathname}${url.search}`,
      headers: Object.fromEntries(new Headers(init.headers)),
      body: typeof init.body === 'string' ? init.body : '',
    }
    let response: Response
    try {
      response = await send(input, init)
    } catch (error) {
      exchanges.push({ request, response: { unreachable: error instanceof Error ? error.name : 'Error' } })
      throw error
    }
    const kept = { status: response.status, headers: Object.fromEntries(response.headers), body: '', open: true }
    exchanges.push({ request, response: kept })
    const decoder = new TextDecoder()
    const body = response.body?.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          kept.body += decoder.decode(chunk, { stream: true })
          controller.enqueue(chunk)
        },
        flush() {
          kept.body += decoder.decode()
          kept.open = false
        },
      }),
    )
    return new Response(body ?? null, { status: response.status, headers: response.headers })
  }
}

/** Answers with what was recorded, in order, in pieces that fall anywhere. */
export function replayingFetch(exchanges: readonly Exchange[], pieceBytes = 7): typeof fetch {
  let next = 0
  return async (_, init) => {
    const exchange = exchanges[next]
    next += 1
    if (exchange === undefined) throw new RangeError(`The cassette holds ${exchanges.length} exchanges and one more was asked for`)
    const { response } = exchange
    if ('unreachable' in response) throw new TypeError('fetch failed')
    const bytes = Buffer.from(response.body)
    let at = 0
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        init?.signal?.addEventListener('abort', () => controller.error(init.signal?.reason), { once: true })
      },
      pull(controller) {
        if (at < bytes.length) controller.enqueue(bytes.subarray(at, at + pieceBytes))
        else if (!response.open) controller.close()
        at += pieceBytes
      },
    })
    return new Response(body, { status: response.status, headers: response.headers })
  }
}
