import { createImages, imageRule, withinSize } from '../../models/images.ts'
import type { ImagePart, Message } from '../../models/message.ts'
import { createFrameStore } from '../../test/support/frame-store.ts'
import type { Frame } from '../../tools/computer/frame.ts'
import { createFrames } from '../../tools/computer/frames.ts'
import { pruneHistory } from '../../tools/computer/history.ts'
import { type Random, seeded } from './random.ts'
import { draw, makeScene, phrase, type Scene } from './scene.ts'

/* What the screenshots of a session of 50 steps cost, beside a loop that sends each as it was taken and keeps them all. */

const steps = 50
const source = { width: 1920, height: 1080 }
/** What a model says and calls in a step, and what a text costs that stands for a screenshot. */
const [textTokens, placeholderTokens] = [150, 30]

interface Vendor {
  readonly name: string
  readonly rule: string
  /** Beside a plain input token: one that is written to the prompt cache, and one that is read from it. */
  readonly write: number
  readonly read: number
}

const vendors: readonly Vendor[] = [
  { name: 'Anthropic, standard', rule: 'anthropic-standard', write: 1.25, read: 0.1 },
  { name: 'Anthropic, high', rule: 'anthropic-high', write: 1.25, read: 0.1 },
  { name: 'OpenAI, original', rule: 'openai-original', write: 1, read: 0.1 },
  { name: 'Gemini 3', rule: 'gemini-3', write: 1, read: 0.1 },
  { name: 'Qwen 3', rule: 'qwen-3', write: 1, read: 0.1 },
]

/** Prints a row a vendor: tokens as if nothing were cached, and what a prompt cache makes of them. */
export async function benchTokens(): Promise<void> {
  const frames = await takeSession(seeded(7))
  const screens = new Set(frames.map(({ sha256 }) => sha256)).size
  console.log(`| image tokens, ${steps} steps, ${screens} different screens of 1920x1080 | as taken | ours | share | goal |`)
  console.log('| --- | --- | --- | --- | --- |')
  for (const vendor of vendors) {
    const taken = imageRule(vendor.rule).fit(source.width, source.height).tokens
    const fitted = withinSize(imageRule(vendor.rule), { width: 1280, height: 800 }).fit(source.width, source.height).tokens
    const [naive, ours, oursAsTaken] = [
      costOf(frames, taken, vendor, false),
      costOf(frames, fitted, vendor, true),
      costOf(frames, taken, vendor, true),
    ]
    row(`${vendor.name}: sent, no cache`, naive.sent, ours.sent)
    row(`${vendor.name}: in plain tokens, with its cache`, naive.weighted, ours.weighted)
    row('- the same, history alone, not made smaller', naive.weighted, oursAsTaken.weighted)
  }
}

function row(name: string, taken: number, ours: number): void {
  console.log(`| ${name} | ${Math.round(taken)} | ${Math.round(ours)} | ${(ours / taken).toFixed(2)} | <= 0.5 |`)
}

interface Item {
  readonly key: string
  readonly image: number
  readonly text: number
}

/**
 * Over all requests of the session: image tokens, and all tokens by what the cache makes of them less the cost of the plain texts. So
 * the texts that stand for images, and those that are written again behind a dropped one, are part of it.
 */
function costOf(frames: readonly Frame[], tokens: number, { write, read }: Vendor, isPruned: boolean): { sent: number; weighted: number } {
  let [sent, weighted] = [0, 0]
  let before: readonly Item[] = []
  for (let length = 1; length <= frames.length; length += 1) {
    const items = itemsOf(frames.slice(0, length), tokens, isPruned)
    const firstNew = items.findIndex((item, index) => item.key !== before[index]?.key)
    for (const [index, { image, text }] of items.entries()) {
      sent += image
      weighted += (image + text) * (index < firstNew ? read : write)
      if (text === textTokens) weighted -= textTokens * (index < items.length - 2 ? read : write)
    }
    before = items
  }
  return { sent, weighted }
}

/** Of each step what was said, then its screenshot or what stands for it. */
function itemsOf(frames: readonly Frame[], tokens: number, isPruned: boolean): Item[] {
  const images = new Map<ImagePart, Frame>()
  const messages = frames.map((frame): Message => {
    const image: ImagePart = { type: 'image', mediaType: 'image/png', data: frame.sha256 }
    images.set(image, frame)
    return { role: 'user', content: [{ type: 'tool-result', id: frame.id, name: 'computer', content: [image], isError: false }] }
  })
  const shown = isPruned ? pruneHistory(messages, { frameOf: (image) => images.get(image) }).messages : messages
  return shown.flatMap(({ content }, index) =>
    content.flatMap((part) => {
      const said: Item = { key: `said ${index}`, image: 0, text: textTokens }
      const result = part.type === 'tool-result' ? part.content[0] : undefined
      if (result?.type !== 'image') return [said, { key: result?.text ?? '', image: 0, text: placeholderTokens }]
      return [said, { key: `image ${index}`, image: tokens, text: 0 }]
    }),
  )
}

/** Pages are opened, filled in and scrolled; now and then nothing happens, and the same screen comes again. */
async function takeSession(random: Random): Promise<Frame[]> {
  const frames = createFrames({ images: createImages(), store: createFrameStore(), maxRasterBytes: 1 })
  const taken: Frame[] = []
  let scene = pageOf(random)
  for (let step = 0; step < steps; step += 1) {
    const { frame } = await frames.take('local', undefined, { bytes: await draw(scene), url: scene.url })
    taken.push(frame)
    const chance = random.next()
    if (chance < 0.3) scene = pageOf(random)
    else if (chance < 0.65) scene = filledIn(scene, random)
    else if (chance < 0.88) scene = { ...scene, shapes: scene.shapes.map((one) => (one.y < 56 ? one : { ...one, y: one.y - 40 })) }
  }
  return taken
}

function pageOf(random: Random): Scene {
  for (;;) {
    const scene = makeScene(random)
    if (scene.width === source.width) return scene
  }
}

function filledIn(scene: Scene, random: Random): Scene {
  const one = random.pick(scene.shapes.filter(({ y, label }) => y >= 56 && label !== ''))
  return { ...scene, shapes: scene.shapes.map((shape) => (shape === one ? { ...one, label: phrase(random, 2) } : shape)) }
}
