import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { EmbedderError } from '../../models/errors.ts'
import type { Images } from '../../models/images.ts'
import { createEndpointImageEncoder, createOnnxImageEncoder } from '../../models/local/index.ts'
import { createTargetPictures, type KnownPicture, type TargetPictures } from '../../tools/computer/guard/target-knowledge.ts'
import type { PicturesConfig } from '../config/config.ts'

/** What targets of this deployment look like, by the encoder that it names. The files are read at the first question. */
export function knownPictures(images: Images, { encoder, risky, safe, least }: PicturesConfig): TargetPictures {
  const open = async (path: string): Promise<KnownPicture> => {
    const bytes = await readFile(path).catch((cause: unknown) => {
      throw new EmbedderError(`Cannot compare pictures of targets: ${path} must be a file that can be read`, { cause })
    })
    return { name: basename(path), raster: await images.open(bytes) }
  }
  const examples = async () => ({ safe: await Promise.all(safe.map(open)), risky: await Promise.all(risky.map(open)) })
  const own = encoder.kind === 'onnx' ? createOnnxImageEncoder(encoder) : createEndpointImageEncoder(encoder)
  return createTargetPictures(own, examples, { least })
}
