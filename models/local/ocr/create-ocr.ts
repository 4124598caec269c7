import type { Ocr } from './ocr.ts'
import { createPpOcr } from './ppocr.ts'
import { createTesseract } from './tesseract.ts'

export type OcrKind = 'ppocr' | 'tesseract'

/** Loads nothing before the first picture: packages that are missing are told of by `read`. */
export function createOcr({ kind = 'ppocr', idleMs }: { kind?: OcrKind | undefined; idleMs?: number | undefined } = {}): Ocr {
  return kind === 'ppocr' ? createPpOcr({ idleMs }) : createTesseract({ idleMs })
}
