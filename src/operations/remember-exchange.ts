import type { NewTurn, Threads } from '../../memory/index.ts'
import type { Message } from '../../models/message.ts'

/**
 * Remembers one exchange in its thread, in one durable write: what the caller newly said, and all that was answered.
 *
 * Of a history that the caller sent along, only what follows its last answer is new. What a tool or a screen said is
 * `external`, and so is what was answered on it (`tainted`: on what memory added); the caller's own words are `known`.
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
    tainted,
  }: {
    principal: string
    thread: string
    asked: readonly Message[]
    answered: readonly Message[]
    model: string
    decision: string
    tainted: boolean
  },
): Promise<void> {
  const from = asked.findLastIndex((message) => message.role === 'assistant') + 1
  let foreign = tainted || asked.some(holdsResult)
  const turns = [...asked.slice(from), ...answered].map((message): NewTurn => {
    foreign ||= holdsResult(message)
    const { role, content, speaker } = message
    if (role === 'assistant') return { role, content, trust: foreign ? 'external' : 'known', model, decision }
    return { role, content, trust: holdsResult(message) ? 'external' : 'known', ...(speaker !== undefined && { speaker }) }
  })
  await threads.append(principal, thread, turns)
}

function holdsResult({ content }: Message): boolean {
  return content.some((part) => part.type === 'tool-result')
}
