import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Embedder, WordVectors } from '../../models/embedder.ts'

const batchTexts = 64

/**
 * An embedder that answers from memory what was prepared. `SIGNALBOX_BENCH_CACHE` names a folder where prepared vectors are kept, so
 * that a second run takes seconds.
 */
export interface PreparedEmbedder extends Embedder {
  prepare(name: string, texts: readonly string[]): Promise<void>
  /** The same of their words, for this process alone. */
  prepareWords(texts: readonly string[]): Promise<void>
  embedWords(texts: readonly string[]): Promise<WordVectors[]>
}

export function createPrepared(embedder: Embedder): PreparedEmbedder {
  const knownWords = new Map<string, WordVectors>()
  const known = new Map<string, Float32Array>()
  const cache = process.env['SIGNALBOX_BENCH_CACHE']

  const prepareWords = async (texts: readonly string[]) => {
    const wanted = [...new Set(texts)].filter((text) => !knownWords.has(text))
    for (let start = 0; start < wanted.length; start += batchTexts) {
      const batch = wanted.slice(start, start + batchTexts)
      const found = (await embedder.embedWords?.(batch)) ?? []
      for (const [index, text] of batch.entries()) knownWords.set(text, found[index] as WordVectors)
    }
  }

  return {
    id: embedder.id,
    dimensions: embedder.dimensions,
    runtime: embedder.runtime,

    async prepare(name, texts) {
      const wanted = [...new Set(texts)].filter((text) => !known.has(text))
      const key = createHash('sha256')
        .update(JSON.stringify([embedder.id, wanted]))
        .digest('hex')
        .slice(0, 16)
      const file = cache === undefined ? undefined : join(cache, `${name}-${key}.f32`)
      if (file !== undefined && existsSync(file)) {
        const bytes = readFileSync(file)
        const numbers = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
        const width = numbers.length / wanted.length
        for (const [index, text] of wanted.entries()) known.set(text, numbers.subarray(index * width, (index + 1) * width))
        return
      }
      for (let start = 0; start < wanted.length; start += batchTexts) {
        const batch = wanted.slice(start, start + batchTexts)
        const vectors = await embedder.embed(batch, { priority: 'index' })
        for (const [index, text] of batch.entries()) known.set(text, vectors[index] as Float32Array)
      }
      if (file === undefined || cache === undefined) return
      mkdirSync(cache, { recursive: true })
      writeFileSync(
        file,
        Buffer.concat(wanted.map((text) => Buffer.from(new Uint8Array((known.get(text) as Float32Array).slice().buffer)))),
      )
    },

    prepareWords,

    async embedWords(texts) {
      await prepareWords(texts)
      return texts.map((text) => knownWords.get(text) as WordVectors)
    },

    async embed(texts, options) {
      const missing = texts.filter((text) => !known.has(text))
      if (missing.length === 0) return texts.map((text) => known.get(text) as Float32Array)
      const vectors = await embedder.embed(missing, options)
      for (const [index, text] of missing.entries()) known.set(text, vectors[index] as Float32Array)
      return texts.map((text) => known.get(text) as Float32Array)
    },

    close: () => embedder.close(),
  }
}
