import { readFile } from 'node:fs/promises'
import { parentPort, workerData } from 'node:worker_threads'
import type { InferenceSession } from 'onnxruntime-web'
import type { Raster } from '../images/raster.ts'
import type { EncoderSettings, PictureModel, ToEncoder } from './image-onnx-protocol.ts'
import type { FromModelThread } from './model-thread.ts'
import { firstThatWorks, type Runtime } from './onnx-runtime.ts'

interface Model {
  readonly runtime: Runtime
  readonly session: InferenceSession
}

const port = parentPort
if (!port) throw new TypeError('Cannot encode a picture: image-onnx-worker must run in a worker thread')
const settings = workerData as EncoderSettings
const post = (message: FromModelThread<Float32Array>) => port.postMessage(message)

const model = await load().catch((error: unknown) => {
  post({ type: 'failed', message: messageOf(error) })
  return undefined
})
if (model) {
  port.on('message', (message: ToEncoder) => {
    if (message.type === 'end') {
      port.close()
      return
    }
    const { unit } = message
    vectorOf(model, message).then(
      (result) => post({ type: 'done', unit, result }),
      (error: unknown) => post({ type: 'error', unit, message: messageOf(error) }),
    )
  })
}

async function load(): Promise<Model> {
  const file = await readFile(settings.path)
  const { model, name, skipped } = await firstThatWorks(settings.runtimes, async (runtime, own) => ({
    runtime,
    session: await runtime.InferenceSession.create(file, {
      executionProviders: [own === 'onnxruntime-web' ? 'wasm' : 'cpu'],
      intraOpNumThreads: settings.threads,
      interOpNumThreads: 1,
      logSeverityLevel: 3,
    }),
  }))
  if (model === undefined || name === undefined) {
    throw new Error(`no runtime can use it (${skipped.map(({ runtime, reason }) => `${runtime}: ${reason}`).join('; ')})`)
  }
  post({ type: 'ready', runtime: name, skipped })
  return model
}

/** Of the names that exports of these models have for the vector of a whole picture, the first that is there. */
const outputs = ['image_embeds', 'image_embedding', 'pooler_output', 'embeddings']

async function vectorOf({ runtime, session }: Model, picture: Raster): Promise<Float32Array> {
  const [input] = session.inputNames
  if (input === undefined) throw new Error('it must take a picture')
  const pixels = new runtime.Tensor('float32', valuesOf(picture, settings.family), [1, 3, picture.height, picture.width])
  const answer = await session.run({ [input]: pixels })
  const name = outputs.find((one) => answer[one] !== undefined) ?? session.outputNames.find((one) => answer[one]?.dims.length === 2)
  const { data, dims } = (name === undefined ? undefined : answer[name]) ?? {}
  if (!(data instanceof Float32Array) || dims?.[0] !== 1 || dims.length !== 2) {
    throw new Error(`it must answer with one vector of float32 (${outputs.join(', ')}), received ${session.outputNames.join(', ')}`)
  }
  const length = Math.hypot(...data)
  if (!(length > 0) || !Number.isFinite(length)) throw new Error('its vector must have finite numbers that are not all zero')
  return data.map((value) => value / length)
}

const scales: Readonly<Record<PictureModel, { readonly mean: readonly number[]; readonly deviation: readonly number[] }>> = {
  clip: { mean: [0.48145466, 0.4578275, 0.40821073], deviation: [0.26862954, 0.26130258, 0.27577711] },
  siglip: { mean: [0.5, 0.5, 0.5], deviation: [0.5, 0.5, 0.5] },
}

/** One plane a colour. */
function valuesOf({ width, height, data }: Raster, family: PictureModel): Float32Array {
  const plane = width * height
  const { mean, deviation } = scales[family]
  return Float32Array.from({ length: 3 * plane }, (_, at) => {
    const channel = Math.floor(at / plane)
    return ((data[(at % plane) * 3 + channel] ?? 0) / 255 - (mean[channel] ?? 0)) / (deviation[channel] ?? 1)
  })
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
