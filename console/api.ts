/** What the server says when it does not do what was asked. */
export class ApiError extends Error {
  override readonly name = 'ApiError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

const base = '/console/api'
/** Only a script of this page can set it: what the server asks of whoever changes something. */
const ownHeaders = { 'x-signalbox-console': '1' }

let onSignedOut: () => void = () => undefined
/** Told when the session has ended, whichever request finds out. */
export function whenSignedOut(listener: () => void): void {
  onSignedOut = listener
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>(path, { headers: ownHeaders, ...(signal && { signal }) })
}

export function post<T>(path: string, body: unknown = {}): Promise<T> {
  const headers = { ...ownHeaders, 'content-type': 'application/json' }
  return request<T>(path, { method: 'POST', headers, body: JSON.stringify(body) })
}

/** An operation as a caller has it, for one of the callers. */
export function operation<T>(name: string, input: unknown, principal: string): Promise<T> {
  return post<T>(`operations/${name}?principal=${encodeURIComponent(principal)}`, input)
}

export async function login(secret: string): Promise<void> {
  await request('login', { method: 'POST', headers: { ...ownHeaders, authorization: `Bearer ${secret}` } })
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  let response: Response
  try {
    response = await fetch(`${base}/${path}`, { ...init, credentials: 'same-origin', redirect: 'error' })
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new ApiError(0, 'Signalbox does not answer: is it still running?')
  }
  const body: unknown = await response.json().catch(() => undefined)
  if (response.ok) return body as T
  if (response.status === 401 && path !== 'login') onSignedOut()
  throw new ApiError(response.status, messageOf(body) ?? `The server answered with ${response.status}`)
}

function messageOf(body: unknown): string | undefined {
  const message = (body as { error?: { message?: unknown } } | undefined)?.error?.message
  return typeof message === 'string' ? message : undefined
}
