import type { SharpConstructor } from 'sharp'
import { ImageError } from '../errors.ts'

let loading: Promise<SharpConstructor> | undefined

/** At the first image and not before: it costs start-up time and memory that most processes never need. */
export function loadSharp(): Promise<SharpConstructor> {
  loading ??= import('sharp').then(
    ({ default: sharp }) => {
      // Its cache would keep decoded pixels of images that do not come again.
      sharp.cache(false)
      return sharp
    },
    (cause: unknown) => {
      loading = undefined
      throw new ImageError('Cannot take images: the package sharp has no build that runs on this machine', 'decoder', { cause })
    },
  )
  return loading
}
