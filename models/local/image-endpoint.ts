import type { ImageEncoder } from '../image-encoder.ts'
import { loadSharp } from '../images/sharp.ts'
import { createEndpointCalls, type EndpointOptions } from './endpoint.ts'

/** How servers want pictures at `/v1/embeddings`: for texts alone they agree. */
export type PictureFormat = 'jina' | 'infinity' | 'vllm'

export interface EndpointImageEncoderOptions extends EndpointOptions {
  format: PictureFormat
}

/**
 * A model for pictures behind an embeddings endpoint: Jina's own and servers that copy it (`{"image": …}`), Infinity (`modality`), vLLM
 * (`messages`, one picture a request).
 *
 * @throws {RangeError} As `createEndpointEmbedder`.
 */
export function createEndpointImageEncoder({ format, ...options }: EndpointImageEncoderOptions): ImageEncoder {
  const calls = createEndpointCalls({ timeoutMs: 5_000, ...options })
  return {
    id: calls.id,

    async encode(pictures, { signal } = {}) {
      const sharp = await loadSharp()
      const files = await Promise.all(
        pictures.map(async ({ width, height, data }) => {
          const png = await sharp(data, { raw: { width, height, channels: 3 } })
            .png()
            .toBuffer()
          return png.toString('base64')
        }),
      )
      const vectors: Float32Array[] = []
      for (const batch of batchesOf(files, format === 'vllm' ? 1 : mostAtOnce)) {
        vectors.push(...(await calls.vectors(fieldsOf(format, batch), batch.length, signal)))
      }
      return vectors
    },

    async close() {
      calls.close()
    },
  }
}

const mostAtOnce = 16

function fieldsOf(format: PictureFormat, files: readonly string[]): Record<string, unknown> {
  const urls = files.map((file) => `data:image/png;base64,${file}`)
  switch (format) {
    case 'jina':
      return { input: files.map((image) => ({ image })) }
    case 'infinity':
      return { input: urls, modality: 'image', encoding_format: 'float' }
    case 'vllm':
      return {
        messages: [{ role: 'user', content: urls.map((url) => ({ type: 'image_url', image_url: { url } })) }],
        encoding_format: 'float',
      }
  }
}

function batchesOf<One>(all: readonly One[], size: number): One[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, at) => all.slice(at * size, (at + 1) * size))
}
