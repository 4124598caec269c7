import type { Message } from '../../models/message.ts'

export interface Operation {
  name?: string
  input?: Record<string, unknown>
  text?: string
  isError?: boolean
}

/** A conversation in which a person asks and an agent makes these calls, each answered before the next. */
export function historyOf(operations: readonly Operation[]): Message[] {
  const messages: Message[] = [{ role: 'user', content: [{ type: 'text', text: 'Mend the build' }] }]
  operations.forEach(({ name = 'bash', input = {}, text = 'done', isError = false }, index) => {
    const id = `call-${index}`
    messages.push(
      { role: 'assistant', content: [{ type: 'tool-call', id, name, input }] },
      { role: 'user', content: [{ type: 'tool-result', id, name, content: [{ type: 'text', text }], isError }] },
    )
  })
  return messages
}
