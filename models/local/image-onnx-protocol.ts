import type { Raster } from '../images/raster.ts'
import type { OnnxRuntime } from './minilm-protocol.ts'

/** How a family of models wants the values of pixels. */
export type PictureModel = 'clip' | 'siglip'

export interface EncoderSettings {
  readonly path: string
  readonly family: PictureModel
  readonly runtimes: readonly OnnxRuntime[]
  readonly threads: number
}

/** One picture, already square. */
export type ToEncoder = ({ readonly type: 'encode'; readonly unit: number } & Raster) | { readonly type: 'end' }
