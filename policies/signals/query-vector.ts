import type { Embedder } from '../../models/embedder.ts'
import type { ReadContext, SignalSurroundings } from './signal.ts'

/** Of a longer text so many words are read, half of them from its end: reading takes time by the word. */
const maxWords = 64
const keptTexts = 256

const keptOf = new WeakMap<Embedder, Map<string, Promise<Float32Array>>>()

/**
 * The vector of a step's text, made once however many signals ask for it: those of one step share it, and so do the continuations
 * of a loop, whose text is still what the person said last. The last 256 texts are kept for each embedder.
 *
 * @throws {RangeError} If the text is empty.
 */
export async function queryVector(text: string, embedder: Embedder, { signal }: Pick<ReadContext, 'signal'>): Promise<Float32Array> {
  const read = excerptOf(text)
  const kept = keptOf.get(embedder) ?? new Map<string, Promise<Float32Array>>()
  keptOf.set(embedder, kept)
  // Without the caller's own signal: others wait for the same vector.
  const vector = kept.get(read) ?? embedder.embed([read], { priority: 'query' }).then(([only]) => only as Float32Array)
  kept.delete(read)
  kept.set(read, vector)
  if (kept.size > keptTexts) kept.delete(kept.keys().next().value as string)
  vector.catch(() => {
    if (kept.get(read) === vector) kept.delete(read)
  })
  return unlessAborted(vector, signal)
}

/** Who leaves does not wait for what others wait for as well. */
async function unlessAborted<T>(made: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  signal?.throwIfAborted()
  if (signal === undefined) return made
  const { promise: aborted, reject } = Promise.withResolvers<never>()
  const leave = () => reject(signal.reason)
  signal.addEventListener('abort', leave, { once: true })
  try {
    return await Promise.race([made, aborted])
  } finally {
    signal.removeEventListener('abort', leave)
  }
}

const keptPieces = 512
const piecesOf = new WeakMap<Embedder, Map<string, Promise<Float32Array>>>()

/** Vectors of sentences, each made once for all signals of a step that look at it: the newest are kept for each embedder. */
export async function pieceVectors(
  texts: readonly string[],
  embedder: Embedder,
  { signal }: Pick<ReadContext, 'signal'>,
): Promise<Float32Array[]> {
  const kept = piecesOf.get(embedder) ?? new Map<string, Promise<Float32Array>>()
  piecesOf.set(embedder, kept)
  const fresh = [...new Set(texts)].filter((text) => !kept.has(text))
  if (fresh.length > 0) {
    // Without the caller's own signal: others wait for the same vectors.
    const made = embedder.embed(fresh, { priority: 'query' })
    for (const [place, text] of fresh.entries()) {
      const vector = made.then((vectors) => vectors[place] as Float32Array)
      kept.set(text, vector)
      vector.catch(() => {
        if (kept.get(text) === vector) kept.delete(text)
      })
    }
  }
  const vectors = Promise.all(texts.map((text) => kept.get(text) as Promise<Float32Array>))
  for (const text of kept.keys()) {
    if (kept.size <= keptPieces) break
    kept.delete(text)
  }
  // Who has left hears nothing of a failure.
  vectors.catch(() => undefined)
  return unlessAborted(vectors, signal)
}

export function embedderOf({ embedder }: Pick<SignalSurroundings, 'embedder'>): Embedder {
  if (embedder === undefined) throw new Error('no embedder is configured')
  return embedder
}

/** So much of a text as one vector is made of: words of its beginning and of its end. */
export function excerptOf(text: string, most = maxWords): string {
  const words = text.split(/\s+/)
  if (words.length <= most) return text
  return [...words.slice(0, most / 2), ...words.slice(-most / 2)].join(' ')
}
