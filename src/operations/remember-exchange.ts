import type { NewTurn, Threads } from '../../memory/index.ts'
import type { Message, Part } from '../../models/message.ts'

/** The trust of what a message holds: what tools and screens said is `external`, the caller's own words are `known`. */
function trustOf(content: readonly Part[], tainted: boolean): NewTurn['trust'] {
  return tainted || content.some((part) => part.type === 'tool-result') ? 'external' : 'known'
}

/**
 * Remembers one exchange in its thread, in one durable write: what the caller newly said, and all that was answered.
 *
 * Of a history that the caller sent along, only what follows its last answer is new.
 */
export async function rememberExchange(
  threads: Threads,
  {
    principal,
    thread,
    asked,
    answered,
    model,
    decision,
  }: {
    principal: string
    thread: string
    asked: readonly Message[]
    answered: readonly Message[]
    model: string
    decision: string
  },
): Promise<void> {
  const from = asked.findLastIndex((message) => message.role === 'assistant') + 1
  let tainted = false
  const turns = [...asked.slice(from), ...answered].map((message): NewTurn => {
    const trust = trustOf(message.content, tainted)
    tainted ||= trust === 'external'
    const said = message.role === 'assistant' ? { model, decision } : {}
    return { role: message.role, content: message.content, trust, ...said }
  })
  await threads.append(principal, thread, turns)
}
