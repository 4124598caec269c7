import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { InferenceSession } from 'onnxruntime-web'
import { endOfWork, type OnnxRuntime, type ToWorker, type Vectors, type WorkerSettings } from './minilm-protocol.ts'
import type { FromModelThread } from './model-thread.ts'
import { firstThatWorks, type Runtime } from './onnx-runtime.ts'
import { createWordPiece, type WordPiece } from './wordpiece.ts'

interface Model {
  session: InferenceSession
  runtime: Runtime
  tokenizer: WordPiece
  vocabulary: readonly string[]
}

const sentenceOutput = 'sentence_embedding'
/** The last layer's vector of each piece of a word. */
const tokenOutput = 'LayerNormalization_546'

const port = parentPort
if (!port) throw new TypeError('Cannot embed: minilm-worker must run in a worker thread')
const settings = workerData as WorkerSettings
const post = (message: FromModelThread<Vectors>, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)

const model = await load().catch((error: unknown) => {
  post({ type: 'failed', message: messageOf(error) })
  return undefined
})
if (model) {
  port.on('message', (message: ToWorker | typeof endOfWork) => {
    if (message === endOfWork) {
      port.close()
      return
    }
    const { batch, texts, words } = message
    vectorsOf(model, texts, words).then(
      (vectors) =>
        post(
          { type: 'done', unit: batch, result: vectors },
          [vectors.texts, ...(vectors.words ? [vectors.words.vectors] : [])].map(({ buffer }) => buffer as ArrayBuffer),
        ),
      (error: unknown) => post({ type: 'error', unit: batch, message: messageOf(error) }),
    )
  })
}

async function load(): Promise<Model> {
  const modelPath = join(settings.directory, 'model.onnx')
  await checkModel(modelPath)
  const vocabulary = await readVocabulary(join(settings.directory, 'vocab.txt'))
  const tokenizer = createWordPiece(vocabulary)
  const { model, name, skipped } = await firstThatWorks(settings.runtimes, async (runtime, own) => {
    const loaded = { session: await openSession(own, runtime, modelPath), runtime, tokenizer, vocabulary }
    await checkAnswer(loaded)
    return loaded
  })
  if (model !== undefined && name !== undefined) {
    post({ type: 'ready', runtime: name, skipped })
    return model
  }
  const reasons = skipped.map(({ runtime, reason }) => `${runtime}: ${reason}`).join('; ')
  throw new Error(`Cannot run the embedding model: no runtime works (${reasons})`)
}

async function openSession(name: OnnxRuntime, { InferenceSession }: Runtime, modelPath: string): Promise<InferenceSession> {
  if (name === 'onnxruntime-web') {
    return await InferenceSession.create(await readFile(modelPath), { executionProviders: ['wasm'], logSeverityLevel: 3 })
  }
  // By its path: a buffer of the whole file would stay in memory beside the session's own copy.
  return await InferenceSession.create(modelPath, {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // Threads that wait by spinning take the processor from whoever asks, those that sleep at once are slow to come back. Beside one
    // busy process on two cores a query took 7.9 ms with the default, which spins on, 4.6 ms without spinning and 4.1 ms with this;
    // alone it took 2.5, 3.6 and 2.6 ms.
    extra: { session: { intra_op: { spin_duration_us: '20' } } },
  })
}

async function checkModel(path: string): Promise<void> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer)
  requireSum(path, settings.sha256.model, hash.digest('hex'))
}

async function readVocabulary(path: string): Promise<string[]> {
  // A checkout that rewrites line ends changes the bytes of the vocabulary, not its meaning.
  const text = (await readFile(path, 'utf8')).replaceAll('\r\n', '\n')
  requireSum(path, settings.sha256.vocabulary, createHash('sha256').update(text).digest('hex'))
  return text.trimEnd().split('\n')
}

function requireSum(path: string, expected: string, received: string): void {
  if (received !== expected) throw new Error(`Cannot load ${path}: its SHA-256 must be ${expected}, received ${received}`)
}

/** A runtime that loads the file and computes something else is worse than none. */
async function checkAnswer(loaded: Model): Promise<void> {
  const { texts: vector } = await vectorsOf(loaded, ['This is an example sentence'], false)
  const expected = [0.0538, 0.0516, 0.0459, 0.0504, 0.0076]
  if (vector.length !== 384 || expected.some((value, index) => Math.abs((vector[index] ?? 0) - value) > 5e-3)) {
    throw new Error(`the known sentence must give ${expected.join(' ')}, received ${vector.slice(0, 5).join(' ')}`)
  }
}

async function vectorsOf({ session, runtime, tokenizer, vocabulary }: Model, texts: readonly string[], words: boolean): Promise<Vectors> {
  const encoded = texts.map((text) => tokenizer.encode(text))
  const length = encoded.reduce((longest, ids) => Math.max(longest, ids.length), 0)
  const ids = new BigInt64Array(texts.length * length)
  const mask = new BigInt64Array(texts.length * length)
  for (const [row, tokens] of encoded.entries()) {
    for (const [column, id] of tokens.entries()) {
      ids[row * length + column] = BigInt(id)
      mask[row * length + column] = 1n
    }
  }
  const shape = [texts.length, length]
  const output = await session.run(
    { input_ids: new runtime.Tensor('int64', ids, shape), attention_mask: new runtime.Tensor('int64', mask, shape) },
    words ? [sentenceOutput, tokenOutput] : [sentenceOutput],
  )
  // A copy: the runtime may reuse its own memory, and this buffer is handed over to the other thread.
  const vectors = new Float32Array(numbersOf(output, sentenceOutput))
  const found = words ? wordsOf(encoded, numbersOf(output, tokenOutput), { length, vocabulary }) : undefined
  for (const tensor of Object.values(output)) tensor.dispose()
  return { texts: vectors, words: found }
}

function numbersOf(output: InferenceSession.OnnxValueMapType, name: string): Float32Array {
  const data = output[name]?.data
  if (!(data instanceof Float32Array)) throw new Error(`Cannot embed: the model must answer with a float32 "${name}"`)
  return data
}

/** The mean of a word's pieces, at unit length; punctuation is no word. */
function wordsOf(
  encoded: readonly (readonly number[])[],
  tokens: Float32Array,
  { length, vocabulary }: { length: number; vocabulary: readonly string[] },
): NonNullable<Vectors['words']> {
  const width = tokens.length / (encoded.length * length)
  const rows: Float32Array[] = []
  const written = encoded.map((ids, row) => {
    const pieces = ids.map((id) => vocabulary[id] ?? '')
    const found: string[] = []
    for (let start = 1; start < ids.length - 1; ) {
      let end = start + 1
      while (end < ids.length - 1 && pieces[end]?.startsWith('##') === true) end += 1
      const word = pieces.slice(start, end).join('').replaceAll('##', '')
      if (/[\p{L}\p{N}]/u.test(word)) {
        found.push(word)
        rows.push(unitMean(tokens.subarray((row * length + start) * width, (row * length + end) * width), width))
      }
      start = end
    }
    return found
  })
  const vectors = new Float32Array(rows.length * width)
  for (const [at, row] of rows.entries()) vectors.set(row, at * width)
  return { vectors, written }
}

function unitMean(rows: Float32Array, width: number): Float32Array {
  const sum = new Float32Array(width)
  for (let at = 0; at < rows.length; at += 1) sum[at % width] = (sum[at % width] ?? 0) + (rows[at] ?? 0)
  const size = Math.sqrt(sum.reduce((total, value) => total + value * value, 0)) || 1
  return sum.map((value) => value / size)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
