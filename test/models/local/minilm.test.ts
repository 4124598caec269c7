import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { EmbedderError } from '../../../models/errors.ts'
import { createMiniLM, createOnnxImageEncoder, type MiniLMEmbedder, type MiniLMOptions } from '../../../models/local/index.ts'
import { embedderContract } from '../../contract/embedder.ts'
import { meanColourModel } from '../../support/mean-colour-onnx.ts'

const supportUrl = (name: string) => new URL(`../../support/embedding/${name}`, import.meta.url)
const packaged = fileURLToPath(new URL('../../../models/local/minilm/', import.meta.url))

const created: MiniLMEmbedder[] = []
const create = (options: MiniLMOptions = {}) => {
  const embedder = createMiniLM(options)
  created.push(embedder)
  return embedder
}
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-embedder-'))
})
afterAll(async () => {
  await Promise.all(created.map((embedder) => embedder.close()))
  await rm(folder, { recursive: true, force: true })
})

const cosine = (a: Float32Array | undefined, b: Float32Array | undefined) =>
  a && b ? a.reduce((sum, value, index) => sum + value * (b[index] ?? Number.NaN), 0) : Number.NaN

embedderContract('createMiniLM()', async () => ({ embedder: createMiniLM() }))

// The published numbers are those of onnxruntime-node, which multiplies activations in 8 bits; onnxruntime-web keeps them as floats.
describe.each([
  ['onnxruntime-node', 1e-3],
  ['onnxruntime-web', 5e-3],
] as const)('the shipped model on %s', (runtime, tolerance) => {
  const embedder = create({ runtimes: [runtime] })

  test.each([
    ['This is an example sentence', [0.0538, 0.0516, 0.0459, 0.0504, 0.0076]],
    ['Each sentence is converted', [0.0841, 0.1041, -0.0063, -0.0093, -0.0201]],
    ['list open pull requests', [-0.013, -0.0331, -0.0283, 0.0172, 0.0475]],
    ['weather in Paris', [0.0273, 0.0006, 0.1098, -0.0189, 0.0562]],
  ])('embed(%j) starts as published', async (text, start) => {
    const [vector] = await embedder.embed([text])

    expect(vector).toHaveLength(384)
    for (const [index, value] of start.entries()) expect(Math.abs((vector?.[index] ?? 9) - value)).toBeLessThan(tolerance)
  })

  test.each([
    ['This is an example sentence', 'Each sentence is converted', 0.402],
    ['list open pull requests', 'show pending merge requests', 0.408],
    ['list open pull requests', 'read the contents of a file on disk', 0.054],
    ['read the contents of a file on disk', 'open a document and show me the text', 0.377],
  ])('%j and %j are as near as published', async (one, other, near) => {
    const [a, b] = await embedder.embed([one, other])

    expect(Math.abs(cosine(a, b) - near)).toBeLessThan(tolerance)
  })

  test('embedWords() gives each word of a text a unit vector of what it means there, and none to punctuation', async () => {
    const [river, money, stream, none] = await embedder.embedWords([
      'They sat on the bank of the river.',
      'The bank lends £9, getFileContents!',
      'The bank of the stream was muddy.',
      '?!',
    ])

    expect(river?.words).toEqual(['they', 'sat', 'on', 'the', 'bank', 'of', 'the', 'river'])
    expect(money?.words).toEqual(['the', 'bank', 'lends', '9', 'getfilecontents'])
    expect(none).toEqual({ words: [], vectors: [] })
    expect(money?.vectors.every((vector) => Math.abs(cosine(vector, vector) - 1) < 1e-4)).toBe(true)
    expect(cosine(river?.vectors[4], stream?.vectors[1])).toBeGreaterThan(cosine(river?.vectors[4], money?.vectors[1]) + 0.05)
  })

  test('`runtime` names it', async () => {
    await embedder.embed(['text'])

    expect(embedder.runtime).toBe(runtime)
    expect(embedder.skipped).toEqual([])
  })

  test('prints nothing on stdout, keeps nothing for others at home, and an idle worker lets the process end', async () => {
    const flags = process.features.typescript ? [] : ['--experimental-strip-types', '--no-warnings']
    const program = fileURLToPath(supportUrl('embed-and-end.ts'))

    const home = await mkdtemp(join(folder, 'home-'))
    const env = { ...process.env, HOME: home, USERPROFILE: home, XDG_CACHE_HOME: home, ORT_DISABLE_TELEMETRY: '' }

    const { stdout, stderr } = await promisify(execFile)(process.execPath, [...flags, program, runtime], { env })

    expect(stdout).toBe('')
    // ONNX Runtime collects there what it would send to its maker.
    expect(await readdir(home)).toEqual([])
    expect(stderr).toContain(`${runtime} 384`)
  })
})

test('both runtimes give vectors that can be compared, so one id stands for both', async () => {
  const [native, web] = [create({ runtimes: ['onnxruntime-node'] }), create({ runtimes: ['onnxruntime-web'] })]
  const texts = ['list open pull requests', 'a longer text about files, folders and what is in them', '日本語 text', 'don’t']

  const [a, b] = await Promise.all([native.embed(texts), web.embed(texts)])

  for (const index of texts.keys()) expect(cosine(a[index], b[index])).toBeGreaterThan(0.999)
  expect(native.id).toBe(web.id)
  expect(native.id).toContain('a55fc2feb43d')
})

describe('embed()', () => {
  const embedder = create()

  test('gives each text the vector that it has alone, whatever it is batched with', async () => {
    const texts = Array.from({ length: 70 }, (_, index) => `number ${index} ${'of many words '.repeat((index * 7) % 23)}`)

    const [all, alone] = [await embedder.embed(texts), await embedder.embed([texts[41] ?? ''])]

    expect(cosine(all[41], alone[0])).toBeGreaterThan(0.99999)
  })

  test('lets a query pass a running re-index', async () => {
    const order: string[] = []
    const texts = Array.from({ length: 400 }, (_, index) => `a text that is indexed, number ${index}`)

    const index = embedder.embed(texts, { priority: 'index' }).then(() => order.push('index'))
    const query = embedder.embed(['a question'], { priority: 'query' }).then(() => order.push('query'))
    await Promise.all([index, query])

    expect(order).toEqual(['query', 'index'])
  })

  test('gives a call the rest of the queue after one that was aborted', async () => {
    const controller = new AbortController()
    const texts = Array.from({ length: 2000 }, (_, index) => `a long job, number ${index}`)
    const reason = new Error('The caller left')

    const aborted = embedder.embed(texts, { signal: controller.signal })
    const next = embedder.embed(['after it'])
    controller.abort(reason)

    await expect(aborted).rejects.toBe(reason)
    await expect(next).resolves.toHaveLength(1)
  })

  test('does not stop the event loop', async () => {
    let turns = 0
    const timer = setInterval(() => {
      turns += 1
    }, 1)

    await embedder.embed(Array.from({ length: 100 }, (_, index) => `work ${index} ${'word '.repeat(50)}`))
    clearInterval(timer)

    expect(turns).toBeGreaterThan(10)
  })
})

describe('the fallback', () => {
  test('goes on to onnxruntime-web where onnxruntime-node is missing, with the same file, and says why', async () => {
    const embedder = create({ workerUrl: supportUrl('worker-without-native.ts') })

    const [vector] = await embedder.embed(['This is an example sentence'])

    expect(Math.abs((vector?.[0] ?? 9) - 0.0538)).toBeLessThan(5e-3)
    expect(embedder.runtime).toBe('onnxruntime-web')
    expect(embedder.skipped).toEqual([{ runtime: 'onnxruntime-node', reason: 'Cannot find package onnxruntime-node' }])
  })

  test('ends with an error that names each runtime and its reason', async () => {
    const embedder = create({ workerUrl: supportUrl('worker-without-native.ts'), runtimes: ['onnxruntime-node'] })

    const attempt = embedder.embed(['text'])

    await expect(attempt).rejects.toBeInstanceOf(EmbedderError)
    await expect(attempt).rejects.toThrow(/no runtime works \(onnxruntime-node: Cannot find package/)
    expect(embedder.runtime).toBeUndefined()
  })
})

describe('the files', () => {
  test.each(['model.onnx', 'vocab.txt'])('a changed %s is refused with both sums, on every call', async (name) => {
    const directory = await mkdtemp(join(folder, 'changed-'))
    await Promise.all(['model.onnx', 'vocab.txt'].map((file) => copyFile(join(packaged, file), join(directory, file))))
    const content = await readFile(join(directory, name))
    content[1000] = (content[1000] ?? 0) ^ 1
    await writeFile(join(directory, name), content)
    const embedder = create({ directory })

    const first = await embedder.embed(['text']).catch((error: unknown) => error)
    const second = await embedder.embed(['text']).catch((error: unknown) => error)

    expect(first).toBeInstanceOf(EmbedderError)
    expect((first as Error).message).toMatch(new RegExp(`${name}: its SHA-256 must be [0-9a-f]{64}, received [0-9a-f]{64}`))
    expect(second).toBe(first)
  })

  test('a vocabulary with the line ends of Windows is the same vocabulary', async () => {
    const directory = await mkdtemp(join(folder, 'windows-'))
    await copyFile(join(packaged, 'model.onnx'), join(directory, 'model.onnx'))
    const text = await readFile(join(packaged, 'vocab.txt'), 'utf8')
    await writeFile(join(directory, 'vocab.txt'), text.replaceAll('\n', '\r\n'))

    const [vector] = await create({ directory }).embed(['This is an example sentence'])

    expect(Math.abs((vector?.[0] ?? 9) - 0.0538)).toBeLessThan(1e-3)
  })

  test('a missing folder is an EmbedderError that names the file', async () => {
    await expect(create({ directory: join(folder, 'nowhere') }).embed(['text'])).rejects.toThrow(/nowhere.*model\.onnx/)
  })
})

describe('a worker that ends', () => {
  let record: string
  beforeEach(async () => {
    record = join(await mkdtemp(join(folder, 'starts-')), 'starts')
    process.env['EMBEDDER_STARTS'] = record
  })
  afterAll(() => {
    delete process.env['EMBEDDER_STARTS']
  })
  const workerUrl = supportUrl('crashing-worker.ts')
  const starts = async () => (await readFile(record, 'utf8')).split('\n').length - 1

  test('in a batch is started again, and the batch is answered', async () => {
    const embedder = create({ workerUrl })

    await expect(embedder.embed(['crash once', 'and more'])).resolves.toHaveLength(2)
    expect(await starts()).toBe(2)
  })

  test('twice in the same batch fails that batch, and answers the next', async () => {
    const embedder = create({ workerUrl })

    const failing = embedder.embed(['crash always'])
    await expect(failing).rejects.toBeInstanceOf(EmbedderError)
    await expect(failing).rejects.toThrow(/ended twice on it/)
    await expect(embedder.embed(['harmless'])).resolves.toHaveLength(1)
  })

  test('after a while without work comes back with the next text', async () => {
    const embedder = create({ workerUrl, idleMs: 20 })

    await embedder.embed(['one'])
    await new Promise((resolve) => setTimeout(resolve, 300))
    const [vector] = await embedder.embed(['two'])

    expect(vector).toHaveLength(384)
    expect(await starts()).toBe(2)
  })

  test('before it has started is an EmbedderError', async () => {
    const embedder = create({ workerUrl: supportUrl('no-such-worker.ts') })

    await expect(embedder.embed(['text'])).rejects.toThrow(/Cannot start the embedder: .*no-such-worker/)
  })

  test('by close() fails what still waits', async () => {
    const embedder = create()

    const waiting = embedder.embed(['text']).catch((error: unknown) => error)
    await embedder.close()

    expect(await waiting).toMatchObject({ code: 'embedder_unavailable' })
  })

  test('by close() has ended when that resolves', async () => {
    const embedder = create()
    let ended = false
    process.once('worker', (worker) => worker.once('exit', () => (ended = true)))
    await embedder.embed(['text'])

    const waiting = embedder.embed(['another text '.repeat(100)]).catch(() => undefined)
    await embedder.close()

    expect(ended).toBe(true)
    await waiting
  })
})

test.each([0, -1, 1.5])('createMiniLM() refuses %d threads', (threads) => {
  expect(() => createMiniLM({ threads })).toThrow(RangeError)
})

describe('createOnnxImageEncoder()', () => {
  const plain = (...colour: number[]) => ({ width: 40, height: 8, data: Uint8Array.from({ length: 960 }, (_, at) => colour[at % 3] ?? 0) })

  test('gives unit vectors of what the file says, and pads what is not square', async () => {
    const path = join(folder, 'mean.onnx')
    await writeFile(path, meanColourModel())
    const encoder = createOnnxImageEncoder({ path, family: 'siglip', size: 40 })
    try {
      const [red, green] = await encoder.encode([plain(255, 0, 0), plain(0, 255, 0)])

      // A fifth is the picture, the rest is white: (1, .6, .6) of the values from -1 to 1.
      for (const [vector, value] of [
        [red, [1, 0.6, 0.6]],
        [green, [0.6, 1, 0.6]],
      ] as const) {
        expect(vector).toHaveLength(3)
        expect(cosine(vector, vector)).toBeCloseTo(1, 5)
        expect(
          cosine(
            vector,
            Float32Array.from(value, (one) => one / Math.hypot(...value)),
          ),
        ).toBeCloseTo(1, 4)
      }
    } finally {
      await encoder.close()
    }
  })

  test('says of a file that is no model which one and why, each time', async () => {
    const path = join(folder, 'broken.onnx')
    await writeFile(path, 'no model')
    const encoder = createOnnxImageEncoder({ path, family: 'clip', size: 32 })

    for (const _ of [1, 2]) {
      const failure = await encoder.encode([plain(1, 2, 3)]).catch((error: unknown) => error)
      expect(failure).toBeInstanceOf(EmbedderError)
      expect(String(failure)).toContain(`Cannot start the image encoder with ${path}: no runtime can use it`)
    }
    await encoder.close()
  })
})
