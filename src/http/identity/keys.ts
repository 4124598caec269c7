import { createHash, timingSafeEqual } from 'node:crypto'
import { type Grant, ownerRole } from '../../caller.ts'
import type { Config } from '../../config/config.ts'

export type Identity = Grant | { readonly refused: string }

/**
 * Tells who sends a request by its key: `Authorization: Bearer` and `x-api-key` are read alike, and never leave this folder.
 *
 * With `http.token` or `http.tokens` set, these are the keys and nothing else is let in. Without, which only loopback
 * allows, any key names a principal of its own and no key is the local one.
 */
export function createKeys({ token, tokens }: Pick<Config['http'], 'token' | 'tokens'>): (headers: Headers) => Identity {
  const known = [...(token === undefined ? [] : [{ token, roles: [ownerRole] }]), ...tokens].map((one) => ({
    key: digest(one.token),
    roles: one.roles,
  }))
  return (headers) => {
    const given = keysOf(headers)
    if (known.length === 0) return { principal: given[0] === undefined ? 'local' : principalOf(digest(given[0])), roles: [ownerRole] }
    if (given.length === 0)
      return { refused: 'a key is needed: send one of http.token and http.tokens as Authorization: Bearer or x-api-key' }
    const keys = given.map(digest)
    // Each is compared with each, so that the time tells nothing.
    const matches = known.filter(({ key }) => keys.filter((one) => timingSafeEqual(one, key)).length > 0)
    const [match] = matches
    return match === undefined
      ? { refused: 'the key is none of http.token and http.tokens' }
      : { principal: principalOf(match.key), roles: match.roles }
  }
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
