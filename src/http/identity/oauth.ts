import { createHash } from 'node:crypto'
import type { JWTPayload, JWTVerifyGetKey } from 'jose'
import { ownerRole } from '../../caller.ts'
import { isSafeUrl } from '../../config/addresses.ts'
import type { OAuthConfig } from '../../config/config.ts'
import type { Log } from '../../log.ts'
import type { Identity } from './keys.ts'

export interface OAuthOptions {
  /** Names of the roles that are configured now. */
  readonly roles: () => readonly string[]
  readonly log: Pick<Log, 'warn'>
  readonly now?: (() => number) | undefined
}

/** The clocks of issuer and instance may differ by so much. */
const clockToleranceS = 30
const fetchMs = 5000
/** Whoever sends many wrong tokens makes nobody ask the issuer more often than this. */
const cooldownMs = 30_000
const cacheMs = 10 * 60_000
const maxMetadataCharacters = 1_000_000

/**
 * Verifies access tokens of one issuer: signature, issuer, audience and time, with none but the allowed algorithms. Each
 * pair of issuer and principal claim is a principal of its own; the token itself is neither kept, logged nor passed on.
 *
 * The issuer's keys are fetched when the first token comes. Where that fails the answer is 503, never a yes.
 */
export function createOAuth(oauth: OAuthConfig, { roles, log, now = Date.now }: OAuthOptions): (token: string) => Promise<Identity> {
  let keys: Promise<JWTVerifyGetKey> | undefined
  let failedAt = Number.NEGATIVE_INFINITY

  const unavailable = (): Identity => ({ refused: 'the keys of the issuer cannot be read at present: try again later', status: 503 })

  function keysOfIssuer(): Promise<JWTVerifyGetKey> {
    keys ??= findKeys(oauth).catch((error: unknown) => {
      keys = undefined
      throw error
    })
    return keys
  }

  return async (token) => {
    const { jwtVerify, errors } = await import('jose')
    const ofToken = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported]
    /** Only what went wrong on the way to the issuer keeps others from it: a token alone never does. */
    const keyOf: JWTVerifyGetKey = async (...of) => {
      try {
        return await (await keysOfIssuer())(...of)
      } catch (error) {
        if (ofToken.some((kind) => error instanceof kind)) throw error
        throw new KeysUnreadError('The keys of the issuer cannot be read', { cause: error })
      }
    }
    if (now() - failedAt < cooldownMs) return unavailable()
    let payload: JWTPayload
    try {
      const verified = await jwtVerify(token, keyOf, {
        issuer: oauth.issuer,
        audience: oauth.audience,
        algorithms: [...oauth.algorithms],
        clockTolerance: clockToleranceS,
        currentDate: new Date(now()),
        requiredClaims: ['exp', oauth.principalClaim],
      })
      payload = verified.payload
    } catch (error) {
      const wrong = [
        [errors.JWTExpired, 'the token has expired'],
        [
          errors.JWTClaimValidationFailed,
          'the token is not for this server: its issuer, audience, time or principal is not what it must be',
        ],
        [errors.JOSEAlgNotAllowed, 'the token is signed with an algorithm that is not allowed'],
        [errors.JWSSignatureVerificationFailed, 'the token is not genuine'],
        [errors.JWKSNoMatchingKey, 'the token is signed with a key that the issuer does not name'],
        [errors.JWKSMultipleMatchingKeys, 'the token does not say with which key of the issuer it is signed'],
      ] as const
      if (!(error instanceof KeysUnreadError)) {
        return {
          refused: wrong.find(([kind]) => error instanceof kind)?.[1] ?? 'the token is no JWT that can be read',
          error: 'invalid_token',
        }
      }
      failedAt = now()
      log.warn(
        `Cannot read the keys of the issuer ${oauth.issuer}: OAuth tokens are refused for ${cooldownMs / 1000} s, other keys are not`,
        { error: error.cause },
      )
      return unavailable()
    }
    const subject = payload[oauth.principalClaim]
    if (typeof subject !== 'string' || subject === '') return { refused: 'the token names no principal', error: 'invalid_token' }
    const granted = rolesOf(payload, oauth, roles())
    if (granted.length === 0) return { refused: 'the token gives no role here', error: 'insufficient_scope', status: 403 }
    return { principal: principalOf(oauth.issuer, subject), roles: granted, expiresAt: (payload.exp ?? 0) * 1000 }
  }
}

class KeysUnreadError extends Error {}

/** What a claim of the token names is a role if it is configured; that somebody is the owner only the configuration says, by a scope. */
function rolesOf(payload: JWTPayload, { rolesClaim, scopes }: OAuthConfig, known: readonly string[]): string[] {
  const named = rolesClaim === undefined ? [] : wordsOf(payload[rolesClaim]).filter((role) => known.includes(role))
  const held = [...wordsOf(payload['scope']), ...wordsOf(payload['scp'])]
  const mapped = held.flatMap((scope) => (Object.hasOwn(scopes, scope) ? (scopes[scope] ?? []) : []))
  return [...new Set([...named, ...mapped.filter((role) => role === ownerRole || known.includes(role))])].toSorted()
}

function wordsOf(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(' ').filter((word) => word !== '')
  return Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : []
}

function principalOf(issuer: string, subject: string): string {
  return `oauth:${createHash('sha256').update(`${issuer}\0${subject}`).digest('hex').slice(0, 32)}`
}

async function findKeys({ issuer, jwksUri }: OAuthConfig): Promise<JWTVerifyGetKey> {
  const { createRemoteJWKSet } = await import('jose')
  const url = jwksUri ?? (await discover(issuer))
  return createRemoteJWKSet(new URL(url), { timeoutDuration: fetchMs, cooldownDuration: cooldownMs, cacheMaxAge: cacheMs })
}

/** RFC 8414, then OpenID Connect. */
async function discover(issuer: string): Promise<string> {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, '')
  const places = [`${origin}/.well-known/oauth-authorization-server${path}`, `${origin}${path}/.well-known/openid-configuration`]
  for (const place of places) {
    const response = await fetch(place, {
      redirect: 'error',
      signal: AbortSignal.timeout(fetchMs),
      headers: { accept: 'application/json' },
    })
    const text = await response.text()
    if (!response.ok || text.length > maxMetadataCharacters) continue
    const { issuer: said, jwks_uri: found } = JSON.parse(text) as { issuer?: unknown; jwks_uri?: unknown }
    if (said !== issuer) throw new TypeError(`${place} speaks for the issuer ${JSON.stringify(said)}`)
    if (typeof found !== 'string' || !isSafeUrl(found)) throw new TypeError(`${place} names no jwks_uri over https`)
    return found
  }
  throw new TypeError(`Neither ${places.join(' nor ')} describes the issuer`)
}

/** RFC 9728: where clients learn from whom to get a token. */
export const metadataPath = '/.well-known/oauth-protected-resource'

export function metadataOf({ audience, issuer, scopes }: OAuthConfig): Record<string, unknown> {
  const supported = Object.keys(scopes)
  return {
    resource: audience,
    resource_name: 'Signalbox',
    authorization_servers: [issuer],
    bearer_methods_supported: ['header'],
    ...(supported.length > 0 && { scopes_supported: supported }),
  }
}

export function metadataUrl({ audience }: OAuthConfig): string {
  const { origin, pathname } = new URL(audience)
  return `${origin}${metadataPath}${pathname === '/' ? '' : pathname}`
}
