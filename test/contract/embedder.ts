import { afterAll, describe, expect, test } from 'vitest'
import type { Embedder } from '../../models/embedder.ts'

const cosine = (a: Float32Array | undefined, b: Float32Array | undefined) => {
  if (!a || !b) throw new TypeError('Cannot compare: a vector is missing')
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? Number.NaN), 0)
}

/** What every embedder keeps, shown on one of its own. `close` of what the factory needs beside it comes as `after`. */
export function embedderContract(name: string, create: () => Promise<{ embedder: Embedder; after?: () => Promise<void> }>): void {
  describe(`${name} is an Embedder`, async () => {
    const { embedder, after } = await create()
    afterAll(async () => {
      await embedder.close()
      await after?.()
    })

    test('embed() gives a unit vector of `dimensions` numbers for each text, in order', async () => {
      const texts = ['list open pull requests', 'weather in Paris', 'read a file']

      const vectors = await embedder.embed(texts)
      const single = await Promise.all(texts.map(async (text) => (await embedder.embed([text]))[0]))

      expect(vectors).toHaveLength(3)
      for (const [index, vector] of vectors.entries()) {
        expect(vector).toBeInstanceOf(Float32Array)
        expect(vector).toHaveLength(embedder.dimensions ?? Number.NaN)
        expect(cosine(vector, vector)).toBeCloseTo(1, 4)
        expect(cosine(vector, single[index])).toBeGreaterThan(0.9999)
      }
      expect(cosine(vectors[0], vectors[1])).toBeLessThan(0.99)
    })

    test('embed() gives the same vector for the same text, beside any others and any number of them', async () => {
      const texts = Array.from({ length: 150 }, (_, index) => `text number ${index} ${'and more '.repeat(index % 7)}`)

      const [alone] = await embedder.embed(['text number 77 '])
      const vectors = await embedder.embed(texts)

      expect(vectors).toHaveLength(150)
      expect(cosine(alone, vectors[77])).toBeGreaterThan(0.9999)
      expect(vectors.every((vector) => vector.length === embedder.dimensions)).toBe(true)
    })

    test('embed() of nothing is nothing', async () => {
      await expect(embedder.embed([])).resolves.toEqual([])
    })

    test.each(['', '   ', '\n\t', '\u200b', '\ufffd', '\u0301'])(
      'embed() refuses %j, whose vector would mean nothing, by its index',
      async (blank) => {
        await expect(embedder.embed(['text', blank])).rejects.toThrow(/text 1: /)
        await expect(embedder.embed(['text', blank])).rejects.toBeInstanceOf(RangeError)
      },
    )

    test('embed() takes a text of megabytes', async () => {
      const [vector] = await embedder.embed(['many words '.repeat(200_000)])

      expect(cosine(vector, vector)).toBeCloseTo(1, 4)
    })

    test('embed() rejects with the reason of the caller, before and during its work, and goes on with the next', async () => {
      const controller = new AbortController()
      const reason = new Error('The caller left')

      const running = embedder.embed(
        Array.from({ length: 100 }, (_, index) => `work ${index}`),
        { signal: controller.signal },
      )
      controller.abort(reason)

      await expect(running).rejects.toBe(reason)
      await expect(embedder.embed(['more'], { signal: controller.signal })).rejects.toBe(reason)
      await expect(embedder.embed(['more'])).resolves.toHaveLength(1)
    })

    test('`id` does not change, and `runtime` is known after the first use', () => {
      expect(embedder.id).toMatch(/\S+/)
      expect(embedder.runtime).toMatch(/^(onnxruntime-node|onnxruntime-web|endpoint)$/)
    })

    test('embed() fails after close(), and close() may be called again', async () => {
      const other = await create()
      await other.embedder.close()

      await expect(other.embedder.embed(['text'])).rejects.toMatchObject({ code: 'embedder_unavailable' })
      await other.embedder.close()
      await other.after?.()
    })
  })
}
