import type { Embedder, EmbedOptions } from '../embedder.ts'
import { EmbedderError } from '../errors.ts'
import { requireReadable } from './readable.ts'

export interface EndpointOptions {
  /** As for OpenAI-compatible providers: it ends in `/v1`. */
  baseUrl: string
  model: string
  apiKey?: string | undefined
  fetch?: typeof fetch | undefined
  /** Of one request. */
  timeoutMs?: number | undefined
  /** After a failure that another request would meet as well, how long calls fail without one: nothing waits for a dead server twice. */
  cooldownMs?: number | undefined
}

export interface EndpointEmbedderOptions extends EndpointOptions {
  /** Text beyond is not seen, so that models of 512 tokens, which refuse longer texts, take every text. */
  maxCharacters?: number | undefined
}

// The smallest limit of the usual servers (text-embeddings-inference).
const maxBatchTexts = 32

/**
 * An embedder behind an OpenAI-compatible `/v1/embeddings` endpoint.
 *
 * Vectors are made unit length here, since not every model does it. How many numbers they have is learnt from the first answer; an
 * answer of another length later is an error, since it comes from another model. A query has a request of its own and so never
 * waits for a re-index. Nothing is retried.
 *
 * @throws {RangeError} If the base URL is not http(s), or carries a user name or password: it becomes part of ids and messages.
 */
export function createEndpointEmbedder({ maxCharacters = 2000, ...options }: EndpointEmbedderOptions): Embedder {
  const calls = createEndpointCalls(options)
  return {
    id: calls.id,
    get dimensions() {
      return calls.dimensions()
    },
    get runtime() {
      return calls.dimensions() === undefined ? undefined : 'endpoint'
    },

    async embed(texts, { signal }: EmbedOptions = {}) {
      signal?.throwIfAborted()
      const seen = texts.map((text) => text.trimStart().slice(0, maxCharacters))
      requireReadable(seen)
      const vectors: Float32Array[] = []
      for (let start = 0; start < seen.length; start += maxBatchTexts) {
        const input = seen.slice(start, start + maxBatchTexts)
        vectors.push(...(await calls.vectors({ input, encoding_format: 'float' }, input.length, signal)))
      }
      return vectors
    },

    async close() {
      calls.close()
    },
  }
}

/** Requests of one model behind such an endpoint, whatever is embedded. */
export interface EndpointCalls {
  readonly id: string
  dimensions(): number | undefined
  /** @param fields - What is embedded, in the fields that the endpoint has for it: `count` things. */
  vectors(fields: Readonly<Record<string, unknown>>, count: number, signal: AbortSignal | undefined): Promise<Float32Array[]>
  close(): void
}

/** @throws {RangeError} As `createEndpointEmbedder`. */
export function createEndpointCalls({
  baseUrl,
  model,
  apiKey,
  fetch: send = fetch,
  timeoutMs = 15_000,
  cooldownMs = 10_000,
}: EndpointOptions): EndpointCalls {
  const base = checkedBase(baseUrl)
  const url = `${base}/embeddings`
  const closing = new AbortController()
  let dimensions: number | undefined
  let cooling: { error: EmbedderError; until: number } | undefined

  const fail = (what: string, { status, cause }: { status?: number; cause?: unknown } = {}): EmbedderError => {
    const error = new EmbedderError(`Cannot embed at ${url} with model "${model}": ${what}`, { cause })
    // A refusal of these very texts (400, 422) says nothing about the next ones.
    if (status === undefined || status === 429 || status >= 500) cooling = { error, until: performance.now() + cooldownMs }
    return error
  }

  const request = async (fields: Readonly<Record<string, unknown>>, signal: AbortSignal | undefined): Promise<unknown> => {
    const timeout = AbortSignal.timeout(timeoutMs)
    const limits = AbortSignal.any([timeout, closing.signal, ...(signal ? [signal] : [])])
    try {
      const response = await send(url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }) },
        body: JSON.stringify({ model, ...fields }),
        // A redirect would carry the texts to a host that nobody configured.
        redirect: 'error',
        signal: limits,
      })
      if (!response.ok) {
        // Its body is not quoted: servers repeat parts of keys and texts in it.
        await response.body?.cancel()
        throw fail(`the server answered ${response.status}`, { status: response.status })
      }
      return await response.json()
    } catch (cause) {
      signal?.throwIfAborted()
      if (closing.signal.aborted) throw closing.signal.reason
      if (cause instanceof EmbedderError) throw cause
      if (timeout.aborted) throw fail(`no answer within ${timeoutMs} ms`, { cause })
      if (cause instanceof SyntaxError) throw fail('the answer must be JSON', { cause })
      throw fail('the server cannot be reached', { cause })
    }
  }

  const vectorsOf = (body: unknown, count: number): Float32Array[] => {
    const data = isRecord(body) ? body['data'] : undefined
    if (!Array.isArray(data) || data.length !== count) {
      throw fail(`the answer must have ${count} embeddings in "data", received ${Array.isArray(data) ? data.length : typeof data}`)
    }
    const vectors: Float32Array[] = new Array(count)
    for (const [position, entry] of data.entries()) {
      const { index = position, embedding } = isRecord(entry) ? entry : {}
      if (!Number.isInteger(index) || (index as number) < 0 || (index as number) >= count || vectors[index as number]) {
        throw fail(`each "index" from 0 to ${count - 1} must stand once, received ${JSON.stringify(index)}`)
      }
      const vector = unitVector(embedding)
      if (!vector) throw fail('each "embedding" must be an array of finite numbers that are not all zero')
      dimensions ??= vector.length
      if (vector.length !== dimensions) throw fail(`each "embedding" must have ${dimensions} numbers, received ${vector.length}`)
      vectors[index as number] = vector
    }
    return vectors
  }

  return {
    id: `endpoint:${base}#${model}`,
    dimensions: () => dimensions,

    async vectors(fields, count, signal) {
      closing.signal.throwIfAborted()
      if (cooling && performance.now() < cooling.until) throw cooling.error
      const vectors = vectorsOf(await request(fields, signal), count)
      cooling = undefined
      return vectors
    },

    close() {
      closing.abort(new EmbedderError('Cannot embed: the embedder is closed'))
    },
  }
}

function checkedBase(baseUrl: string): string {
  const url = URL.parse(baseUrl)
  if (!url || !/^https?:$/.test(url.protocol)) throw new RangeError('Cannot create an embedder: its base URL must be an http or https URL')
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new RangeError('Cannot create an embedder: its base URL must have no user name, password, query or fragment')
  }
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`
}

function unitVector(embedding: unknown): Float32Array | undefined {
  if (!Array.isArray(embedding) || embedding.length === 0 || !embedding.every(Number.isFinite)) return undefined
  const length = Math.hypot(...(embedding as number[]))
  return length > 0 && Number.isFinite(length) ? Float32Array.from(embedding as number[], (value) => value / length) : undefined
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
