import type { OnnxRuntime } from '../minilm-protocol.ts'
import type { FromModelThread } from '../model-thread.ts'

export interface OcrWorkerSettings {
  readonly runtimes: readonly OnnxRuntime[]
  readonly threads: number
}

/** A picture to read, its pixels handed over. `left` and `top` say where in the whole picture it lies. */
export interface ToRead {
  readonly job: number
  readonly width: number
  readonly height: number
  readonly data: Uint8Array
}

export type ToOcrWorker = ({ type: 'read' } & ToRead) | { type: 'cancel'; job: number } | { type: 'end' }

/** Of a line: the box and, for each UTF-16 unit of its text, the middle of its character. */
export interface ReadLine {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
  readonly text: string
  readonly confidence: number
  readonly centres: readonly number[]
}

export type FromOcrWorker = FromModelThread<ReadLine[]>
