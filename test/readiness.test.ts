import { expect, test } from 'vitest'
import { readinessOf } from '../src/readiness.ts'
import { deployment, pool } from './support/deployments.ts'
import { servicesFor } from './support/services.ts'

const valid = { isRefused: false }

async function withModels(...ids: readonly string[]) {
  const pools =
    ids.length === 0
      ? []
      : [
          pool(
            'quick',
            ids.map((id) => deployment(id, { local: true })),
          ),
        ]
  const { services, store } = await servicesFor({ pools, providers: [] })
  const config = () =>
    ({ ...services.config(), pools: pools.map(({ name }) => ({ name })) }) as unknown as ReturnType<typeof services.config>
  return { services: { ...services, config }, store }
}

test('readinessOf() is ready with one model that can be called, and where tools alone are hosted', async () => {
  const [one, none] = [await withModels('a/m', 'b/m'), await withModels()]
  one.services.health.begin('a/m')
  one.services.health.failed('a/m', { kind: 'rate_limit', message: 'later', retryAfterMs: 60_000, alone: false })

  expect(await readinessOf(one.services, valid)).toEqual({
    ready: true,
    checks: { configuration: 'ok', store: 'ok', models: 'ok', tools: 'ok' },
  })
  expect(await readinessOf(none.services, { isRefused: true })).toMatchObject({
    ready: true,
    checks: { configuration: 'refused', models: 'none configured' },
  })
})

test('readinessOf() is not ready while no model can be called, or when the database is closed', async () => {
  const cooling = await withModels('a/m')
  cooling.services.health.begin('a/m')
  cooling.services.health.failed('a/m', { kind: 'auth', message: 'no', status: 401, alone: true })
  const closed = await withModels('a/m')
  await closed.store.close()

  expect(await readinessOf(cooling.services, valid)).toMatchObject({ ready: false, checks: { models: 'none can be called' } })
  expect(await readinessOf(closed.services, valid)).toMatchObject({ ready: false, checks: { store: 'cannot be read', models: 'ok' } })
})
