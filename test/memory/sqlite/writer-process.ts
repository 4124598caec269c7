/**
 * A process of its own on the file given, for `processes.test.ts`: appends so many turns to a stream, adds as many documents
 * and reservations, and prints a line for each that was acknowledged.
 */
import { openSqliteStore } from '../../../memory/sqlite/store.ts'

const [path = '', name = '', count = '0'] = process.argv.slice(2)
const store = await openSqliteStore({ path })

for (let index = 0; index < Number(count); index += 1) {
  const id = `${name}-${index}`
  await store.logs.append('ann', 'shared', [{ id, value: { text: `said by ${id}` } }])
  await store.documents.add([
    { id, principal: 'ann', kind: 'turn', text: `word${name} ${index}`, trust: 'known', createdAt: index, facts: {} },
  ])
  await store.rows.update<number>('ann', 'count', 'all', (value) => value + 1)
  const reserved = await store.ledger.reserve({
    principal: 'ann',
    decision: id,
    deployment: 'p/m',
    worstCaseUsd: 0.01,
    limitUsd: 1,
    expiresAt: Date.now() + 60_000,
  })
  if (reserved !== undefined && index % 2 === 0) await store.ledger.settle(reserved, 0.005)
  process.stdout.write(`${id}\n`)
}
await store.close()
