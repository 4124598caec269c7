import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openSqliteStore } from '../../../memory/sqlite/store.ts'
import { storeContract } from '../../contract/store.ts'

storeContract('openSqliteStore in memory', async ({ clock }) => ({ store: await openSqliteStore({ path: ':memory:', clock }) }))

storeContract('openSqliteStore on a file', async ({ clock }) => {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-store-'))
  return {
    store: await openSqliteStore({ path: join(folder, 'memory.db'), clock }),
    after: () => rm(folder, { recursive: true }),
  }
})

storeContract('openSqliteStore with vectors too large for memory', async ({ clock }) => ({
  store: await openSqliteStore({ path: ':memory:', clock, maxVectorBytes: 1 }),
}))
