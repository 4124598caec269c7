import { isSpecType } from '@modelcontextprotocol/client'
import type { RawResult } from '../tool.ts'

/**
 * A result of a tool whose content any client can read. One block that is not of MCP would cost its caller the whole result:
 * what stands in it comes as text. Images are looked at later, by what their bytes are.
 *
 * @returns With what was wrong, if something was.
 */
export function withReadableContent(received: RawResult): { result: RawResult; fault?: string } {
  const { content } = received
  if (Array.isArray(content)) {
    const wrong = content.findIndex((block) => !isReadable(block))
    if (wrong === -1) return { result: received }
    const fault = `content[${wrong}] is no block of content as MCP knows it: it comes as text`
    return { result: { ...received, content: content.map((block) => (isReadable(block) ? block : asText(block))) }, fault }
  }
  if (content === undefined || content === null) return { result: { ...received, content: [] } }
  return { result: { ...received, content: [isReadable(content) ? content : asText(content)] }, fault: 'content is no list' }
}

function isReadable(block: unknown): boolean {
  return isSpecType.ContentBlock(block) || (typeof block === 'object' && block !== null && 'type' in block && block.type === 'image')
}

function asText(value: unknown) {
  return { type: 'text', text: typeof value === 'string' ? value : JSON.stringify(value) }
}
