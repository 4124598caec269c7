import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { matchesAny } from '../../../models/globs.ts'
import type { Bounds, KeyLimits } from '../../caller.ts'

/** No other key begins like this: one that does is genuine, or refused. */
export const mintedPrefix = 'sbk_'

/** Spend is counted over the whole life of a key, and the ledger keeps more than a year. */
export const maxLifeMs = 365 * 86_400_000
const maxLinks = 16
const maxCharacters = 8192

/** Whose rights a key is minted from: the owner of the instance, or one of its configured keys by its principal. */
export interface Root {
  readonly name: string
  readonly secret: string | Uint8Array
}

const globs = z.array(z.string().min(1).max(128)).max(256)
/** One time that a key was narrowed. A limit that is not known here must not be passed over. */
const link = z.strictObject({
  id: z.string().regex(/^[0-9a-f]{32}$/),
  tools: globs.optional(),
  servers: globs.optional(),
  pools: globs.optional(),
  usd: z.number().min(0).max(1_000_000).optional(),
  rpm: z.int().min(1).max(100_000).optional(),
  /** Epoch seconds. */
  exp: z.int().min(0),
})
const content = z.strictObject({ root: z.string().max(100), links: z.array(z.string()).min(1).max(maxLinks) })

/** Unless told, a key lives for an hour, or as long as its parent. */
type Asked = Omit<KeyLimits, 'id' | 'expiresAt'> & Partial<Pick<KeyLimits, 'expiresAt'>>
const usualLifeMs = 3_600_000

interface Read {
  readonly root: string
  readonly links: readonly string[]
  readonly limits: readonly KeyLimits[]
  readonly seal: Buffer
}

/** A key that cannot be minted, in words for whoever wants it. */
export class MintError extends Error {
  override readonly name = 'MintError'
  readonly code = 'mint_error'
}

/**
 * A key that holds what its parent holds, less what is asked for: needs no instance, only the parent.
 *
 * The seal is a chain (as of macaroons): each link is sealed with the seal before it, which the new key does not hold. So
 * whoever has a key can add a link, nobody can take one away, and all of them hold. Asking for more than the parent
 * holds would therefore give nothing; it is refused so that nobody believes to have it.
 *
 * @throws {MintError}
 */
export function mint(parent: Root | string, wanted: Asked, now: number): { key: string; limits: readonly KeyLimits[] } {
  const before = typeof parent === 'string' ? read(parent) : { root: parent.name, links: [], limits: [], seal: firstSeal(parent) }
  if (before === undefined) throw new MintError('the key to mint from has not the form of a minted key')
  const asked = { ...wanted, expiresAt: wanted.expiresAt ?? Math.min(now + usualLifeMs, ...before.limits.map((one) => one.expiresAt)) }
  for (const limits of before.limits) checkNarrower(asked, limits)
  if (before.links.length >= maxLinks) throw new MintError(`a key can be narrowed ${maxLinks} times, and this one was`)
  if (!(asked.expiresAt > now)) throw new MintError('the key would have expired already')
  if (asked.expiresAt > now + maxLifeMs) throw new MintError('a key may live for a year at most')
  const { tools, servers, pools, maxCostUsd: usd, callsPerMinute: rpm, expiresAt } = asked
  const added = link.parse({ id: randomBytes(16).toString('hex'), tools, servers, pools, usd, rpm, exp: Math.floor(expiresAt / 1000) })
  const text = JSON.stringify(added)
  const links = [...before.links, text]
  const sealed = sealOf(before.seal, text).toString('base64url')
  const key = `${mintedPrefix}${Buffer.from(JSON.stringify({ root: before.root, links })).toString('base64url')}.${sealed}`
  if (key.length > maxCharacters) throw new MintError(`the key would have more than ${maxCharacters} characters: name fewer tools`)
  return { key, limits: [...before.limits, toLimits(added)] }
}

/** The limits of a key that is genuine and still holds, or why it is refused. The reason holds nothing of the key. */
export function openMinted(
  key: string,
  secretOf: (root: string) => Root['secret'] | undefined,
  now: number,
): { readonly root: string; readonly limits: readonly KeyLimits[] } | { readonly refused: string } {
  const given = read(key)
  if (given === undefined) return { refused: 'the key has not the form of a minted key' }
  const secret = secretOf(given.root)
  if (secret === undefined) return { refused: 'the key was minted from one that is not known here, or no more' }
  const sealed = given.links.reduce(sealOf, firstSeal({ name: given.root, secret }))
  if (given.seal.length !== sealed.length || !timingSafeEqual(given.seal, sealed)) return { refused: 'the key is not genuine' }
  if (given.limits.some(({ expiresAt }) => expiresAt <= now)) return { refused: 'the key has expired' }
  return { root: given.root, limits: given.limits }
}

function firstSeal({ name, secret }: Root): Buffer {
  return createHmac('sha256', secret).update(`signalbox minted key 1\0${name}`).digest()
}

function sealOf(before: Buffer, text: string): Buffer {
  return createHmac('sha256', before).update(text).digest()
}

function read(key: string): Read | undefined {
  const [, encoded = '', seal = ''] = /^sbk_([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{43})$/.exec(key) ?? []
  if (encoded === '' || key.length > maxCharacters) return undefined
  try {
    const { root, links } = content.parse(JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')))
    const limits = links.map((text) => toLimits(link.parse(JSON.parse(text))))
    return { root, links, limits, seal: Buffer.from(seal, 'base64url') }
  } catch {
    // Whatever is wrong with it: it is none.
    return undefined
  }
}

function toLimits({ id, tools, servers, pools, usd, rpm, exp }: z.infer<typeof link>): KeyLimits {
  return { id, tools, servers, pools, maxCostUsd: usd, callsPerMinute: rpm, expiresAt: exp * 1000 }
}

/** @throws {MintError} If something is asked for that the limits do not hold, as far as the globs tell. */
function checkNarrower(asked: Omit<KeyLimits, 'id'>, held: KeyLimits): void {
  for (const kind of ['tools', 'servers', 'pools'] as const satisfies readonly (keyof Bounds)[]) {
    const parent = held[kind]
    const wider = parent && asked[kind]?.find((glob) => !isCovered(glob, parent))
    if (wider !== undefined)
      throw new MintError(`the key it is minted from does not hold ${kind} ${wider}, only ${parent?.join(', ') || 'none'}`)
  }
  if (held.maxCostUsd !== undefined && (asked.maxCostUsd ?? 0) > held.maxCostUsd)
    throw new MintError(`the key it is minted from holds $${held.maxCostUsd}, not $${asked.maxCostUsd}`)
  if (held.callsPerMinute !== undefined && (asked.callsPerMinute ?? 0) > held.callsPerMinute)
    throw new MintError(`the key it is minted from holds ${held.callsPerMinute} calls a minute, not ${asked.callsPerMinute}`)
  if (asked.expiresAt > held.expiresAt)
    throw new MintError(`the key it is minted from ends at ${new Date(held.expiresAt).toISOString()}, which is earlier`)
}

/** Longer than any glob. */
const anything = '\0'.repeat(200)

/** Whether what the glob matches is matched by one of the others: asked with the least and with much in place of each star. */
function isCovered(glob: string, globs: readonly string[]): boolean {
  return globs.some((one) => [anything, ''].every((text) => matchesAny(glob.replaceAll('*', text), [one])))
}
