import { createHash, timingSafeEqual } from 'node:crypto'

export type Identity = { readonly principal: string } | { readonly refused: string }

/**
 * Tells who sends a request by its key: `Authorization: Bearer` and `x-api-key` are read alike, and never leave this file.
 *
 * With `http.token` set, that token is the key and nothing else is let in. Without it, which only loopback allows, any
 * key names a principal of its own and no key is the local one.
 */
export function createKeys(token: string | undefined): (headers: Headers) => Identity {
  const expected = token === undefined ? undefined : digest(token)
  return (headers) => {
    const given = keysOf(headers)
    if (expected === undefined) return { principal: given[0] === undefined ? 'local' : principalOf(digest(given[0])) }
    if (given.length === 0) return { refused: 'a key is needed: send http.token as Authorization: Bearer or x-api-key' }
    const matches = given.map(digest).filter((key) => timingSafeEqual(key, expected))
    return matches.length > 0 ? { principal: principalOf(expected) } : { refused: 'the key is not http.token' }
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
