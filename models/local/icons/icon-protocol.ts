import type { IconReading } from './icon-reader.ts'

export interface IconWorkerSettings {
  /** Of the file with the weights. */
  readonly path: string
}

export type ToIconWorker = { readonly type: 'read'; readonly unit: number; readonly inks: readonly Uint8Array[] } | { readonly type: 'end' }

/** Nothing for what has no name. */
export type IconAnswer = IconReading | undefined
