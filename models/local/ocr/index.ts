export { createOcr, type OcrKind } from './create-ocr.ts'
export type { Ocr, TextBox } from './ocr.ts'
export { createPpOcr, type PpOcr, type PpOcrOptions } from './ppocr.ts'
