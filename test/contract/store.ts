import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { anyPrincipal, type Store, type StoredDocument } from '../../memory/store.ts'
import { storeIsolation } from './store-isolation.ts'

export type StoreFactory = (options: { clock: () => number }) => Promise<{ store: Store; after?: () => Promise<void> }>

/** What every Store keeps, whatever is underneath. */
export function storeContract(name: string, open: StoreFactory): void {
  describe(`${name} is a Store`, () => {
    let store: Store
    let after: (() => Promise<void>) | undefined
    let now = 0

    beforeEach(async () => {
      now = Date.parse('2026-03-01T10:00:00Z')
      ;({ store, after } = await open({ clock: () => now }))
    })
    afterEach(async () => {
      await store.close()
      await after?.()
    })

    describe('rows', () => {
      test('put() stores a value that get() gives back, and replaces it with its time of creation kept', async () => {
        await store.rows.put('ann', 'note', '1', { text: 'one', list: [1, null, 'é🙂'] })
        now += 5
        await store.rows.put('ann', 'note', '1', { text: 'two' }, { expiresAt: now + 100 })

        await expect(store.rows.get('ann', 'note', '1')).resolves.toEqual({
          principal: 'ann',
          kind: 'note',
          id: '1',
          value: { text: 'two' },
          createdAt: now - 5,
          updatedAt: now,
          expiresAt: now + 100,
        })
        await expect(store.rows.get('ann', 'other', '1')).resolves.toBeUndefined()
      })

      test('put() refuses a value that JSON cannot hold', async () => {
        await expect(store.rows.put('ann', 'note', '1', undefined)).rejects.toThrow(TypeError)
      })

      test('putAll() stores all or nothing, and getAll() gives those that are there', async () => {
        await store.rows.put('ann', 'note', '1', 'old')

        await store.rows.putAll('ann', 'note', [
          { id: '1', value: 'one' },
          { id: '2', value: 'two', expiresAt: now + 100 },
        ])
        const refused = store.rows.putAll<unknown>('ann', 'note', [
          { id: '1', value: 'lost' },
          { id: '3', value: undefined },
        ])
        await expect(refused).rejects.toThrow(TypeError)

        const found = await store.rows.getAll('ann', 'note', ['2', 'none', '1', '3'])
        expect(found.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toMatchObject([
          { id: '1', value: 'one' },
          { id: '2', value: 'two', expiresAt: now + 100 },
        ])
        await expect(store.rows.getAll('ann', 'note', [])).resolves.toEqual([])
      })

      test('insert() tells the winner of a race', async () => {
        const wins = await Promise.all(['a', 'b', 'c'].map((value) => store.rows.insert('ann', 'claim', '1', value)))

        expect(wins.filter((win) => win)).toHaveLength(1)
        expect((await store.rows.get('ann', 'claim', '1'))?.value).toBe(['a', 'b', 'c'][wins.indexOf(true)])
      })

      test('update() loses no change of many at once, and resolves to what is stored', async () => {
        await store.rows.put('ann', 'count', '1', 0)

        const seen = await Promise.all(
          Array.from({ length: 20 }, () => store.rows.update<number>('ann', 'count', '1', (value) => value + 1)),
        )

        expect(new Set(seen).size).toBe(20)
        expect((await store.rows.get('ann', 'count', '1'))?.value).toBe(20)
      })

      test('update() leaves the end of a row as it is unless it is told another', async () => {
        await store.rows.put('ann', 'note', '1', 1, { expiresAt: now + 100 })

        await store.rows.update<number>('ann', 'note', '1', (value) => value + 1)
        const kept = await store.rows.get('ann', 'note', '1')
        await store.rows.update<number>('ann', 'note', '1', (value) => value + 1, { expiresAt: now + 200 })

        expect(kept).toMatchObject({ value: 2, expiresAt: now + 100 })
        expect(await store.rows.get('ann', 'note', '1')).toMatchObject({ value: 3, expiresAt: now + 200 })
      })

      test('update() leaves the row when `change` returns undefined, and rolls back when it throws', async () => {
        await store.rows.put('ann', 'note', '1', { text: 'one' })

        const left = await store.rows.update<{ text: string }>('ann', 'note', '1', (value) => {
          value.text = 'changed in place'
          return undefined
        })
        const failed = store.rows.update('ann', 'note', '1', () => {
          throw new Error('no')
        })

        expect(left).toEqual({ text: 'one' })
        await expect(failed).rejects.toThrow('no')
        expect((await store.rows.get('ann', 'note', '1'))?.value).toEqual({ text: 'one' })
        await expect(store.rows.update('ann', 'note', 'none', () => 1)).resolves.toBeUndefined()
      })

      test('list() pages newest first, each row once, also when many share a moment', async () => {
        for (let index = 0; index < 25; index += 1) {
          if (index % 10 === 0) now += 1
          await store.rows.put('ann', 'note', `${index}`, index)
        }

        const seen: unknown[] = []
        let cursor: string | undefined
        do {
          const page = await store.rows.list('ann', 'note', { limit: 7, cursor })
          seen.push(...page.rows.map((row) => row.value))
          cursor = page.nextCursor
        } while (cursor !== undefined)

        expect(seen).toEqual(Array.from({ length: 25 }, (_, index) => 24 - index))
      })

      test('list() by update puts the row that changed last first', async () => {
        await store.rows.put('ann', 'note', 'a', 1)
        await store.rows.put('ann', 'note', 'b', 2)
        now += 1
        await store.rows.put('ann', 'note', 'a', 3)

        const { rows } = await store.rows.list('ann', 'note', { order: 'updated' })

        expect(rows.map((row) => row.id)).toEqual(['a', 'b'])
      })

      test.each(['nonsense', '', Buffer.from('1.2.3').toString('base64url')])('list() refuses the cursor %j', async (cursor) => {
        await expect(store.rows.list('ann', 'note', { cursor })).rejects.toMatchObject({ code: 'memory_refused' })
      })

      test('list() refuses a limit below 1', async () => {
        await expect(store.rows.list('ann', 'note', { limit: 0 })).rejects.toThrow(RangeError)
      })

      test('stamp() is another after each change of a row, and the same after reads and logs', async () => {
        const stamps = [store.rows.stamp()]
        const note = () => stamps.push(store.rows.stamp())

        await store.rows.put('ann', 'note', '1', 'one')
        note()
        await store.rows.update('ann', 'note', '1', () => 'two')
        note()
        await store.rows.delete('ann', 'note', '1')
        note()
        await store.rows.list('ann', 'note')
        await store.logs.append('ann', 'notes', [{ id: '1', value: 'said' }], { mayWait: true })
        await store.rows.list('ann', 'note')

        expect(new Set(stamps).size).toBe(4)
        expect(store.rows.stamp()).toBe(stamps[3])
      })

      test('the owner of the instance reads, changes and removes rows of all principals', async () => {
        await store.rows.put('ann', 'approval', '1', 'pending')
        await store.rows.put('bob', 'approval', '2', 'pending')

        const { rows } = await store.rows.list(anyPrincipal, 'approval')
        await store.rows.update(anyPrincipal, 'approval', '2', () => 'accepted')

        expect(rows.map((row) => row.principal).toSorted()).toEqual(['ann', 'bob'])
        await expect(store.rows.get('bob', 'approval', '2')).resolves.toMatchObject({ value: 'accepted', principal: 'bob' })
        await expect(store.rows.delete(anyPrincipal, 'approval', '1')).resolves.toBe(true)
        await expect(store.rows.delete('ann', 'approval', '1')).resolves.toBe(false)
      })
    })

    describe('logs', () => {
      test('append() numbers entries 1, 2, 3 … in each stream', async () => {
        const first = await store.logs.append('ann', 'a', [
          { id: 'x', value: { n: 1 } },
          { id: 'y', value: { n: 2 }, at: 42 },
        ])
        await store.logs.append('ann', 'b', [{ id: 'x', value: 0 }])
        const more = await store.logs.append('ann', 'a', [{ id: 'z', value: { n: 3 } }])

        expect(first).toEqual([
          { sequence: 1, id: 'x', at: now, value: { n: 1 } },
          { sequence: 2, id: 'y', at: 42, value: { n: 2 } },
        ])
        expect(more.map((entry) => entry.sequence)).toEqual([3])
        await expect(store.logs.read('ann', 'a')).resolves.toEqual([...first, ...more])
        await expect(store.logs.length('ann', 'a')).resolves.toBe(3)
      })

      test('append() gives parallel callers different numbers', async () => {
        const entries = await Promise.all(
          Array.from({ length: 30 }, (_, index) => store.logs.append('ann', 'a', [{ id: `${index}`, value: index }])),
        )

        expect(
          entries
            .flat()
            .map((entry) => entry.sequence)
            .toSorted((left, right) => left - right),
        ).toEqual(Array.from({ length: 30 }, (_, index) => index + 1))
      })

      test('append() refuses an id that the stream has, and then nothing of the call is stored', async () => {
        await store.logs.append('ann', 'a', [{ id: 'x', value: 1 }])

        const again = store.logs.append('ann', 'a', [
          { id: 'y', value: 2 },
          { id: 'x', value: 3 },
        ])

        await expect(again).rejects.toMatchObject({ code: 'memory_refused' })
        await expect(store.logs.length('ann', 'a')).resolves.toBe(1)
        await expect(store.logs.append('ann', 'a', [{ id: 'y', value: 2 }])).resolves.toMatchObject([{ sequence: 2 }])
      })

      test('read() takes the last ones, the ones after, and at most a limit, ascending', async () => {
        await store.logs.append(
          'ann',
          'a',
          Array.from({ length: 10 }, (_, index) => ({ id: `${index}`, value: index + 1 })),
        )
        const read = async (range: Parameters<Store['logs']['read']>[2]) =>
          (await store.logs.read('ann', 'a', range)).map((entry) => entry.value)

        expect(await read({ last: 3 })).toEqual([8, 9, 10])
        expect(await read({ after: 7 })).toEqual([8, 9, 10])
        expect(await read({ after: 2, limit: 2 })).toEqual([3, 4])
        expect(await read({ last: 50, after: 8 })).toEqual([9, 10])
        expect(await read({ after: 10 })).toEqual([])
      })

      test('principals() names those who have entries in a stream of that name', async () => {
        await store.logs.append('bob', 'a', [{ id: 'x', value: 1 }])
        await store.logs.append('ann', 'a', [{ id: 'x', value: 1 }])
        await store.logs.append('eve', 'b', [{ id: 'x', value: 1 }])
        await store.logs.append('joe', 'a', [{ id: 'x', value: 1 }])
        await store.logs.remove('joe', 'a', ['x'])

        await expect(store.logs.principals('a')).resolves.toEqual(['ann', 'bob'])
        await expect(store.logs.principals('none')).resolves.toEqual([])
      })

      test('remove() leaves a gap: a number is never used twice', async () => {
        await store.logs.append(
          'ann',
          'a',
          ['x', 'y', 'z'].map((id) => ({ id, value: id })),
        )

        await expect(store.logs.remove('ann', 'a', ['y', 'z', 'unknown'])).resolves.toBe(2)
        const [next] = await store.logs.append('ann', 'a', [{ id: 'w', value: 'w' }])

        expect(next?.sequence).toBe(4)
        await expect(store.logs.length('ann', 'a')).resolves.toBe(2)
      })

      test('delete() empties a long stream and leaves others', async () => {
        await store.logs.append(
          'ann',
          'a',
          Array.from({ length: 1200 }, (_, index) => ({ id: `${index}`, value: index })),
        )
        await store.logs.append('ann', 'b', [{ id: 'x', value: 1 }])

        await expect(store.logs.delete('ann', 'a')).resolves.toBe(1200)
        await expect(store.logs.read('ann', 'a')).resolves.toEqual([])
        await expect(store.logs.length('ann', 'a')).resolves.toBe(0)
        await expect(store.logs.length('ann', 'b')).resolves.toBe(1)
      })
    })

    describe('documents', () => {
      const vector = (...values: number[]) => Float32Array.from(values)
      const search = async (query: Partial<Parameters<Store['documents']['search']>[0]>) =>
        (await store.documents.search({ principal: 'ann', text: '', limit: 10, ...query })).toSorted(
          (left, right) => right.lexical - left.lexical,
        )
      const ids = (hits: readonly { document: StoredDocument }[]) => hits.map((hit) => hit.document.id)
      const give = async (embedder: string, byText: Record<string, Float32Array>) => {
        const missing = await store.documents.withoutVector(embedder, 100)
        await store.documents.setVectors(
          embedder,
          missing.flatMap(({ key, text }) => (byText[text] === undefined ? [] : [{ key, vector: byText[text] }])),
        )
      }

      test('get() gives back what add() stored', async () => {
        const stored = documentOf('1', 'a text', {
          thread: 't',
          pieceOf: 'whole',
          kind: 'turn',
          trust: 'external',
          facts: { role: 'user', n: 1 },
        })
        await store.documents.add([stored])

        await expect(store.documents.get('ann', '1')).resolves.toEqual(stored)
      })

      test('add() replaces a document of the same id, with its words and its vector', async () => {
        await store.documents.add([documentOf('1', 'apples')])
        await give('m', { apples: vector(1, 0) })
        await store.documents.add([documentOf('1', 'pears')])

        expect(ids(await search({ text: 'apples' }))).toEqual([])
        expect(ids(await search({ text: 'pears' }))).toEqual(['1'])
        expect(await search({ vector: { embedderId: 'm', values: vector(1, 0) } })).toEqual([])
      })

      test('add() refuses a blank text', async () => {
        await expect(store.documents.add([documentOf('1', ' \n ')])).rejects.toThrow(RangeError)
      })

      test('search() finds words whatever their case, marks and endings, best first by a score from 0 to 1', async () => {
        await store.documents.add([
          documentOf('1', 'The Café opens at noon'),
          documentOf('2', 'cafe cafe cafe'),
          documentOf('3', 'nothing of the kind'),
        ])

        const hits = await search({ text: 'CAFÉ opening' })

        expect(ids(hits).toSorted()).toEqual(['1', '2'])
        expect(hits[0]?.lexical).toBe(1)
        expect(hits.every((hit) => hit.lexical > 0 && hit.lexical <= 1 && hit.cosine === undefined)).toBe(true)
      })

      test('search() finds words of scripts that put no space between them', async () => {
        await store.documents.add([documentOf('1', '昨日東京で会議をしました'), documentOf('2', '大阪の天気')])

        expect(ids(await search({ text: '東京の会議' }))).toContain('1')
        expect(ids(await search({ text: '天気' }))).toEqual(['2'])
      })

      test('search() gives the cosine to vectors of the same embedder alone', async () => {
        await store.documents.add([documentOf('1', 'north'), documentOf('2', 'east'), documentOf('3', 'elsewhere')])
        await give('m', { north: vector(0, 1), east: vector(1, 0) })
        await give('other', { north: vector(1, 0, 0), elsewhere: vector(0, 1, 0) })

        const hits = await search({ text: 'elsewhere', vector: { embedderId: 'm', values: vector(0.6, 0.8) } })
        const cosines = Object.fromEntries(hits.map((hit) => [hit.document.id, hit.cosine]))

        expect(cosines['1']).toBeCloseTo(0.8)
        expect(cosines['2']).toBeCloseTo(0.6)
        expect(cosines['3']).toBeUndefined()
        expect(await search({ vector: { embedderId: 'unknown', values: vector(1, 0) } })).toEqual([])
      })

      test('search() and setVectors() refuse vectors of another length', async () => {
        await store.documents.add([documentOf('1', 'north'), documentOf('2', 'south')])
        await give('m', { north: vector(0, 1) })

        await expect(search({ vector: { embedderId: 'm', values: vector(1, 0, 0) } })).rejects.toThrow(RangeError)
        await expect(give('m', { south: vector(0, 1, 0) })).rejects.toThrow(RangeError)
      })

      test('search() takes the nearest by meaning out of many, also after some were removed', async () => {
        const many = Array.from({ length: 300 }, (_, index) => documentOf(`${index}`, `text${index}`))
        const angle = (index: number) => vector(Math.cos(index / 300), Math.sin(index / 300))
        await store.documents.add(many)
        for (let rounds = 0; rounds < 3; rounds += 1) {
          await give('m', Object.fromEntries(many.map((document, index) => [document.text, angle(index)])))
        }
        const nearest = async () => ids(await search({ vector: { embedderId: 'm', values: angle(150) }, limit: 3 })).toSorted()

        expect(await nearest()).toEqual(['149', '150', '151'])
        await store.documents.delete('ann', { ids: ['150', '10'] })
        expect((await nearest()).toSorted()).not.toContain('150')
        expect(await nearest()).toEqual(expect.arrayContaining(['149', '151']))
        await store.documents.add([documentOf('150', 'text150')])
        await give('m', { text150: angle(150) })
        expect(await nearest()).toEqual(['149', '150', '151'])
      })

      test('search() keeps to kinds and thread, and leaves out what is excluded, with the pieces of it', async () => {
        await store.documents.add([
          documentOf('1', 'rain today', { kind: 'turn', thread: 't' }),
          documentOf('2', 'rain again', { kind: 'fact', thread: 't' }),
          documentOf('3', 'rain elsewhere', { kind: 'turn', thread: 'u' }),
          documentOf('4', 'rain in pieces', { kind: 'turn', thread: 't', pieceOf: 'whole' }),
        ])
        const all = vector(1, 0)
        await give('m', { 'rain today': all, 'rain again': all, 'rain elsewhere': all, 'rain in pieces': all })
        const both = { text: 'rain', vector: { embedderId: 'm', values: all } }

        expect(ids(await search({ ...both, thread: 't' })).toSorted()).toEqual(['1', '2', '4'])
        expect(ids(await search({ ...both, kinds: ['fact'] }))).toEqual(['2'])
        expect(ids(await search({ ...both, kinds: ['turn'], thread: 't', exclude: ['whole'] }))).toEqual(['1'])
        expect(ids(await search({ ...both, exclude: ['1', '3'] })).toSorted()).toEqual(['2', '4'])
      })

      test('withoutVector() lists what has none, oldest first, of all principals, until it has one', async () => {
        await store.documents.add([documentOf('1', 'one'), documentOf('2', 'two', { principal: 'bob' }), documentOf('3', 'three')])

        const first = await store.documents.withoutVector('m', 2)
        await give('m', { one: vector(1, 0), two: vector(1, 0) })
        const second = await store.documents.withoutVector('m', 2)
        await give('m', { three: vector(1, 0) })
        await expect(store.documents.withoutVector('m', 2)).resolves.toEqual([])
        await store.documents.add([documentOf('1', 'one anew')])

        expect(first.map((document) => document.text)).toEqual(['one', 'two'])
        expect(second.map((document) => document.text)).toEqual(['three'])
        expect((await store.documents.withoutVector('m', 2)).map((document) => document.text)).toEqual(['one anew'])
      })

      test('setVectors() skips what was replaced in between', async () => {
        await store.documents.add([documentOf('1', 'old')])
        const [missing] = await store.documents.withoutVector('m', 1)
        await store.documents.add([documentOf('1', 'new')])

        await store.documents.setVectors('m', [{ key: missing?.key ?? '', vector: vector(1, 0) }])

        expect((await store.documents.withoutVector('m', 1)).map((document) => document.text)).toEqual(['new'])
      })

      test('list() pages all documents once, oldest first, by filter', async () => {
        await store.documents.add(
          Array.from({ length: 9 }, (_, index) => documentOf(`${index}`, `text ${index}`, { kind: index % 3 === 0 ? 'fact' : 'turn' })),
        )

        const first = await store.documents.list('ann', { kinds: ['turn'], limit: 4 })
        const second = await store.documents.list('ann', { kinds: ['turn'], limit: 4, cursor: first.nextCursor })

        expect([...first.documents, ...second.documents].map((document) => document.id)).toEqual(['1', '2', '4', '5', '7', '8'])
        expect(second.nextCursor).toBeUndefined()
      })

      test('delete() removes by every condition given, and tells the ids', async () => {
        await store.documents.add([
          documentOf('1', 'Blue  whale', { thread: 't' }),
          documentOf('2', 'blue\nWHALE', { thread: 'u' }),
          documentOf('3', 'whale, blue', { thread: 't' }),
          documentOf('4', 'half', { pieceOf: 'whole' }),
        ])

        await expect(store.documents.delete('ann', { text: 'blue whale', thread: 't' })).resolves.toEqual(['1'])
        await expect(store.documents.delete('ann', { ids: [] })).resolves.toEqual([])
        await expect(store.documents.delete('ann', { ids: ['whole'] })).resolves.toEqual(['4'])
        await expect(store.documents.delete('ann', {})).resolves.toEqual(['2', '3'])
        expect(await search({ text: 'whale half' })).toEqual([])
      })
    })

    describe('vectors', () => {
      test('put() keeps vectors by embedder and hash, and get() answers in order', async () => {
        await store.vectors.put('m', [
          { hash: 'a', vector: Float32Array.of(1, 2) },
          { hash: 'b', vector: Float32Array.of(3, 4) },
        ])
        await store.vectors.put('n', [{ hash: 'a', vector: Float32Array.of(5) }])

        await expect(store.vectors.get('m', ['b', 'c', 'a'])).resolves.toEqual([Float32Array.of(3, 4), undefined, Float32Array.of(1, 2)])
        await expect(store.vectors.get('n', ['a', 'b'])).resolves.toEqual([Float32Array.of(5), undefined])
        await expect(store.vectors.get('unknown', ['a'])).resolves.toEqual([undefined])
      })

      test('put() refuses a vector of another length', async () => {
        await store.vectors.put('m', [{ hash: 'a', vector: Float32Array.of(1, 2) }])

        await expect(store.vectors.put('m', [{ hash: 'b', vector: Float32Array.of(1) }])).rejects.toThrow(RangeError)
      })
    })

    describe('blobs', () => {
      test('get() gives back the bytes, the media type and the facts', async () => {
        const bytes = Uint8Array.from({ length: 100_000 }, (_, index) => index % 251)
        await store.blobs.put('ann', 'frame', '1', { mediaType: 'image/png', bytes: bytes.subarray(7), facts: { width: 3 } })

        const blob = await store.blobs.get('ann', 'frame', '1')

        expect(blob).toMatchObject({ mediaType: 'image/png', facts: { width: 3 }, createdAt: now })
        expect(Buffer.compare(blob?.bytes ?? new Uint8Array(), bytes.subarray(7))).toBe(0)
        await expect(store.blobs.get('ann', 'result', '1')).resolves.toBeUndefined()
      })

      test('put() replaces, delete() removes what is named, clear() all', async () => {
        const blob = (text: string) => ({ mediaType: 'text/plain', bytes: Buffer.from(text) })
        await store.blobs.put('ann', 'a', '1', blob('old'))
        await store.blobs.put('ann', 'a', '1', blob('new'))
        await store.blobs.put('ann', 'a', '2', blob('x'))
        await store.blobs.put('ann', 'b', '1', blob('y'))

        expect(Buffer.from((await store.blobs.get('ann', 'a', '1'))?.bytes ?? []).toString()).toBe('new')
        await expect(store.blobs.delete('ann', 'a', ['1', 'unknown'])).resolves.toBe(1)
        await expect(store.blobs.clear('ann')).resolves.toBe(2)
        await expect(store.blobs.clear('ann')).resolves.toBe(0)
      })
    })

    describe('ledger', () => {
      const reserve = (worstCaseUsd: number, { principal = 'ann', unlimited = false } = {}) =>
        store.ledger.reserve({
          principal,
          decision: 'd',
          deployment: 'p/m',
          worstCaseUsd,
          limitUsd: unlimited ? undefined : 1,
          expiresAt: now + 60_000,
        })

      test('reserve() leaves no room for more than the limit, over all principals', async () => {
        expect(await reserve(0.1)).toMatchObject({ usd: 0.1 })
        expect(await reserve(0.2, { principal: 'bob' })).toBeDefined()
        expect(await reserve(0.7)).toBeDefined()
        expect(await reserve(0.000001)).toBeUndefined()
        expect(await reserve(0)).toBeDefined()
        expect(await reserve(0.5, { unlimited: true })).toBeDefined()
      })

      test('settle() gives back what was not spent, and counts an unknown price', async () => {
        const first = await reserve(0.9)
        const second = await reserve(0.1)
        await store.ledger.settle(first ?? { id: '', usd: 0 }, 0.25)
        await store.ledger.settle(second ?? { id: '', usd: 0 }, null)

        await expect(store.ledger.spent({ since: now })).resolves.toEqual({ usd: 0.25, reservedUsd: 0, calls: 2, unpriced: 1 })
        expect(await reserve(0.75)).toBeDefined()
      })

      test('settle() counts once, and refuses a reservation that nobody made', async () => {
        const first = await reserve(0.9)
        await store.ledger.settle(first ?? { id: '', usd: 0 }, 0.2)
        await store.ledger.settle(first ?? { id: '', usd: 0 }, 0.1)

        expect((await store.ledger.spent({ since: 0 })).usd).toBe(0.2)
        await expect(store.ledger.settle({ id: 'unknown', usd: 1 }, 1)).rejects.toMatchObject({ code: 'memory_not_found' })
      })

      test('a reservation that was never settled counts at its worst case: reserved, and spent after it expired', async () => {
        await reserve(0.4)
        const before = await store.ledger.spent({ since: 0 })
        now += 61_000

        expect(before).toEqual({ usd: 0, reservedUsd: 0.4, calls: 1, unpriced: 0 })
        await expect(store.ledger.spent({ since: 0 })).resolves.toEqual({ usd: 0.4, reservedUsd: 0, calls: 1, unpriced: 0 })
        expect(await reserve(0.7)).toBeUndefined()
      })

      test('the day of a limit is the UTC day', async () => {
        now = Date.parse('2026-03-01T23:59:59.999Z')
        await reserve(1)
        expect(await reserve(0.1)).toBeUndefined()
        now += 1

        expect(await reserve(1)).toBeDefined()
        await expect(store.ledger.spent({ since: now })).resolves.toMatchObject({ reservedUsd: 1, calls: 1 })
      })

      test('reserve() leaves no room for more than each account may spend in all, whoever spends it and when', async () => {
        const under = (worstCaseUsd: number, accounts: { account: string; limitUsd: number }[], principal = 'ann') =>
          store.ledger.reserve({
            principal,
            decision: 'd',
            deployment: 'm',
            worstCaseUsd,
            limitUsd: undefined,
            accounts,
            expiresAt: now + 60_000,
          })
        const parent = { account: 'parent', limitUsd: 1 }
        const child = { account: 'child', limitUsd: 0.5 }

        const first = await under(0.5, [parent, child])
        expect(await under(0.1, [parent, child], 'bob')).toBeUndefined()
        expect(await under(0.4, [parent, { account: 'other', limitUsd: 0.5 }])).toBeDefined()
        now += 2 * 86_400_000
        expect(await under(0.2, [parent], 'bob')).toBeUndefined()
        await store.ledger.settle(first ?? { id: '', usd: 0 }, 0.1)
        expect(await under(0.2, [parent], 'bob')).toBeDefined()
        expect(await under(0.5, [child])).toBeUndefined()
        await expect(store.ledger.spent({ since: 0, account: 'child' })).resolves.toEqual({
          usd: 0.1,
          reservedUsd: 0,
          calls: 1,
          unpriced: 0,
        })
        await expect(store.ledger.spent({ since: 0, account: 'nobody' })).resolves.toMatchObject({ usd: 0, calls: 0 })
      })

      test('spent() sums up one principal when asked', async () => {
        await reserve(0.1)
        await reserve(0.2, { principal: 'bob' })

        await expect(store.ledger.spent({ since: 0, principal: 'bob' })).resolves.toMatchObject({ reservedUsd: 0.2, calls: 1 })
        await expect(store.ledger.spent({ since: 0, principal: 'nobody' })).resolves.toEqual({
          usd: 0,
          reservedUsd: 0,
          calls: 0,
          unpriced: 0,
        })
      })

      test.each([-1, Number.NaN, Number.POSITIVE_INFINITY])('reserve() refuses %d dollars', async (usd) => {
        await expect(reserve(usd)).rejects.toThrow(RangeError)
      })
    })

    describe('commit()', () => {
      test('writes rows, entries and documents together', async () => {
        await store.rows.put('ann', 'thread', 't', 1)
        now += 1
        const { principal, ...document } = documentOf('1', 'said', { thread: 't' })

        const entries = await store.commit('ann', {
          touch: [{ kind: 'thread', id: 't' }],
          insert: [{ kind: 'note', id: 'n', value: 'x' }],
          append: [{ stream: 't', entries: [{ id: 'e', value: 'said' }] }],
          documents: [document],
        })

        expect(entries).toEqual([{ sequence: 1, id: 'e', at: now, value: 'said' }])
        await expect(store.rows.get('ann', 'thread', 't')).resolves.toMatchObject({ updatedAt: now })
        await expect(store.documents.get(principal, '1')).resolves.toBeDefined()
      })

      test.each([
        ['a row to touch is missing', { touch: [{ kind: 'thread', id: 'none' }] }],
        ['an id to insert is taken', { insert: [{ kind: 'thread', id: 't', value: 2 }] }],
      ])('writes nothing when %s', async (_, obstacle) => {
        await store.rows.put('ann', 'thread', 't', 1)
        const { principal, ...document } = documentOf('1', 'said')

        const done = await store.commit('ann', {
          ...obstacle,
          append: [{ stream: 't', entries: [{ id: 'e', value: 'said' }] }],
          documents: [document],
        })

        expect(done).toBeUndefined()
        await expect(store.logs.length('ann', 't')).resolves.toBe(0)
        await expect(store.documents.get(principal, '1')).resolves.toBeUndefined()
      })

      test('removes rows, streams and the documents of threads', async () => {
        await store.rows.put('ann', 'thread', 't', 1)
        await store.logs.append('ann', 't', [{ id: 'e', value: 1 }])
        await store.documents.add([documentOf('1', 'said', { thread: 't' }), documentOf('2', 'kept')])

        await store.commit('ann', { remove: { rows: [{ kind: 'thread', id: 't' }], streams: ['t', 'unknown'], threads: ['t'] } })

        await expect(store.rows.get('ann', 'thread', 't')).resolves.toBeUndefined()
        await expect(store.logs.length('ann', 't')).resolves.toBe(0)
        expect((await store.documents.list('ann')).documents.map((document) => document.id)).toEqual(['2'])
      })
    })

    test('info() tells where it is, how large, and what it holds', async () => {
      await store.logs.append('ann', 'a', [{ id: 'x', value: 1 }])

      const info = await store.info()

      expect(info.bytes).toBeGreaterThan(0)
      expect(info.schemaVersion).toBeGreaterThanOrEqual(1)
      expect(info.counts).toMatchObject({ turns: 1, documents: 0 })
    })

    test('every part refuses a store that was closed, and says so', async () => {
      await store.close()

      await expect(store.rows.get('ann', 'note', '1')).rejects.toMatchObject({ code: 'memory_unavailable' })
      await expect(store.logs.append('ann', 'a', [{ id: 'x', value: 1 }])).rejects.toThrow(/closed/)
      await expect(store.close()).resolves.toBeUndefined()
    })

    storeIsolation(() => store)
  })
}

export function documentOf(id: string, text: string, more: Partial<StoredDocument> = {}): StoredDocument {
  return { id, principal: 'ann', kind: 'fact', text, trust: 'known', createdAt: 1_700_000_000_000, facts: {}, ...more }
}
