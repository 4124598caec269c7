import { randomHex } from '../../models/ids.ts'
import { MemoryError } from '../errors.ts'
import type { Ledger } from '../store.ts'
import type { Connection } from './connection.ts'
import type { Principals } from './principals.ts'

const dayMs = 86_400_000
const perUsd = 1e9

/** Dollars as whole billionths, so that a day's sum is exact. */
function toBillionths(usd: number, name: string): number {
  if (!Number.isFinite(usd) || usd < 0 || usd > 1e6)
    throw new RangeError(`Cannot book money: ${name} must be from 0 to 1,000,000, received ${usd}`)
  return Math.round(usd * perUsd)
}

export function createLedger({ sql, clock, read, write }: Connection, principals: Principals): Ledger {
  /** Whole days, from their sums. */
  async function spentInDays(since: number, principal: string | undefined): ReturnType<Ledger['spent']> {
    const owned = principal === undefined ? '' : 'AND principal = (SELECT id FROM principals WHERE name = $principal)'
    const { taken, calls, unpriced, reserved } = await read('sum up money', () => {
      const owner = principal === undefined ? {} : { principal }
      const days = sql<[Record<string, unknown>], { taken: number; calls: number; unpriced: number }>(
        `SELECT coalesce(sum(taken), 0) AS taken, coalesce(sum(calls), 0) AS calls, coalesce(sum(unpriced), 0) AS unpriced
         FROM ledger_days WHERE day >= $day ${owned}`,
      ).get({ day: since / dayMs, ...owner })
      const open = sql<[Record<string, unknown>], { reserved: number }>(
        `SELECT coalesce(sum(worst), 0) AS reserved FROM ledger
         WHERE actual IS NULL AND reserved_at >= $since AND expires_at > $now ${owned}`,
      ).get({ now: clock(), since, ...owner })
      return { taken: 0, calls: 0, unpriced: 0, ...days, reserved: open?.reserved ?? 0 }
    })
    return { usd: (taken - reserved) / perUsd, reservedUsd: reserved / perUsd, calls, unpriced }
  }

  return {
    async reserve({ principal, decision, deployment, worstCaseUsd, limitUsd, accounts = [], expiresAt }) {
      const worst = toBillionths(worstCaseUsd, 'worstCaseUsd')
      const limit = limitUsd === undefined ? undefined : toBillionths(limitUsd, 'limitUsd')
      const capped = accounts.map(({ account, limitUsd: most }) => ({ account, most: toBillionths(most, 'limitUsd of an account') }))
      return write('reserve money', () => {
        const now = clock()
        if (limit !== undefined) {
          const today = now - (((now % dayMs) + dayMs) % dayMs)
          const taken = sql<unknown[], { sum: number }>('SELECT coalesce(sum(taken), 0) AS sum FROM ledger_days WHERE day = ?').get(
            today / dayMs,
          )
          if ((taken?.sum ?? 0) + worst > limit) return undefined
        }
        for (const { account, most } of capped) {
          const taken = sql<unknown[], { sum: number }>(
            `SELECT coalesce(sum(coalesce(actual, worst)), 0) AS sum FROM ledger
             WHERE number IN (SELECT reservation FROM ledger_accounts WHERE account = ?)`,
          ).get(account)
          if ((taken?.sum ?? 0) + worst > most) return undefined
        }
        const id = randomHex()
        const { lastInsertRowid } = sql(
          'INSERT INTO ledger (id, principal, decision, deployment, reserved_at, expires_at, worst) VALUES (?, ?, ?, ?, ?, ?, ?)',
        ).run(id, principals.ensure(principal), decision, deployment, now, expiresAt, worst)
        for (const { account } of capped)
          sql('INSERT INTO ledger_accounts (account, reservation) VALUES (?, ?)').run(account, lastInsertRowid)
        return { id, usd: worst / perUsd }
      })
    },

    async book({ principal, decision, deployment, actualUsd }) {
      const actual = toBillionths(actualUsd ?? 0, 'actualUsd')
      await write(
        'book money',
        () => {
          const now = clock()
          sql(
            `INSERT INTO ledger (id, principal, decision, deployment, reserved_at, expires_at, worst, actual, unpriced)
           VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?)`,
          ).run(randomHex(), principals.ensure(principal), decision, deployment, now, now, actual, actualUsd === null ? 1 : 0)
        },
        { mayWait: true },
      )
    },

    async settle({ id }, actualUsd) {
      const actual = toBillionths(actualUsd ?? 0, 'actualUsd')
      await write('settle money', () => {
        const unpriced = actualUsd === null ? 1 : 0
        const { changes } = sql('UPDATE ledger SET actual = ?, unpriced = ? WHERE id = ? AND actual IS NULL').run(actual, unpriced, id)
        if (changes === 0 && sql('SELECT 1 FROM ledger WHERE id = ?').get(id) === undefined) {
          throw new MemoryError('Cannot settle money: there is no such reservation', {
            code: 'memory_not_found',
            operation: 'settle money',
          })
        }
      })
    },

    async spent({ since, principal, account }) {
      if (account === undefined && since % dayMs === 0) return spentInDays(since, principal)
      const owned = principal === undefined ? '' : 'AND principal = (SELECT id FROM principals WHERE name = $principal)'
      const booked = account === undefined ? '' : 'AND number IN (SELECT reservation FROM ledger_accounts WHERE account = $account)'
      const row = await read('sum up money', () =>
        sql<[Record<string, unknown>], { usd: number; reserved: number; calls: number; unpriced: number }>(
          `SELECT coalesce(sum(CASE WHEN actual IS NULL AND expires_at > $now THEN 0 ELSE coalesce(actual, worst) END), 0) AS usd,
                  coalesce(sum(CASE WHEN actual IS NULL AND expires_at > $now THEN worst END), 0) AS reserved,
                  count(*) AS calls, coalesce(sum(unpriced), 0) AS unpriced
           FROM ledger WHERE reserved_at >= $since ${owned} ${booked}`,
        ).get({ now: clock(), since, ...(principal !== undefined && { principal }), ...(account !== undefined && { account }) }),
      )
      const { usd, reserved, calls, unpriced } = row ?? { usd: 0, reserved: 0, calls: 0, unpriced: 0 }
      return { usd: usd / perUsd, reservedUsd: reserved / perUsd, calls, unpriced }
    },
  }
}
