import type { Message, Part } from '../../models/message.ts'
import type { ModelRequest } from '../../models/provider.ts'
import type { Placeholders } from './placeholders.ts'
import type { Privacy } from './privacy.ts'
import { mapTexts } from './restore.ts'

export interface RedactedRequest {
  readonly request: ModelRequest
  readonly placeholders: Placeholders
}

/**
 * A request with placeholders in its texts: system text, turns, arguments and results of tools.
 *
 * A model's own reasoning goes back as it came, since it was minted over placeholders, and so do the definitions of tools. Pictures and
 * files that an earlier turn still holds are left out where what is not read is not sent.
 */
export async function redactRequest(
  request: ModelRequest,
  privacy: Privacy,
  { keepsImages }: { keepsImages: boolean },
): Promise<RedactedRequest> {
  const texts: string[] = []
  const modelsFrom = new Set<number>()
  const collect = (isModels: boolean) => (text: string) => {
    if (isModels) modelsFrom.add(texts.length)
    texts.push(text)
    return text
  }
  const sends = privacy.guard.on_unscored === 'send'
  const unread = { image: sends || keepsImages, file: sends }
  changed(request, collect, unread)
  const covered = await privacy.cover(texts, { isModels: (index) => modelsFrom.has(index) })
  let at = 0
  const next = () => () => covered.texts[at++] ?? ''
  return { request: changed(request, next, unread), placeholders: covered.placeholders }
}

type Change = (isModels: boolean) => (text: string) => string
type Sent = Readonly<Record<'image' | 'file', boolean>>

/** Each text in a fixed order, whatever is done with it. */
function changed(request: ModelRequest, change: Change, sent: Sent): ModelRequest {
  const system = request.system === undefined ? undefined : change(false)(request.system)
  const messages = request.messages.map((message): Message => {
    const text = change(message.role === 'assistant')
    return { role: message.role, content: message.content.map((part) => changedPart(part, text, sent)) }
  })
  const sources = request.sources?.map((source) => ({ ...source, text: change(false)(source.text) }))
  return { ...request, system, messages, sources }
}

function changedPart(part: Part, text: (text: string) => string, sent: Sent): Part {
  switch (part.type) {
    case 'text':
      return { ...part, text: text(part.text) }
    case 'tool-call':
      return { ...part, input: mapTexts(part.input, text) as Record<string, unknown> }
    case 'tool-result':
      return {
        ...part,
        content: part.content.map((inner) =>
          inner.type === 'text' ? { ...inner, text: text(inner.text) } : sent.image ? inner : { type: 'text', text: '[an image]' },
        ),
      }
    case 'image':
    case 'image-url':
      return sent.image ? part : { type: 'text', text: '[an image]' }
    case 'file':
      return sent.file ? part : { type: 'text', text: '[a file]' }
    case 'reasoning':
      return part
  }
}
