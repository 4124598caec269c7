import { basename, dirname, join } from 'node:path'
import type { TesseractWorker, Word } from 'tesseract.js'
import { OcrError } from '../../errors.ts'
import { crop, pixelsWithin, type Raster } from '../../images/raster.ts'
import { loadSharp } from '../../images/sharp.ts'
import type { Ocr, TextBox } from './ocr.ts'

export interface TesseractOptions {
  /** After this long without a picture the worker ends and its memory is given back. */
  idleMs?: number | undefined
}

/** It was made for paper: at twice the size it reads 97 of 100 words of a screen, as taken 88. */
const enlarged = 2
const leastConfidence = 0.3
/** Words that are this many times their height apart are two pieces of text that happen to stand in one row. */
const widestGap = 1.2
const sparseText = '11'

/**
 * Tesseract compiled to WebAssembly, in English, on a worker thread of its own: no native code, half the memory of PP-OCR. It misses
 * white letters on buttons.
 *
 * Its packages are not dependencies, since they take 60 MB that most never use; who wants it installs them.
 */
export function createTesseract({ idleMs = 5 * 60_000 }: TesseractOptions = {}): Ocr {
  let worker: Promise<TesseractWorker> | undefined
  /** The picture before: one is read at a time. */
  let last: Promise<unknown> = Promise.resolve()
  let closed = false
  let reading = 0
  let idleTimer: NodeJS.Timeout | undefined

  const stop = async () => {
    clearTimeout(idleTimer)
    const stopped = worker
    worker = undefined
    await (await stopped?.catch(() => undefined))?.terminate()
  }

  const rest = () => {
    clearTimeout(idleTimer)
    if (reading > 0 || closed) return
    idleTimer = setTimeout(() => void stop(), idleMs)
    idleTimer.unref()
  }

  const readNow = async (raster: Raster, signal: AbortSignal | undefined): Promise<Word[]> => {
    signal?.throwIfAborted()
    if (closed) throw new OcrError('Cannot read the texts of a picture: the text reader is closed')
    worker ??= start()
    worker.catch(() => {
      worker = undefined
    })
    const loaded = await worker
    signal?.throwIfAborted()
    const { data } = await loaded.recognize(await asPng(raster), {}, { blocks: true, text: false }).catch((cause: unknown) => {
      throw new OcrError(`Cannot read the texts of a picture: ${String(cause)}`, { cause })
    })
    return (data.blocks ?? []).flatMap(({ paragraphs }) => paragraphs.flatMap(({ lines }) => lines.flatMap(({ words }) => words)))
  }

  return {
    id: 'tesseract',

    async read(raster, { within, signal } = {}) {
      signal?.throwIfAborted()
      if (closed) throw new OcrError('Cannot read the texts of a picture: the text reader is closed')
      const part = pixelsWithin(raster, within ?? { left: 0, top: 0, right: raster.width, bottom: raster.height })
      if (part.right - part.left < 3 || part.bottom - part.top < 3) return []

      reading += 1
      const words = last.then(() => readNow(crop(raster, part), signal))
      last = words
        .catch(() => undefined)
        .finally(() => {
          reading -= 1
          rest()
        })
      return linesOf(await untilAborted(words, signal), part)
    },

    async close() {
      closed = true
      await last
      await stop()
    },
  }
}

async function start(): Promise<TesseractWorker> {
  try {
    const { default: tesseract } = await import('tesseract.js')
    const { default: data } = await import('@tesseract.js-data/eng')
    // Beside the folder that the package names lies the one whose weights are integers: faster, and no worse on screens.
    const langPath = join(dirname(data.langPath), `${basename(data.langPath)}_best_int`)
    const worker = await tesseract.createWorker('eng', 1, { langPath, cacheMethod: 'none', gzip: true, errorHandler: () => {} })
    // Without a resolution the engine guesses one, and says so on a stream that is not ours to write on.
    await worker.setParameters({ tessedit_pageseg_mode: sparseText, user_defined_dpi: '150' })
    return worker
  } catch (cause) {
    throw new OcrError(
      `Cannot read the texts of a picture: the packages tesseract.js and @tesseract.js-data/eng must be installed (npm install tesseract.js@7.0.0 @tesseract.js-data/eng@1.0.0): ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    )
  }
}

async function asPng({ width, height, data }: Raster): Promise<Uint8Array> {
  const sharp = await loadSharp()
  const whole = sharp(data, { raw: { width, height, channels: 3 } })
  return await whole
    .resize(width * enlarged, height * enlarged, { kernel: 'cubic' })
    .png({ compressionLevel: 1 })
    .toBuffer()
}

/** The engine cannot be stopped in the middle; whoever waits for it can. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return await work
  let abort = () => {}
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', abort)
  }
}

/** Words that stand together, as one box. */
function linesOf(words: readonly Word[], { left: offsetX, top: offsetY }: { left: number; top: number }): TextBox[] {
  const lines: { words: Word[]; last: Word }[] = []
  for (const word of words) {
    if (word.confidence < leastConfidence * 100 || word.text.trim() === '') continue
    const current = lines.at(-1)
    const height = word.bbox.y1 - word.bbox.y0
    const previous = current?.last.bbox
    const gap = previous ? word.bbox.x0 - previous.x1 : Number.POSITIVE_INFINITY
    const shared = previous ? Math.min(previous.y1, word.bbox.y1) - Math.max(previous.y0, word.bbox.y0) : 0
    if (current && shared > 0 && gap >= -height && gap <= widestGap * Math.max(height, (previous?.y1 ?? 0) - (previous?.y0 ?? 0))) {
      current.words.push(word)
      current.last = word
    } else lines.push({ words: [word], last: word })
  }
  return lines
    .map(({ words: parts }) => ({
      left: offsetX + Math.min(...parts.map(({ bbox }) => bbox.x0)) / enlarged,
      top: offsetY + Math.min(...parts.map(({ bbox }) => bbox.y0)) / enlarged,
      right: offsetX + Math.max(...parts.map(({ bbox }) => bbox.x1)) / enlarged,
      bottom: offsetY + Math.max(...parts.map(({ bbox }) => bbox.y1)) / enlarged,
      text: parts.map(({ text }) => text).join(' '),
      confidence: parts.reduce((sum, { confidence }) => sum + confidence, 0) / parts.length / 100,
      centres: parts.flatMap((word, index) => {
        const own = centresOf(word).map((centre) => offsetX + centre / enlarged)
        return index === 0 ? own : [offsetX + word.bbox.x0 / enlarged, ...own]
      }),
    }))
    .toSorted((a, b) => a.top - b.top || a.left - b.left)
}

/** Of each unit of the text; by the engine's own boxes of letters where they fit to it. */
function centresOf({ text, bbox, symbols = [] }: Word): number[] {
  const own = symbols.flatMap((symbol) => Array.from({ length: symbol.text.length }, () => (symbol.bbox.x0 + symbol.bbox.x1) / 2))
  if (own.length === text.length) return own
  return Array.from({ length: text.length }, (_, index) => bbox.x0 + ((index + 0.5) / text.length) * (bbox.x1 - bbox.x0))
}
