import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import { type Grant, ownerRole } from '../../caller.ts'
import type { Config } from '../../config/config.ts'
import { mintedPrefix, openMinted, type Root } from './minted.ts'

export type Identity = Grant | Refusal
/** The reason holds nothing of the key. */
export interface Refusal {
  readonly refused: string
  readonly error?: 'invalid_token' | 'insufficient_scope' | undefined
  readonly status?: number | undefined
}
export type Identify = (headers: Headers) => Promise<Identity>

export interface KeyOptions {
  /** What the owner's minted keys are sealed with. Without it there are none. */
  readonly mintSecret?: Uint8Array | undefined
  /** Whether one of these links of minted keys was revoked. */
  isRevoked(ids: readonly string[]): Promise<boolean>
  /** Verifies access tokens, where an authorization server is configured. */
  readonly oauth?: ((token: string) => Promise<Identity>) | undefined
  readonly now?: (() => number) | undefined
}

/**
 * Tells who sends a request by its key: `Authorization: Bearer` and `x-api-key` are read alike, and never leave this folder.
 *
 * With `http.token`, `http.tokens` or `http.oauth` set, these, and what was minted from them or by the owner, are the keys,
 * and nothing else is let in. Without, which only loopback allows, any key names a principal of its own and no key is the local one.
 */
export function createKeys(http: Pick<Config['http'], 'token' | 'tokens'>, options: KeyOptions): Identify {
  const { isRevoked, mintSecret, oauth, now = Date.now } = options
  const known = knownKeys(http)
  const secretOf = (root: string) =>
    mintSecret && (root === ownerRoot ? mintSecret : known.find(({ principal }) => principal === root)?.mintsWith(mintSecret))

  const accepted =
    oauth === undefined ? 'http.token and http.tokens' : 'http.token and http.tokens, or an access token of http.oauth.issuer,'

  async function minted(key: string): Promise<Identity> {
    const opened = openMinted(key, secretOf, now())
    if ('refused' in opened) return { refused: opened.refused, error: 'invalid_token' }
    const { root, limits } = opened
    if (await isRevoked(limits.map(({ id }) => id))) return { refused: 'the key was revoked', error: 'invalid_token' }
    const roles = root === ownerRoot ? [ownerRole] : (known.find(({ principal }) => principal === root)?.roles ?? [])
    return { principal: principalOf(digest(key)), roles, limits }
  }

  return async (headers) => {
    const given = keysOf(headers)
    const [first] = given
    const narrowed = given.find((key) => key.startsWith(mintedPrefix))
    if (narrowed !== undefined) return minted(narrowed)
    if (known.length === 0 && oauth === undefined)
      return { principal: first === undefined ? 'local' : principalOf(digest(first)), roles: [ownerRole] }
    if (first === undefined) return { refused: `a key is needed: send one of ${accepted} as Authorization: Bearer or x-api-key` }
    const keys = given.map(digest)
    // Each is compared with each, so that the time tells nothing.
    const [match] = known.filter(({ key }) => keys.filter((one) => timingSafeEqual(one, key)).length > 0)
    if (match !== undefined) return { principal: match.principal, roles: match.roles, callsPerMinute: match.callsPerMinute }
    if (oauth !== undefined && looksLikeJwt(first)) return oauth(first)
    return { refused: `the key is none of ${accepted}`, error: 'invalid_token' }
  }
}

/** A JWT by its form: nothing of it is believed. */
function looksLikeJwt(key: string): boolean {
  return /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/.test(key)
}

/** What stands for the owner of the instance, who needs no key, as the root of minted ones. */
const ownerRoot = 'owner'

/** What a key is minted from: the owner, or a configured key, `undefined` for one that is not. */
export function rootOf(http: Pick<Config['http'], 'token' | 'tokens'>, mintSecret: Uint8Array, from?: string): Root | undefined {
  if (from === undefined) return { name: ownerRoot, secret: mintSecret }
  const key = digest(from)
  const match = knownKeys(http).find((one) => timingSafeEqual(one.key, key))
  return match && { name: match.principal, secret: match.mintsWith(mintSecret) }
}

interface KnownKey extends Grant {
  readonly key: Buffer
  /** The secret of the keys that are minted from it: they end with it, and cannot be used to guess it. */
  mintsWith(mintSecret: Uint8Array): Uint8Array
}

function knownKeys({ token, tokens }: Pick<Config['http'], 'token' | 'tokens'>): KnownKey[] {
  return [...(token === undefined ? [] : [{ token, roles: [ownerRole], ratePerMinute: undefined }]), ...tokens].map((one) => {
    const key = digest(one.token)
    const mintsWith = (mintSecret: Uint8Array) => createHmac('sha256', mintSecret).update(one.token).digest()
    return { key, principal: principalOf(key), roles: one.roles, callsPerMinute: one.ratePerMinute, mintsWith }
  })
}

function keysOf(headers: Headers): string[] {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1]
  const key = headers.get('x-api-key')?.trim()
  return [bearer, key].filter((value) => value !== undefined && value !== '') as string[]
}

function digest(key: string): Buffer {
  return createHash('sha256').update('signalbox key\0').update(key).digest()
}

/** The same key is the same principal after a restart; the key cannot be read from it. */
function principalOf(key: Buffer): string {
  return `key:${key.toString('hex').slice(0, 32)}`
}

/** Of a key, whatever it is. */
export function principalOfKey(key: string): string {
  return principalOf(digest(key))
}
