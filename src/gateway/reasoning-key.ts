import type { ClientFormatName } from '../../models/wire/client-format.ts'

/** What tells one piece of reasoning from others on the wire. */
export interface ReasoningMark {
  /**
   * `seal` is a word of ours. `content` is what the vendor signed or encrypted, and `text` stands in where it signs nothing. `id`
   * names an item that may lie at the vendor.
   */
  readonly by: 'seal' | 'content' | 'text' | 'id'
  readonly value: string
}

export const sealPrefix = 'sbx1_'

/** Strongest first; none for what is no reasoning of a format that is known here. */
export function marksOf(raw: unknown): ReasoningMark[] {
  if (typeof raw !== 'object' || raw === null) return []
  const { type, signature, thinking, data, encrypted_content, id, field, text, value, callId, extra } = raw as Record<string, unknown>
  if (type === 'thinking') return [...content(signature), ...plain(thinking)].slice(0, 1)
  if (type === 'redacted_thinking') return content(data)
  if (type === 'reasoning') return [...content(encrypted_content), ...(isText(id) ? [{ by: 'id' as const, value: id }] : [])]
  if (field === 'reasoning_details') return [...detailsOf(value).slice(0, 1), ...plain(text)]
  if (isText(field)) return plain(text)
  if (isText(callId) && extra !== undefined) return [{ by: 'content', value: JSON.stringify(extra) }]
  return []
}

/** The format that a piece of reasoning is written in. */
export function formatOf(raw: unknown): ClientFormatName | undefined {
  if (typeof raw !== 'object' || raw === null) return undefined
  if ('type' in raw && (raw.type === 'thinking' || raw.type === 'redacted_thinking')) return 'anthropic-messages'
  if ('type' in raw && raw.type === 'reasoning') return 'openai-responses'
  return 'field' in raw || 'callId' in raw ? 'openai-chat' : undefined
}

/** OpenRouter's list: signed or encrypted parts tell more than plain ones, which clients give back in pieces or joined. */
function detailsOf(value: unknown): ReasoningMark[] {
  const details: Record<string, unknown>[] = Array.isArray(value) ? value.filter((one) => typeof one === 'object' && one !== null) : []
  const sealed = details.flatMap(({ signature, data }) => [...content(signature), ...content(data)])
  return [...sealed, ...plain(details.flatMap(({ text, summary }) => [text, summary].filter(isText)).join(''))]
}

function content(value: unknown): ReasoningMark[] {
  return isText(value) ? [{ by: value.startsWith(sealPrefix) ? 'seal' : 'content', value }] : []
}

function plain(value: unknown): ReasoningMark[] {
  return isText(value) ? [{ by: 'text', value }] : []
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== ''
}
