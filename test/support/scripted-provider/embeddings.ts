import { createHash } from 'node:crypto'
import type { CreateEmbeddingResponse } from 'openai/resources/embeddings'

const dimensions = 32

/**
 * Answers `POST /v1/embeddings`: hashed words, so that texts that share words are near each other and the same text
 * has the same vector in every run. Source: `CreateEmbeddingResponse` of the `openai` package 7.57.0.
 */
export function embeddings(body: Record<string, unknown>): CreateEmbeddingResponse {
  const input = body['input']
  const texts = Array.isArray(input) ? input.map(String) : [String(input ?? '')]
  return {
    object: 'list',
    model: String(body['model'] ?? ''),
    data: texts.map((text, index) => ({ object: 'embedding', index, embedding: vectorOf(text) })),
    usage: { prompt_tokens: texts.length, total_tokens: texts.length },
  }
}

function vectorOf(text: string): number[] {
  const vector = new Array<number>(dimensions).fill(0)
  for (const word of text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? ['']) {
    const digest = createHash('sha256').update(word).digest()
    const slot = digest.readUInt32LE(0) % dimensions
    vector[slot] = (vector[slot] ?? 0) + (digest.readUInt8(4) % 2 === 0 ? 1 : -1)
  }
  const length = Math.hypot(...vector) || 1
  return vector.map((value) => value / length)
}
