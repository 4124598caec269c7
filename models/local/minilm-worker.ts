import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import type { InferenceSession, Tensor } from 'onnxruntime-web'
import type { FromWorker, ToWorker, WorkerSettings } from './minilm-protocol.ts'
import { createWordPiece, type WordPiece } from './wordpiece.ts'

// Both packages share the interface of onnxruntime-common; only these parts are used.
interface Runtime {
  InferenceSession: typeof InferenceSession
  Tensor: typeof Tensor
}

interface Model {
  session: InferenceSession
  runtime: Runtime
  tokenizer: WordPiece
}

const port = parentPort
if (!port) throw new TypeError('Cannot embed: minilm-worker must run in a worker thread')
const settings = workerData as WorkerSettings
const post = (message: FromWorker, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer)

const model = await load().catch((error: unknown) => {
  post({ type: 'failed', message: messageOf(error) })
  return undefined
})
if (model) {
  port.on('message', ({ batch, texts }: ToWorker) => {
    vectorsOf(model, texts).then(
      (vectors) => post({ type: 'vectors', batch, vectors }, [vectors.buffer as ArrayBuffer]),
      (error: unknown) => post({ type: 'error', batch, message: messageOf(error) }),
    )
  })
}

async function load(): Promise<Model> {
  const file = readChecked('model.onnx', settings.sha256.model)
  const vocabulary = readChecked('vocab.txt', settings.sha256.vocabulary).toString('utf8').trimEnd().split(/\r?\n/)
  const tokenizer = createWordPiece(vocabulary)
  const skipped: { runtime: string; reason: string }[] = []
  for (const name of settings.runtimes) {
    try {
      const runtime = await importRuntime(name)
      const session = await runtime.InferenceSession.create(file, {
        executionProviders: [name === 'onnxruntime-node' ? 'cpu' : 'wasm'],
        executionMode: 'sequential',
        graphOptimizationLevel: 'all',
        intraOpNumThreads: settings.threads,
        interOpNumThreads: 1,
        logSeverityLevel: 3,
      })
      const loaded = { session, runtime, tokenizer }
      await checkAnswer(loaded)
      post({ type: 'ready', runtime: name, skipped })
      return loaded
    } catch (error) {
      skipped.push({ runtime: name, reason: messageOf(error) })
    }
  }
  const reasons = skipped.map(({ runtime, reason }) => `${runtime}: ${reason}`).join('; ')
  throw new Error(`Cannot run the embedding model: no runtime works (${reasons})`)
}

async function importRuntime(name: WorkerSettings['runtimes'][number]): Promise<Runtime> {
  if (name === 'onnxruntime-node') {
    const module = await import('onnxruntime-node')
    return (module.default ?? module) as Runtime
  }
  const module = await import('onnxruntime-web')
  module.env.wasm.numThreads = 1
  module.env.logLevel = 'error'
  return module
}

function readChecked(name: string, expected: string): Buffer {
  const path = join(settings.directory, name)
  const content = readFileSync(path)
  // A checkout that rewrites line ends changes the vocabulary's bytes, not its meaning.
  const received = sha256(content)
  if (received !== expected && sha256(Buffer.from(content.toString('latin1').replaceAll('\r\n', '\n'), 'latin1')) !== expected) {
    throw new Error(`Cannot load ${path}: its SHA-256 must be ${expected}, received ${received}`)
  }
  return content
}

function sha256(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex')
}

/** A runtime that loads the file and computes something else is worse than none. */
async function checkAnswer(loaded: Model): Promise<void> {
  const vector = await vectorsOf(loaded, ['This is an example sentence'])
  const expected = [0.0538, 0.0516, 0.0459, 0.0504, 0.0076]
  if (vector.length !== 384 || expected.some((value, index) => Math.abs((vector[index] ?? 0) - value) > 5e-3)) {
    throw new Error(`the known sentence must give ${expected.join(' ')}, received ${vector.slice(0, 5).join(' ')}`)
  }
}

async function vectorsOf({ session, runtime, tokenizer }: Model, texts: readonly string[]): Promise<Float32Array> {
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
  const output = await session.run({
    input_ids: new runtime.Tensor('int64', ids, shape),
    attention_mask: new runtime.Tensor('int64', mask, shape),
  })
  const tensor = output['sentence_embedding']
  if (!tensor || !(tensor.data instanceof Float32Array)) {
    throw new Error('Cannot embed: the model must answer with a float32 "sentence_embedding"')
  }
  // A copy: the runtime may reuse its own memory, and this buffer is handed over to the other thread.
  const vectors = new Float32Array(tensor.data)
  tensor.dispose()
  return vectors
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
