import { mediaTypeOf } from '../../models/images.ts'
import type { ToolResultPart } from '../../models/message.ts'
import type { RawResult } from '../../tools/tool.ts'

type Block = Record<string, unknown>

export function blocksOf(raw: RawResult): Block[] {
  const content = raw['content']
  return Array.isArray(content) ? content.filter((block): block is Block => typeof block === 'object' && block !== null) : []
}

/** What a model reads of a tool's result: text and images; everything else is named in words. */
export function toParts(raw: RawResult): ToolResultPart['content'] {
  const parts = blocksOf(raw).map(toPart)
  if (parts.length > 0) return parts
  return [{ type: 'text', text: raw['structuredContent'] === undefined ? '(no content)' : JSON.stringify(raw['structuredContent']) }]
}

function toPart(block: Block): ToolResultPart['content'][number] {
  switch (block['type']) {
    case 'text':
      return { type: 'text', text: String(block['text'] ?? '') }
    case 'image': {
      const data = String(block['data'] ?? '')
      const mediaType = mediaTypeOf(Buffer.from(data.slice(0, 64), 'base64'))
      return mediaType === undefined
        ? { type: 'text', text: `(an image of type ${String(block['mimeType'])})` }
        : { type: 'image', mediaType, data }
    }
    case 'resource': {
      const resource = (block['resource'] ?? {}) as Block
      if (typeof resource['text'] === 'string') return { type: 'text', text: resource['text'] }
      return { type: 'text', text: `(resource ${String(resource['uri'])}, ${String(resource['mimeType'] ?? 'unknown type')})` }
    }
    case 'resource_link':
      return { type: 'text', text: `(resource ${String(block['uri'])}: ${String(block['name'] ?? '')})` }
    default:
      return { type: 'text', text: `(${String(block['type'])})` }
  }
}
