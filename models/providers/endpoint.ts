import { ProviderError } from '../errors.ts'
import type { ForwardRequest, ForwardResponse } from '../provider.ts'
import type { Incoming, IncomingBody, Send } from './connection.ts'

/** Where a provider is reached, and with whose credential. */
export interface Endpoint {
  /** The configuration's name for it. */
  readonly name: string
  /** Up to and with `/v1`, without a slash at the end. */
  readonly baseUrl: string
  /** Headers that a request may have otherwise. */
  readonly defaults?: Readonly<Record<string, string>>
  /** The provider's own credential; it replaces whatever a request has. */
  readonly credential: Readonly<Record<string, string>>
  readonly send: Send
}

/**
 * Makes one request, and tells what stood in its way.
 *
 * A redirect is refused: it would carry the credential to another host.
 *
 * @throws {ProviderError} Of kind `unavailable` if there was no answer. An abort rethrows `signal.reason`.
 */
export async function request(
  endpoint: Endpoint,
  {
    deployment,
    ...init
  }: { deployment: string; path: string; method: string; headers?: Record<string, string>; body?: string | Uint8Array },
  signal: AbortSignal | undefined,
): Promise<Incoming> {
  signal?.throwIfAborted()
  const { path, method, headers, body } = init
  const url = `${endpoint.baseUrl}${path}`
  // The runtime's own error would repeat the key.
  if (!Object.values(endpoint.credential).every((value) => /^[\x20-\x7e]+$/.test(value))) {
    throw new ProviderError(`Cannot call ${deployment}: its key must be printable ASCII`, { kind: 'auth', deployment })
  }
  try {
    return await endpoint.send(url, { method, headers: { ...endpoint.defaults, ...headers, ...endpoint.credential }, body, signal })
  } catch (cause) {
    signal?.throwIfAborted()
    throw unreachable(deployment, `Cannot reach ${deployment} at ${new URL(url).origin}`, cause)
  }
}

/** `cause` is the runtime's error; of it only its code goes into the message. */
export function unreachable(deployment: string, what: string, cause: unknown): ProviderError {
  const code = codeOf(cause)
  return new ProviderError(code === undefined ? what : `${what}: ${code}`, { kind: 'unavailable', deployment, code, cause })
}

function codeOf(error: unknown): string | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    if ('code' in at && typeof at.code === 'string') return at.code
  }
  return undefined
}

/** Headers that are about the caller's own connection, or that say who the caller is. */
const callersOwn = new Set([
  ...['host', 'connection', 'keep-alive', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'expect', 'content-length', 'accept-encoding'],
  ...['authorization', 'x-api-key', 'api-key', 'x-goog-api-key', 'cookie', 'openai-organization', 'openai-project', 'origin', 'referer'],
  ...['forwarded', 'via'],
])
const callersOwnPrefix = /^(?:proxy-|x-forwarded-|x-signalbox-|sec-)/

/** Headers that are about the connection to the provider, or about a body that `fetch` has decoded. */
const connectionsOwn = ['connection', 'keep-alive', 'transfer-encoding', 'content-encoding', 'content-length', 'set-cookie']

/** Of a caller's headers those that are for the provider. */
export function keptHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {}
  for (const name in headers) {
    const lower = name.toLowerCase()
    if (!callersOwn.has(lower) && !callersOwnPrefix.test(lower)) kept[lower] = headers[name] ?? ''
  }
  return kept
}

/** Of an answer's headers those that are for the caller. */
export function passedHeaders(headers: Headers): Headers {
  const passed = new Headers(headers)
  for (const name of connectionsOwn) passed.delete(name)
  return passed
}

async function* chunksOf(body: IncomingBody): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for (let piece = await body.next(); piece !== undefined; piece = await body.next()) yield piece
  } finally {
    body.cancel()
  }
}

/** An error of a vendor may repeat the key that it was asked with: nobody is told it. */
async function* withoutCredential(body: IncomingBody, { credential }: Endpoint): AsyncGenerator<Uint8Array, void, undefined> {
  const all: Uint8Array[] = []
  for await (const piece of chunksOf(body)) all.push(piece)
  const keys = Object.values(credential).map((value) => value.replace(/^Bearer /, ''))
  // Keys are ASCII, and all else goes through as the bytes that it is.
  const text = keys.reduce((said, key) => (key === '' ? said : said.replaceAll(key, '[key]')), Buffer.concat(all).toString('latin1'))
  yield Buffer.from(text, 'latin1')
}

/** The bytes as they are, with the provider's credential in the place of the caller's. The answer is passed on whatever its status. */
export async function forward(
  endpoint: Endpoint,
  { path, headers, body }: ForwardRequest,
  signal: AbortSignal | undefined,
): Promise<ForwardResponse> {
  const response = await request(endpoint, { deployment: endpoint.name, path, method: 'POST', headers: keptHeaders(headers), body }, signal)
  return {
    status: response.status,
    headers: passedHeaders(response.headers),
    body: response.status < 400 ? chunksOf(response.body) : withoutCredential(response.body, endpoint),
  }
}
