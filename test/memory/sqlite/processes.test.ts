import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSqliteStore } from '../../../memory/sqlite/store.ts'

let folder: string
let path: string
let children: ChildProcess[]
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-processes-'))
  path = join(folder, 'memory.db')
  children = []
})
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(folder, { recursive: true })
})

test('several processes write to one file at once: nothing is lost, nobody is refused, the limit of money holds', async () => {
  const store = await openSqliteStore({ path })
  await store.rows.put('ann', 'count', 'all', 0)
  const each = 60

  const writers = ['a', 'b', 'c'].map((name) => write(name, each))
  const done = await Promise.all(writers.map((writer) => writer.ended))

  expect(done.map(({ code, errors }) => ({ code, errors }))).toEqual([0, 0, 0].map((code) => ({ code, errors: '' })))
  const entries = await store.logs.read<{ text: string }>('ann', 'shared')
  expect(entries.map((entry) => entry.sequence)).toEqual(Array.from({ length: 3 * each }, (_, index) => index + 1))
  expect(new Set(entries.map((entry) => entry.id)).size).toBe(3 * each)
  expect((await store.rows.get('ann', 'count', 'all'))?.value).toBe(3 * each)
  await expect(store.documents.search({ principal: 'ann', text: 'worda wordb wordc', limit: 500 })).resolves.toHaveLength(3 * each)
  const { usd, reservedUsd } = await store.ledger.spent({ since: 0 })
  expect(usd + reservedUsd).toBeLessThanOrEqual(1)
  expect(usd + reservedUsd).toBeGreaterThan(0.98)
  await store.close()
  expect(integrityOf(path)).toBe('ok')
})

test('a process that is killed loses nothing that it acknowledged, and leaves a whole file', async () => {
  const store = await openSqliteStore({ path })
  await store.rows.put('ann', 'count', 'all', 0)

  for (const [round, name] of ['a', 'b', 'c', 'd'].entries()) {
    const writer = write(name, 100_000)
    await writer.acknowledged(10 + 13 * round)
    writer.child.kill('SIGKILL')
    const { lines } = await writer.ended

    const stored = new Set((await store.logs.read('ann', 'shared')).map((entry) => entry.id))
    expect(lines.filter((id) => !stored.has(id))).toEqual([])
    await expect(store.documents.get('ann', lines.at(-1) ?? '')).resolves.toBeDefined()
  }
  await store.close()
  expect(integrityOf(path)).toBe('ok')
})

test('a write that finds the file held waits with the event loop free, and keeps its place before later ones', async () => {
  const store = await openSqliteStore({ path })
  const other = new Database(path)
  other.exec('BEGIN IMMEDIATE')

  const order: string[] = []
  const appends = ['first', 'second'].map(async (id) => {
    await store.logs.append('ann', 'a', [{ id, value: id }])
    order.push(id)
  })
  const reading = store.rows.get('ann', 'note', '1').then(() => order.push('read'))
  await reading
  setTimeout(() => {
    order.push('released')
    other.exec('COMMIT')
  }, 150)
  await Promise.all(appends)

  expect(order).toEqual(['read', 'released', 'first', 'second'])
  expect((await store.logs.read('ann', 'a')).map((entry) => entry.id)).toEqual(['first', 'second'])
  other.close()
  await store.close()
})

test('several stores sweep and scrub at once while others write, and nothing of that fails', async () => {
  let now = 0
  const stores = await Promise.all([1, 2, 3].map(() => openSqliteStore({ path, clock: () => now, retention: { days: 1 } })))
  const [one, two, three] = stores
  await one?.logs.append(
    'ann',
    'old',
    Array.from({ length: 600 }, (_, index) => ({ id: `${index}`, value: index })),
  )
  now = 10 * 86_400_000

  const results = await Promise.all([
    one?.sweep(),
    two?.sweep(),
    one?.scrub(),
    three?.logs.append('ann', 'new', [{ id: 'x', value: 1 }]),
    two?.scrub(),
  ])

  expect((results[0] as Record<string, number>)['turns'] ?? 0).toBeGreaterThan(0)
  await expect(three?.logs.length('ann', 'old')).resolves.toBe(0)
  await expect(two?.logs.length('ann', 'new')).resolves.toBe(1)
  await Promise.all(stores.map((store) => store.close()))
  expect(integrityOf(path)).toBe('ok')
})

const runsTypeScript = ['--disable-warning=ExperimentalWarning', ...(process.features.typescript ? [] : ['--experimental-strip-types'])]

function write(name: string, count: number) {
  const program = fileURLToPath(new URL('./writer-process.ts', import.meta.url))
  const child = spawn(process.execPath, [...runsTypeScript, program, path, name, String(count)], { stdio: ['ignore', 'pipe', 'pipe'] })
  children.push(child)
  const lines: string[] = []
  let errors = ''
  const waiting: { count: number; resolve: () => void }[] = []
  child.stderr.on('data', (chunk) => {
    errors += String(chunk)
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    for (const one of waiting) if (lines.length >= one.count) one.resolve()
  })
  return {
    child,
    acknowledged: (count: number) => new Promise<void>((resolve) => waiting.push({ count, resolve })),
    ended: new Promise<{ code: number | null; errors: string; lines: string[] }>((resolve) => {
      child.on('close', (code) => resolve({ code, errors, lines }))
    }),
  }
}

function integrityOf(file: string): unknown {
  const database = new Database(file)
  const tables = database
    .prepare<[], { name: string }>("SELECT name FROM sqlite_schema WHERE name GLOB 'words_[0-9]*' AND sql LIKE 'CREATE VIRTUAL%'")
    .all()
  for (const { name } of tables) database.prepare(`INSERT INTO ${name} (${name}) VALUES ('integrity-check')`).run()
  const answer = database.pragma('integrity_check', { simple: true })
  database.close()
  return answer
}
