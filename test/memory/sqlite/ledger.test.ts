import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSqliteStore } from '../../../memory/sqlite/store.ts'
import type { Reservation } from '../../../memory/store.ts'

type Action =
  | { type: 'reserve'; worst: number; lifeMs: number }
  | { type: 'settle'; which: number; actual: number | null }
  | { type: 'wait'; ms: number }

const cents = fc.integer({ min: 0, max: 60 })
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ type: fc.constant('reserve' as const), worst: cents, lifeMs: fc.integer({ min: 1, max: 5_000 }) }),
  fc.record({ type: fc.constant('settle' as const), which: fc.nat(20), actual: fc.option(cents) }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 9_000_000 }) }),
)
const limit = 100
const dayMs = 86_400_000

interface Booked {
  worst: number
  actual: number | null | undefined
  at: number
  expiresAt: number
}

test('whatever is reserved, settled and forgotten in whatever order over two stores, a day never takes more than its limit', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(action, fc.boolean()), { maxLength: 40 }), async (actions) => {
      let now = Date.parse('2026-03-01T20:00:00Z')
      const store = await openSqliteStore({ path: ':memory:', clock: () => now })
      const booked: { reservation: Reservation; entry: Booked }[] = []
      const taken = (day: number) =>
        booked
          .filter(({ entry }) => Math.floor(entry.at / dayMs) === day)
          .reduce((sum, { entry }) => sum + (entry.actual === undefined ? entry.worst : (entry.actual ?? 0)), 0)

      for (const [one] of actions) {
        if (one.type === 'wait') now += one.ms
        if (one.type === 'reserve') {
          const room = taken(Math.floor(now / dayMs)) + one.worst <= limit
          const expiresAt = now + one.lifeMs
          const reservation = await store.ledger.reserve({
            principal: 'ann',
            decision: 'd',
            deployment: 'p/m',
            worstCaseUsd: one.worst / 100,
            limitUsd: limit / 100,
            expiresAt,
          })
          expect(reservation !== undefined).toBe(room)
          if (reservation !== undefined) booked.push({ reservation, entry: { worst: one.worst, actual: undefined, at: now, expiresAt } })
        }
        const target = one.type === 'settle' ? booked[one.which % Math.max(1, booked.length)] : undefined
        if (one.type === 'settle' && target !== undefined) {
          await store.ledger.settle(target.reservation, one.actual === null ? null : one.actual / 100)
          if (target.entry.actual === undefined) target.entry.actual = one.actual
        }
      }

      const open = booked.filter(({ entry }) => entry.actual === undefined && entry.expiresAt > now)
      const reserved = open.reduce((sum, { entry }) => sum + entry.worst, 0)
      const all = [...new Set(booked.map(({ entry }) => Math.floor(entry.at / dayMs)))].reduce((sum, day) => sum + taken(day), 0)
      expect(await store.ledger.spent({ since: 0 })).toEqual({
        usd: (all - reserved) / 100,
        reservedUsd: reserved / 100,
        calls: booked.length,
        unpriced: booked.filter(({ entry }) => entry.actual === null).length,
      })
      await store.close()
    }),
    { numRuns: 60 },
  )
})

test('of many who reserve at once, exactly as many get room as there is', async () => {
  const store = await openSqliteStore({ path: ':memory:' })

  const reservations = await Promise.all(
    Array.from({ length: 40 }, () =>
      store.ledger.reserve({
        principal: 'ann',
        decision: 'd',
        deployment: 'p/m',
        worstCaseUsd: 0.1,
        limitUsd: 1,
        expiresAt: Date.now() + 1000,
      }),
    ),
  )

  expect(reservations.filter((one) => one !== undefined)).toHaveLength(10)
  await store.close()
})
