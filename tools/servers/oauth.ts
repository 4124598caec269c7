import {
  type AuthorizationServerMetadata,
  auth,
  discoverOAuthServerInfo,
  extractWWWAuthenticateParams,
  type FetchLike,
  type OAuthClientProvider,
  OAuthError,
  refreshAuthorization,
  type StoredOAuthClientInformation,
  type StoredOAuthTokens,
} from '@modelcontextprotocol/client'
import type { HttpTransportOptions, KeptLogin } from '../tool.ts'
import type { LoginOptions } from './login.ts'
import { LoginError, loginCommand } from './login-error.ts'

/** Answers of an authorization server are small and come at once. */
const answerLimit = { ms: 20_000, bytes: 1024 * 1024 }
const knownAuthMethods = ['none', 'client_secret_basic', 'client_secret_post'] as const

/** New tokens for a login. @throws {LoginError} If the authorization server takes the login no more. */
export async function refresh({ server, login, transport, keeper }: LoginOptions & { login: KeptLogin }): Promise<KeptLogin['tokens']> {
  const { authorizationServer, metadata, client, resource, tokens } = login
  if (tokens.refresh_token === undefined) throw new LoginError(`its login has run out, and cannot be renewed; run: ${loginCommand(server)}`)
  try {
    const renewed = await refreshAuthorization(authorizationServer, {
      metadata: metadata as AuthorizationServerMetadata,
      clientInformation: { ...client, ...secretOf(transport) },
      refreshToken: tokens.refresh_token,
      ...(resource !== undefined && { resource }),
      fetchFn: guardedFetch({ server, transport, keeper }).ask,
    })
    const { access_token, token_type, refresh_token, scope = tokens.scope } = renewed
    return { access_token, token_type, refresh_token, scope }
  } catch (error) {
    if (error instanceof LoginError) throw error
    const later = 'it is tried again with the next call'
    if (!(error instanceof OAuthError))
      throw new LoginError(`its login could not be renewed: ${new URL(authorizationServer).origin} gave no answer; ${later}`)
    // Its own words are not passed on: they may quote what they were sent.
    const code = codeOf(error)
    if (/^(invalid_grant|invalid_client|unauthorized_client)$/.test(code))
      throw new LoginError(`its login no longer holds (${code}); run: ${loginCommand(server)}`)
    throw new LoginError(`its login could not be renewed (${code}): ${later}`)
  }
}

export interface StartLoginOptions extends LoginOptions {
  /** Where the authorization server sends the person's browser, and what it must bring. */
  readonly redirectUrl: string
  readonly state: string
  readonly signal: AbortSignal
}

export interface StartedLogin {
  /** Where the person says yes. */
  readonly page: string
  /** Takes what the browser brought, and keeps the login. Resolves to the scopes that were given, where that was said. */
  finish(answer: URLSearchParams): Promise<readonly string[] | undefined>
}

/**
 * Begins a login at the authorization server that a hosted server names (RFC 9728, RFC 8414), with PKCE.
 *
 * @throws {LoginError} Or what the SDK throws, when there is nothing to log in to or something about it is not safe.
 */
export async function startLogin(options: StartLoginOptions): Promise<StartedLogin> {
  const { server, transport, keeper, redirectUrl, state, signal } = options
  const guarded = guardedFetch(options)
  const challenge = await challengeOf(transport, signal)
  const discovery = await discoverOAuthServerInfo(transport.url, { ...challenge, fetchFn: guarded.ask })
  guarded.assertAllowed()
  const metadata = discovery.authorizationServerMetadata
  if (metadata === undefined) throw new LoginError(`server "${server}" names no authorization server where one could log in`)

  const { clientId, scopes } = transport.oauth ?? {}
  const got: { client?: StoredOAuthClientInformation; tokens?: StoredOAuthTokens; page?: URL; verifier?: string; resource?: string } = {}
  const provider: OAuthClientProvider = {
    redirectUrl,
    clientMetadata: {
      client_name: 'Signalbox',
      redirect_uris: [redirectUrl],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: authMethodOf(metadata.token_endpoint_auth_methods_supported),
    },
    state: () => state,
    clientInformation: () => got.client ?? (clientId === undefined ? undefined : { client_id: clientId, ...secretOf(transport) }),
    saveClientInformation: (client) => void Object.assign(got, { client }),
    // What was there before is replaced, never renewed.
    tokens: () => undefined,
    saveTokens: (tokens) => void Object.assign(got, { tokens }),
    redirectToAuthorization: (page) => void Object.assign(got, { page }),
    saveCodeVerifier: (verifier) => void Object.assign(got, { verifier }),
    codeVerifier: () => got.verifier ?? '',
    saveResourceUrl: (resource) => void Object.assign(got, { resource }),
    discoveryState: () => ({
      ...discovery,
      ...(challenge.resourceMetadataUrl && { resourceMetadataUrl: challenge.resourceMetadataUrl.href }),
    }),
    saveDiscoveryState: () => undefined,
  }
  const scope = scopes?.join(' ') ?? challenge.scope
  const flow = { serverUrl: transport.url, fetchFn: guarded.ask, ...(scope !== undefined && { scope }) }
  await explained(auth(provider, flow))
  const page = got.page?.href
  if (page === undefined || !keeper.mayAsk(page, transport.url))
    throw new LoginError(`server "${server}" names a page to log in that must be https, or http on this machine for a server on it`)

  return {
    page,
    async finish(answer) {
      const refusal = answer.get('error')
      if (refusal !== null) throw new LoginError(`the authorization server said no (${known(refusal)})`)
      const iss = answer.get('iss')
      await explained(auth(provider, { ...flow, authorizationCode: answer.get('code') ?? '', ...(iss !== null && { iss }) }))
      const { client, tokens, resource } = got
      if (client === undefined || tokens === undefined) throw new LoginError('the authorization server gave no token')
      const { client_secret: secret, ...open } = client as StoredOAuthClientInformation & { client_secret?: string }
      const { access_token, token_type, refresh_token, scope: given } = tokens
      await keeper.alone(server, () =>
        keeper.write(server, {
          url: transport.url,
          authorizationServer: discovery.authorizationServerUrl,
          metadata: metadata as Readonly<Record<string, unknown>>,
          ...(resource !== undefined && { resource }),
          client: clientId === undefined && secret !== undefined ? { ...open, client_secret: secret } : open,
          tokens: { access_token, token_type, refresh_token, scope: given },
        }),
      )
      return given?.split(' ')
    },
  }
}

/** What the server answers to somebody without a token: where its metadata are, and which scopes it wants. */
async function challengeOf(
  { url, headers }: HttpTransportOptions,
  signal: AbortSignal,
): Promise<{ resourceMetadataUrl?: URL; scope?: string }> {
  const response = await fetch(url, {
    method: 'POST',
    redirect: 'manual',
    headers: { ...headers, 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'ping' }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(answerLimit.ms)]),
  })
  await response.body?.cancel()
  const { resourceMetadataUrl, scope } = response.status === 401 ? extractWWWAuthenticateParams(response) : {}
  return { ...(resourceMetadataUrl && { resourceMetadataUrl }), ...(scope !== undefined && { scope }) }
}

interface GuardedFetch {
  readonly ask: FetchLike
  /** @throws {LoginError} If something was not asked. The SDK takes that for an answer that is not there, and goes on. */
  assertAllowed(): void
}

/** Asks only where tokens may travel, follows no redirect, and does not wait or read for long. */
function guardedFetch({ server, transport, keeper, signal }: LoginOptions & { signal?: AbortSignal }): GuardedFetch {
  let refusal: LoginError | undefined
  return {
    async ask(target, init) {
      const url = String(target)
      if (!keeper.mayAsk(url, transport.url)) {
        const where = URL.canParse(url) ? new URL(url).origin : 'an address that is none'
        refusal = new LoginError(
          `server "${server}" sends its login to ${where}: it must be https, or http on this machine for a server on it`,
        )
        throw refusal
      }
      const limits = [AbortSignal.timeout(answerLimit.ms), signal, init?.signal].filter((one) => one !== undefined && one !== null)
      return readWhole(await fetch(url, { ...init, redirect: 'manual', signal: AbortSignal.any(limits) }))
    },
    assertAllowed() {
      if (refusal !== undefined) throw refusal
    },
  }
}

async function readWhole(response: Response): Promise<Response> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > answerLimit.bytes) throw new LoginError(`an answer at the login has more than ${answerLimit.bytes} bytes`)
    chunks.push(chunk)
  }
  return new Response(chunks.length === 0 ? null : Buffer.concat(chunks), response)
}

async function explained<Result>(work: Promise<Result>): Promise<Result> {
  try {
    return await work
  } catch (error) {
    if (error instanceof OAuthError) throw new LoginError(`the authorization server refused it (${codeOf(error)})`)
    throw error
  }
}

function codeOf({ code }: OAuthError): string {
  return known(String(code))
}

/** A code as RFC 6749 has them, and nothing else that somebody put in its place. */
function known(code: string): string {
  return /^[a-z_]{1,64}$/.test(code) ? code : 'a code that OAuth does not know'
}

function authMethodOf(supported: readonly string[] | undefined): string {
  return knownAuthMethods.find((method) => supported === undefined || supported.includes(method)) ?? 'none'
}

function secretOf({ oauth }: HttpTransportOptions): { client_secret?: string } {
  return oauth?.clientSecret === undefined ? {} : { client_secret: oauth.clientSecret }
}
