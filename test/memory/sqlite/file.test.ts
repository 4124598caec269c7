import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { MemoryError } from '../../../memory/errors.ts'
import { connect } from '../../../memory/sqlite/connection.ts'
import { migrations, versionOf } from '../../../memory/sqlite/migrations.ts'
import { createPrincipals } from '../../../memory/sqlite/principals.ts'
import { openSqliteStore } from '../../../memory/sqlite/store.ts'
import { toWords } from '../../../memory/sqlite/words.ts'
import { documentOf } from '../../contract/store.ts'

let folder: string
let path: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-file-'))
  path = join(folder, 'memory.db')
})
afterEach(() => rm(folder, { recursive: true }))

const clock = () => 1

test('openSqliteStore() makes the folder and an empty store of the newest schema, and finds all again after it was closed', async () => {
  const deep = join(folder, 'a', 'b', 'memory.db')
  const first = await openSqliteStore({ path: deep })
  await first.documents.add([documentOf('1', 'kept over a restart')])
  await first.close()

  const second = await openSqliteStore({ path: deep })
  const found = await second.documents.search({ principal: 'ann', text: 'restart', limit: 5 })
  const { schemaVersion, location } = await second.info()
  await second.close()

  expect(found).toHaveLength(1)
  expect({ schemaVersion, location }).toEqual({ schemaVersion: migrations.length, location: deep })
})

test.skipIf(process.platform === 'win32')(
  'openSqliteStore() keeps the file and its companions from others, also when it found them open',
  async () => {
    await writeFile(path, '', { mode: 0o644 })
    await chmod(path, 0o644)
    const store = await openSqliteStore({ path })
    await store.rows.put('ann', 'note', '1', 1)

    for (const file of [path, `${path}-wal`, `${path}-shm`]) expect((await stat(file)).mode & 0o777).toBe(0o600)
    await store.close()
  },
)

test('a file of an older schema is brought up to date step by step, and keeps what it holds', async () => {
  const old = await connect({ path, clock, migrations })
  await old.write('fill', () => old.sql("INSERT INTO principals (name) VALUES ('ann')").run())
  await old.close()

  const newer = await connect({
    path,
    clock,
    migrations: [
      ...migrations,
      (database) => database.exec('ALTER TABLE principals ADD COLUMN note TEXT'),
      (database) => database.exec("UPDATE principals SET note = 'third'"),
    ],
  })
  const row = newer.sql('SELECT name, note FROM principals').get()
  await newer.close()

  expect(row).toEqual({ name: 'ann', note: 'third' })
})

test('a file of the first schema is brought up to date with all that it holds, and stays beside as it was until it is scrubbed', async () => {
  const old = await connect({ path, clock, migrations: migrations.slice(0, 1) })
  const principals = createPrincipals(old)
  const text = 'written by the first Signalbox'
  await old.write('fill', () => {
    const ann = principals.ensure('ann')
    old
      .sql(
        `INSERT INTO documents (principal, id, kind, text, trust, created_at, facts, size) VALUES (?, 'd', 'turn', ?, 'owner', 1, '{}', 1)`,
      )
      .run(ann, text)
    old.sql('INSERT INTO words_1 (rowid, words) VALUES (1, ?)').run(toWords(text))
    old.sql("INSERT INTO rows (principal, kind, id, value, size, created_at, updated_at) VALUES (1, 'note', 'n', '7', 1, 1, 1)").run()
    old
      .sql(
        `INSERT INTO ledger (id, principal, decision, deployment, reserved_at, expires_at, worst, actual) VALUES ('l', 1, 'd', 'm', 5, 9, 3000000000, 2000000000)`,
      )
      .run()
  })
  await old.close()
  const backup = `${path}.schema-1.backup`

  const store = await openSqliteStore({ path })
  const found = await store.documents.search({ principal: 'ann', text: 'first', limit: 5 })

  expect((await store.info()).schemaVersion).toBe(migrations.length)
  expect(found.map(({ document }) => document.text)).toEqual(['written by the first Signalbox'])
  expect((await store.rows.get('ann', 'note', 'n'))?.value).toBe(7)
  expect(await store.ledger.spent({ since: 0 })).toMatchObject({ usd: 2, calls: 1 })
  if (process.platform !== 'win32') expect((await stat(backup)).mode & 0o777).toBe(0o600)
  const kept = new Database(backup, { readonly: true })
  expect([versionOf(kept), kept.prepare('SELECT text FROM documents').pluck().all()]).toEqual([1, ['written by the first Signalbox']])
  kept.close()

  await store.sweep(Date.now() + 6 * 24 * 3600_000)
  await stat(backup)
  await store.scrub()
  await expect(stat(backup)).rejects.toThrow('ENOENT')
  await store.close()
})

test('an archive knows every column of what it carries', async () => {
  const connection = await connect({ path, clock, migrations })
  const columns = (table: string) =>
    connection
      .sql<[], { name: string }>(`PRAGMA table_info(${table})`)
      .all()
      .map(({ name }) => name)

  // A column that is new has to be read and written by `memory/sqlite/archive.ts` as well.
  expect({
    rows: columns('rows'),
    entries: columns('entries'),
    documents: columns('documents'),
    statements: columns('statements'),
  }).toEqual({
    rows: ['number', 'principal', 'kind', 'id', 'value', 'size', 'created_at', 'updated_at', 'expires_at'],
    entries: ['number', 'stream', 'sequence', 'id', 'at', 'value', 'size'],
    documents: ['number', 'principal', 'id', 'piece_of', 'kind', 'thread', 'text', 'trust', 'created_at', 'facts', 'size', 'project'],
    statements: ['number', 'document', 'principal', 'subject', 'relation', 'value', 'valid_from', 'ends', 'many', 'by'],
  })
  await connection.close()
})

test('a newer file is refused with the backup that this Signalbox can still read, and is not touched', async () => {
  await (await connect({ path, clock, migrations })).close()
  await (await connect({ path, clock, migrations: [...migrations, () => undefined] })).close()
  const before = await readFile(path)

  await expect(openSqliteStore({ path })).rejects.toThrow(
    new RegExp(`knows ${migrations.length}; .* put \\S+\\.schema-${migrations.length}\\.backup in its place`),
  )
  expect(await readFile(path)).toEqual(before)
})

test('a migration that fails leaves the schema before it', async () => {
  await (await connect({ path, clock, migrations })).close()

  const failing = connect({
    path,
    clock,
    migrations: [
      ...migrations,
      (database) => {
        database.exec('CREATE TABLE half (done)')
        throw new Error('broken')
      },
    ],
  })

  await expect(failing).rejects.toThrow('broken')
  const database = new Database(path)
  expect(versionOf(database)).toBe(migrations.length)
  expect(database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'half'").get()).toBeUndefined()
  database.close()
})

test('processes that open a new file at once all find it ready', async () => {
  const stores = await Promise.all(Array.from({ length: 5 }, () => openSqliteStore({ path })))

  await Promise.all(stores.map((store, index) => store.logs.append('ann', 'a', [{ id: `${index}`, value: index }])))

  await expect(stores[0]?.logs.length('ann', 'a')).resolves.toBe(5)
  await Promise.all(stores.map((store) => store.close()))
})

test('a store sees at once what another one on the file wrote, replaced and removed, vectors included', async () => {
  const [one, two] = await Promise.all([openSqliteStore({ path }), openSqliteStore({ path })])
  const vectors: Record<string, Float32Array> = { north: Float32Array.of(0, 1), east: Float32Array.of(1, 0) }
  const giveVectors = async () => {
    const missing = await two.documents.withoutVector('m', 10)
    await two.documents.setVectors(
      'm',
      missing.map(({ key, text }) => ({ key, vector: vectors[text] ?? Float32Array.of(0, 0) })),
    )
  }
  const nearNorth = async () => {
    const hits = await one.documents.search({
      principal: 'ann',
      text: '',
      vector: { embedderId: 'm', values: Float32Array.of(0, 1) },
      limit: 5,
    })
    return hits.map((hit) => [hit.document.text, hit.cosine])
  }

  await two.documents.add([documentOf('1', 'north')])
  await giveVectors()
  expect(await nearNorth()).toEqual([['north', 1]])
  await two.documents.add([documentOf('1', 'east'), documentOf('2', 'north')])
  await giveVectors()
  expect((await nearNorth()).toSorted()).toEqual([
    ['east', 0],
    ['north', 1],
  ])
  await two.documents.delete('ann', { ids: ['2'] })
  expect(await nearNorth()).toEqual([['east', 0]])

  await one.close()
  await two.close()
})

const refusals: { name: string; prepare: () => Promise<string>; says: RegExp }[] = [
  {
    name: 'a newer schema',
    prepare: async () => {
      await (await connect({ path, clock, migrations: [...migrations, () => undefined] })).close()
      return path
    },
    says: new RegExp(`its schema is ${migrations.length + 1} and this Signalbox knows ${migrations.length}; update Signalbox`),
  },
  {
    name: 'a database of another program',
    prepare: async () => {
      const database = new Database(path)
      database.exec('CREATE TABLE theirs (a)')
      database.close()
      return path
    },
    says: /another program/,
  },
  {
    name: 'a database of another program that numbers its schemas',
    prepare: async () => {
      const database = new Database(path)
      database.exec('CREATE TABLE theirs (a); PRAGMA user_version = 1')
      database.close()
      return path
    },
    says: /another program/,
  },
  {
    name: 'a file that is no database',
    prepare: async () => {
      await writeFile(path, 'a text that is not a database at all'.repeat(50))
      return path
    },
    says: /not a Signalbox memory; move it away/,
  },
  { name: 'a folder', prepare: async () => folder, says: /it is a folder; name a file/ },
  {
    name: 'a path below a file',
    prepare: async () => {
      await writeFile(path, '')
      return join(path, 'memory.db')
    },
    says: /a part of its path is not a folder/,
  },
]

test.each(refusals)('openSqliteStore() refuses $name, naming it and the mend', async ({ prepare, says }) => {
  const refused = await prepare()

  const error: unknown = await openSqliteStore({ path: refused }).catch((reason: unknown) => reason)

  expect(error).toBeInstanceOf(MemoryError)
  expect(error).toMatchObject({ code: 'memory_unavailable', operation: 'open', message: expect.stringMatching(says) })
  expect((error as MemoryError).message).toContain(JSON.stringify(refused))
})

test('a file that is damaged fails with a MemoryError that says how to mend it', async () => {
  const store = await openSqliteStore({ path })
  await store.logs.append(
    'ann',
    'a',
    Array.from({ length: 500 }, (_, index) => ({ id: `${index}`, value: 'x'.repeat(500) })),
  )
  await store.close()
  const bytes = await readFile(path)
  await writeFile(path, bytes.fill(0x5a, 4096 * 8))

  const error: unknown = await openSqliteStore({ path })
    .then((damaged) => damaged.logs.read('ann', 'a').finally(() => damaged.close()))
    .catch((reason: unknown) => reason)

  expect(error).toMatchObject({ name: 'MemoryError', code: 'memory_unavailable', message: expect.stringMatching(/damaged.*backup/) })
})

test('openSqliteStore() refuses a retention that keeps nothing', async () => {
  await expect(openSqliteStore({ path, retention: { days: 0 } })).rejects.toThrow(/days must be a number > 0/)
  await expect(openSqliteStore({ path, retention: { kinds: { blobs: { gigabytes: -1 } } } })).rejects.toThrow(RangeError)
})
