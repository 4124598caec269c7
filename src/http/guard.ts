import {
  isJsonContentType,
  ProtocolErrorCode,
  readRequestBody,
  validateHostHeader,
  validateOriginHeader,
} from '@modelcontextprotocol/server'
import type { MiddlewareHandler } from 'hono'
import type { Grant } from '../caller.ts'
import { maxMessageBytes } from '../mcp/limits.ts'
import { refuse } from './answers.ts'
import type { Identify, Refusal } from './identity/keys.ts'

/** What the guard has found out about a request, for those who answer it. */
export interface Guarded {
  Variables: { grant: Grant; body: unknown }
}

export interface GuardOptions {
  readonly hostnames: readonly string[]
  readonly identify: Identify
  /** Where clients learn from whom to get a token, and which scopes to ask for. */
  readonly oauth?: { readonly metadataUrl: string; readonly scopes: readonly string[] } | undefined
  readonly isStopping: () => boolean
}

/** Paths that tell nothing and need no key; so do those below `/.well-known/`, which is where a key is asked for. */
const open = new Set(['/healthz', '/readyz'])

/** Why a request is not let in, for its path to say in its own format. */
export interface NotAdmitted {
  readonly status: number
  readonly refused: string
  readonly headers?: Record<string, string> | undefined
}

/** What each path but the open ones asks of the headers of a request: addressed to this machine's own names, sent by none but its own pages, and with a key. */
export async function admit(headers: Headers, { hostnames, identify, oauth, isStopping }: GuardOptions): Promise<Grant | NotAdmitted> {
  const refused = checkAddress(headers, hostnames)
  if (refused !== undefined) return refused
  if (isStopping()) return { status: 503, refused: 'Signalbox is stopping', headers: { connection: 'close' } }
  const identity = await identify(headers)
  return 'refused' in identity ? refusedKey(identity, oauth) : identity
}

/** Addressed to this machine's own names, and sent by none but its own pages. */
export function checkAddress(headers: Headers, hostnames: readonly string[]): NotAdmitted | undefined {
  const host = validateHostHeader(headers.get('host'), [...hostnames])
  if (!host.ok) return { status: 403, refused: `${host.message}: add it to http.allowed_hosts if clients call Signalbox by it` }
  const origin = validateOriginHeader(headers.get('origin'), [...hostnames])
  return origin.ok ? undefined : { status: 403, refused: origin.message }
}

/**
 * What each path asks of a request, before anything else looks at it: addressed to this machine's own names and sent by
 * none but its own pages (DNS rebinding), JSON where it has a body, within the size limit, and with a key.
 */
export function guard(options: GuardOptions): MiddlewareHandler<Guarded> {
  return async (c, next) => {
    const { path, method, raw } = c.req
    const { headers } = raw
    const isOpen = open.has(path) || path.startsWith('/.well-known/')
    const admitted = isOpen ? checkAddress(headers, options.hostnames) : await admit(headers, options)
    if (admitted !== undefined && 'refused' in admitted)
      return refuse(path, admitted.status, admitted.refused, { headers: admitted.headers })
    if (isOpen || admitted === undefined) return next()
    c.set('grant', admitted)

    if (method !== 'POST') return next()
    if (!isJsonContentType(headers.get('content-type'))) return refuse(path, 415, 'Content-Type must be application/json')
    const body = await readRequestBody(raw, maxMessageBytes)
    if (body.tooLarge) return refuse(path, 413, `The body must have at most ${maxMessageBytes} bytes`)
    try {
      c.set('body', JSON.parse(body.text))
    } catch {
      return refuse(path, 400, 'The body is not valid JSON', { code: ProtocolErrorCode.ParseError })
    }
    return next()
  }
}

/** RFC 6750 and RFC 9728: why a key was refused, nothing where none was sent, and where to get one. */
function refusedKey({ error, refused, status = 401 }: Refusal, oauth: GuardOptions['oauth']): NotAdmitted {
  if (status === 503) return { status, refused, headers: { 'retry-after': '30' } }
  const parts = [
    'realm="signalbox"',
    ...(error === undefined ? [] : [`error="${error}"`, `error_description="${refused}"`]),
    ...(oauth === undefined ? [] : [`resource_metadata="${oauth.metadataUrl}"`]),
    ...(oauth === undefined || oauth.scopes.length === 0 ? [] : [`scope="${oauth.scopes.join(' ')}"`]),
  ]
  return { status, refused, headers: { 'www-authenticate': `Bearer ${parts.join(', ')}` } }
}
