import type { Message } from '../../models/message.ts'
import type { ModelEvent } from '../../models/provider.ts'
import type { Arrival } from '../dispatch/clocks.ts'
import type { Placeholders } from './placeholders.ts'
import { createRestorer, restoreJson, restoreText } from './restore.ts'

export interface RestoringOptions {
  /** Whether arguments of tool calls are restored on the way; else whoever runs a call does it when the call is permitted. */
  readonly calls: boolean
  /** Whether the answer's text is JSON, in which values are written with its escapes. */
  readonly isJson: boolean
}

/**
 * An answer with the values of its placeholders. Of reasoning nothing is restored: its signature is over the placeholders.
 */
export async function* restoring(
  arrivals: AsyncIterable<Arrival>,
  placeholders: Placeholders,
  { calls, isJson }: RestoringOptions,
): AsyncIterable<Arrival> {
  const text = createRestorer(placeholders, { asJson: isJson })
  const inputs = new Map<string, { name: string; restorer: ReturnType<typeof createRestorer> }>()
  let refusal: true | undefined

  const rest = (): ModelEvent[] => {
    const held = text.end()
    return held === '' ? [] : [{ type: 'text-delta', text: held, ...(refusal && { refusal }) }]
  }
  const restored = (event: ModelEvent): ModelEvent[] => {
    switch (event.type) {
      case 'text-delta': {
        const before = event.refusal === refusal ? [] : rest()
        refusal = event.refusal
        return [...before, { ...event, text: text.push(event.text) }]
      }
      case 'tool-call-delta': {
        if (!calls) return [...rest(), event]
        const known = inputs.get(event.id) ?? { name: event.name, restorer: createRestorer(placeholders, { asJson: true }) }
        inputs.set(event.id, known)
        return [...rest(), { ...event, inputText: known.restorer.push(event.inputText) }]
      }
      case 'tool-call': {
        if (!calls) return [...rest(), event]
        const { id, input } = event.call
        const known = inputs.get(id)
        const held = known?.restorer.end() ?? ''
        const last: ModelEvent[] =
          held === '' || known === undefined ? [] : [{ type: 'tool-call-delta', id, name: known.name, inputText: held }]
        return [...rest(), ...last, { type: 'tool-call', call: { ...event.call, input: restoreJson(input, placeholders) } }]
      }
      case 'finish':
        return [...rest(), { ...event, message: restoredMessage(event.message, placeholders, { calls, isJson }) }]
      case 'start':
        return [event]
      default:
        return [...rest(), event]
    }
  }
  for await (const { events } of arrivals) yield { events: events.flatMap(restored), redacted: placeholders.counts() }
}

function restoredMessage({ role, content }: Message, placeholders: Placeholders, { calls, isJson }: RestoringOptions): Message {
  return {
    role,
    content: content.map((part) => {
      if (part.type === 'text') return { ...part, text: restoreText(part.text, placeholders, { asJson: isJson }) }
      return part.type === 'tool-call' && calls ? { ...part, input: restoreJson(part.input, placeholders) } : part
    }),
  }
}
