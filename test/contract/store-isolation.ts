import { describe, expect, test } from 'vitest'
import type { Store } from '../../memory/store.ts'

/** Ids as the owner has them, or ids that nobody has. */
interface Ids {
  row: string
  stream: string
  entry: string
  document: string
  piece: string
  thread: string
  blob: string
}

const idsOf = (whose: string): Ids => ({
  row: `row-${whose}`,
  stream: `stream-${whose}`,
  entry: `entry-${whose}`,
  document: `document-${whose}`,
  piece: `piece-${whose}`,
  thread: `thread-${whose}`,
  blob: `blob-${whose}`,
})
const vector = Float32Array.of(0.6, 0.8)

/** Every way to reach something by an id, by a filter or by a search. */
const calls: Record<string, (store: Store, principal: string, ids: Ids) => Promise<unknown>> = {
  'rows.get': (store, principal, ids) => store.rows.get(principal, 'note', ids.row),
  'rows.getAll': (store, principal, ids) => store.rows.getAll(principal, 'note', [ids.row]),
  'rows.putAll': (store, principal, ids) => store.rows.putAll(principal, 'note', [{ id: ids.row, value: 'own' }]),
  'rows.list': (store, principal) => store.rows.list(principal, 'note'),
  'rows.update': (store, principal, ids) => store.rows.update(principal, 'note', ids.row, () => 'taken over'),
  'rows.delete': (store, principal, ids) => store.rows.delete(principal, 'note', ids.row),
  'rows.insert': (store, principal, ids) => store.rows.insert(principal, 'note', ids.row, 'own'),
  'rows.put': (store, principal, ids) => store.rows.put(principal, 'note', ids.row, 'own'),
  'logs.read': (store, principal, ids) => store.logs.read(principal, ids.stream),
  'logs.length': (store, principal, ids) => store.logs.length(principal, ids.stream),
  'logs.remove': (store, principal, ids) => store.logs.remove(principal, ids.stream, [ids.entry]),
  'logs.delete': (store, principal, ids) => store.logs.delete(principal, ids.stream),
  'logs.append': async (store, principal, ids) =>
    (await store.logs.append(principal, ids.stream, [{ id: ids.entry, value: 'own' }])).map((entry) => entry.sequence),
  'documents.get': (store, principal, ids) => store.documents.get(principal, ids.document),
  'documents.list': (store, principal, ids) => store.documents.list(principal, { ids: [ids.document, ids.piece] }),
  'documents.list of all': (store, principal) => store.documents.list(principal),
  'documents.search by words': (store, principal) => store.documents.search({ principal, text: 'secret', limit: 5 }),
  'documents.search by meaning': (store, principal) =>
    store.documents.search({ principal, text: '', vector: { embedderId: 'm', values: vector }, limit: 5 }),
  'documents.search in a thread': (store, principal, ids) =>
    store.documents.search({ principal, text: 'secret', thread: ids.thread, limit: 5 }),
  'documents.delete by id': (store, principal, ids) => store.documents.delete(principal, { ids: [ids.document, ids.piece] }),
  'documents.delete by thread': (store, principal, ids) => store.documents.delete(principal, { thread: ids.thread }),
  'documents.delete by text': (store, principal) => store.documents.delete(principal, { text: 'secret' }),
  'documents.delete of all': (store, principal) => store.documents.delete(principal, {}),
  'documents.add': (store, principal, ids) =>
    store.documents.add([{ id: ids.document, principal, kind: 'fact', text: 'own', trust: 'known', createdAt: 1, facts: {} }]),
  'blobs.get': (store, principal, ids) => store.blobs.get(principal, 'frame', ids.blob),
  'blobs.delete': (store, principal, ids) => store.blobs.delete(principal, 'frame', [ids.blob]),
  'blobs.clear': (store, principal) => store.blobs.clear(principal),
  'blobs.put': (store, principal, ids) =>
    store.blobs.put(principal, 'frame', ids.blob, { mediaType: 'text/plain', bytes: Buffer.from('own') }),
  'ledger.spent': (store, principal) => store.ledger.spent({ since: 0, principal }),
  'commit, touching': (store, principal, ids) =>
    store.commit(principal, { touch: [{ kind: 'note', id: ids.row }], append: [{ stream: ids.stream, entries: [{ id: 'x', value: 1 }] }] }),
  'commit, inserting': (store, principal, ids) => store.commit(principal, { insert: [{ kind: 'note', id: ids.row, value: 'own' }] }),
  'commit, removing': (store, principal, ids) =>
    store.commit(principal, { remove: { rows: [{ kind: 'note', id: ids.row }], streams: [ids.stream], threads: [ids.thread] } }),
}

/**
 * Another principal's things behave exactly like things that do not exist, and stay as they are.
 *
 * Two principals with the same things of their own make the same call: one with ids that ann has, one with ids that nobody has.
 */
export function storeIsolation(store: () => Store): void {
  describe('principals', () => {
    for (const [name, call] of Object.entries(calls)) {
      test(`${name}: another principal's id is like an unknown one`, async () => {
        await fill(store(), 'ann', idsOf('ann'))
        await fill(store(), 'intruder', idsOf('own'))
        await fill(store(), 'stranger', idsOf('own'))
        const before = await dump(store(), 'ann')

        const atHers = await call(store(), 'intruder', idsOf('ann'))
        const atNobodys = await call(store(), 'stranger', idsOf('nobody'))

        const plain = (answer: unknown) =>
          JSON.stringify(answer)
            ?.replaceAll(/-(ann|nobody)\b/g, '-?')
            .replaceAll(/intruder|stranger/g, '?')
        expect(plain(atHers)).toEqual(plain(atNobodys))
        expect(await dump(store(), 'ann')).toEqual(before)
      })
    }

    test('search() scores are the same whatever words another principal uses', async () => {
      await fill(store(), 'ann', idsOf('ann'))
      const before = await store().documents.search({ principal: 'ann', text: 'secret plan', limit: 5 })

      await store().documents.add(
        Array.from({ length: 50 }, (_, index) => ({
          id: `${index}`,
          principal: 'mallory',
          kind: 'fact',
          text: 'plan plan plan',
          trust: 'known' as const,
          createdAt: 1,
          facts: {},
        })),
      )

      await expect(store().documents.search({ principal: 'ann', text: 'secret plan', limit: 5 })).resolves.toEqual(before)
    })
  })
}

async function fill(store: Store, principal: string, ids: Ids): Promise<void> {
  await store.rows.put(principal, 'note', ids.row, 'mine')
  await store.logs.append(principal, ids.stream, [{ id: ids.entry, value: 'mine' }])
  const common = { principal, kind: 'fact', trust: 'known', createdAt: 1, facts: {}, thread: ids.thread } as const
  await store.documents.add([
    { ...common, id: ids.document, text: 'a secret' },
    { ...common, id: `${ids.document}.1`, pieceOf: ids.piece, text: 'a secret plan' },
  ])
  const missing = await store.documents.withoutVector('m', 10)
  await store.documents.setVectors(
    'm',
    missing.map(({ key }) => ({ key, vector })),
  )
  await store.blobs.put(principal, 'frame', ids.blob, { mediaType: 'text/plain', bytes: Buffer.from('mine') })
  await store.ledger.reserve({ principal, decision: 'd', deployment: 'p/m', worstCaseUsd: 1, limitUsd: undefined, expiresAt: 1 })
}

async function dump(store: Store, principal: string): Promise<unknown> {
  return {
    rows: await store.rows.list(principal, 'note'),
    log: await store.logs.read(principal, idsOf(principal).stream),
    documents: await store.documents.list(principal),
    words: await store.documents.search({ principal, text: 'secret', limit: 5 }),
    meaning: await store.documents.search({ principal, text: '', vector: { embedderId: 'm', values: vector }, limit: 5 }),
    blob: Buffer.from((await store.blobs.get(principal, 'frame', idsOf(principal).blob))?.bytes ?? []).toString(),
    spent: await store.ledger.spent({ since: 0, principal }),
  }
}
