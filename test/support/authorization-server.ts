import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'

export interface AuthorizationServer {
  readonly issuer: string
  /** How often its keys were asked for. */
  readonly keyRequests: () => number
  /** An access token with these claims; `lifeS` seconds from now on. */
  token(
    claims: Record<string, unknown>,
    options?: { lifeS?: number; alg?: 'ES256' | 'HS256'; audience?: string; issuer?: string },
  ): Promise<string>
  /** How long, in seconds from now on, the tokens hold that it gives for a code, and for a refresh token; both 300 at first. */
  lives(seconds: { code?: number; refresh?: number }): void
  /** Takes no refresh token any more that it has given. */
  revoke(): void
  /** What its token endpoint was sent, oldest first. */
  readonly grants: readonly URLSearchParams[]
  /** What clients said of themselves when they registered. */
  readonly registrations: readonly Record<string, unknown>[]
  /** Whether it answers at all. */
  answers(is: boolean): void
  close(): Promise<void>
}

/**
 * A small authorization server: metadata (RFC 8414), registration, authorization code with PKCE, keys. Whoever asks is
 * Ada, and is let through at once. A refresh token holds once: one that comes again ends all of them, since it may be stolen.
 */
export async function startAuthorizationServer(audience: string): Promise<AuthorizationServer> {
  const { publicKey, privateKey } = await generateKeyPair('ES256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256', use: 'sig' }
  const codes = new Map<string, { challenge: string; scope: string; resource: string }>()
  const refreshes = new Map<string, { scope: string; resource: string }>()
  const grants: URLSearchParams[] = []
  const registrations: Record<string, unknown>[] = []
  const lives = { code: 300, refresh: 300 }
  let keyRequests = 0
  let isAnswering = true

  const token: AuthorizationServer['token'] = (
    claims,
    { lifeS = 300, alg = 'ES256', audience: aud = audience, issuer: iss = issuer } = {},
  ) => {
    const now = Math.floor(Date.now() / 1000)
    const jwt = new SignJWT(claims).setProtectedHeader({ alg, kid: 'one' }).setIssuer(iss).setAudience(aud)
    return jwt
      .setIssuedAt(now - 600)
      .setExpirationTime(now + lifeS)
      .sign(alg === 'HS256' ? new Uint8Array(32) : privateKey)
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const json = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    const { pathname, searchParams } = new URL(request.url ?? '/', issuer)
    if (!isAnswering) return void json(500, {})
    if (pathname === '/.well-known/oauth-authorization-server') {
      return void json(200, {
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        registration_endpoint: `${issuer}/register`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'],
        code_challenge_methods_supported: ['S256'],
        token_endpoint_auth_methods_supported: ['none'],
        grant_types_supported: ['authorization_code', 'refresh_token'],
      })
    }
    if (pathname === '/keys') {
      keyRequests += 1
      return void json(200, { keys: [jwk] })
    }
    if (pathname === '/register') {
      registrations.push(JSON.parse(await bodyOf(request)))
      return void json(201, { ...registrations.at(-1), client_id: 'a-client' })
    }
    if (pathname === '/authorize') {
      const code = randomBytes(16).toString('hex')
      const given = (name: string) => searchParams.get(name) ?? ''
      codes.set(code, { challenge: given('code_challenge'), scope: given('scope'), resource: given('resource') })
      const back = new URL(given('redirect_uri'))
      back.search = String(new URLSearchParams({ code, state: given('state') }))
      return void response.writeHead(302, { location: back.href }).end()
    }
    if (pathname === '/token') {
      const form = new URLSearchParams(await bodyOf(request))
      grants.push(form)
      if (form.get('grant_type') === 'refresh_token') return refresh(form.get('refresh_token') ?? '', json)
      const known = codes.get(form.get('code') ?? '')
      codes.delete(form.get('code') ?? '')
      const proof = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url')
      if (known === undefined || known.challenge !== proof) return void json(400, { error: 'invalid_grant' })
      return give(known, lives.code, json)
    }
    json(404, {})
  }

  async function refresh(used: string, json: (status: number, body: unknown) => void): Promise<void> {
    const known = refreshes.get(used)
    if (known === undefined) {
      refreshes.clear()
      return json(400, { error: 'invalid_grant', error_description: `not a refresh token: ${used}` })
    }
    refreshes.delete(used)
    return give(known, lives.refresh, json)
  }

  async function give(
    { scope, resource }: { scope: string; resource: string },
    lifeS: number,
    json: (status: number, body: unknown) => void,
  ): Promise<void> {
    const access = await token({ sub: 'ada', scope }, { audience: resource, lifeS })
    const next = `refresh-${randomBytes(16).toString('hex')}`
    refreshes.set(next, { scope, resource })
    json(200, { access_token: access, token_type: 'Bearer', expires_in: lifeS, refresh_token: next, scope })
  }

  const server = createServer((request, response) => void answer(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    issuer,
    keyRequests: () => keyRequests,
    token,
    lives: (seconds) => void Object.assign(lives, seconds),
    revoke: () => refreshes.clear(),
    grants,
    registrations,
    answers(is) {
      isAnswering = is
    },
    async close() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('utf8')
}
