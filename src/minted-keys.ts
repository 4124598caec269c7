import type { RowStore } from '../memory/index.ts'
import type { KeyLimits } from './caller.ts'

/** A key that was minted on this machine. The key itself is kept nowhere. */
export interface MintedKey {
  /** Of its last link: revoking it ends the key and all that was minted from it. */
  readonly id: string
  readonly principal: string
  /** `owner`, or the principal of the key it was minted from. */
  readonly parent: string
  readonly limits: readonly KeyLimits[]
}

export interface ListedKey extends MintedKey {
  readonly createdAt: number
  readonly revoked: boolean
}

export interface MintedKeys {
  record(key: MintedKey): Promise<void>
  /** Those that have not expired, the latest first. */
  list(now: number): Promise<ListedKey[]>
  /** Also of a key that was minted elsewhere. `until`: when no key with that link can hold any more. */
  revoke(id: string, until: number): Promise<void>
  isRevoked(ids: readonly string[]): Promise<boolean>
}

/** Rows of the owner. */
const owner = 'local'
const mostListed = 1000

export function createMintedKeys(rows: RowStore): MintedKeys {
  const isOneRevoked = async (id: string) => (await rows.get(owner, 'revoked-key', id)) !== undefined
  const isRevoked = async (ids: readonly string[]) => (await Promise.all(ids.map(isOneRevoked))).includes(true)
  return {
    record: (key) => rows.put(owner, 'minted-key', key.id, key, { expiresAt: key.limits.at(-1)?.expiresAt }),
    async list(now) {
      const { rows: found } = await rows.list<MintedKey>(owner, 'minted-key', { limit: mostListed })
      const live = found.filter(({ expiresAt }) => (expiresAt ?? 0) > now)
      return Promise.all(
        live.map(async ({ value, createdAt }) => ({ ...value, createdAt, revoked: await isRevoked(value.limits.map(({ id }) => id)) })),
      )
    },
    revoke: (id, until) => rows.put(owner, 'revoked-key', id, {}, { expiresAt: until }),
    isRevoked,
  }
}
