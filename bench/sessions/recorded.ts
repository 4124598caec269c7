import type { Message, ToolCallPart, ToolResultPart } from '../../models/message.ts'
import { chanceOf } from '../../policies/chance.ts'
import { type Row, read, string } from '../tool-search/data.ts'
import type { Session, SessionStep } from './session.ts'

/**
 * The recorded session of a coding agent: 439 requests with the provider's own counts of tokens.
 *
 * Its results carry no ids of their calls: they answer them in order. The noise of single steps and the questions that stand for
 * its turns are drawn from a seed, since the record has neither.
 */
export function recordedSession(): Session {
  const chance = chanceOf('recorded')
  const steps: SessionStep[] = []
  let incoming: Message[] = []
  let open: ToolCallPart[] = []
  let calls = 0
  let failed = false

  for (const entry of read('coding-agent-sessions/large-session.jsonl.gz')) {
    if (entry['type'] !== 'message') continue
    const text = string(entry['text'] ?? '')
    if (entry['role'] === 'user') {
      incoming.push({ role: 'user', content: [{ type: 'text', text }] })
      continue
    }
    if (entry['role'] === 'toolResult') {
      const call = open.shift()
      const isError = entry['is_error'] === true
      failed ||= isError
      answer(incoming, { type: 'tool-result', id: call?.id ?? '', name: string(entry['tool']), content: [{ type: 'text', text }], isError })
      continue
    }
    const usage = entry['usage'] as Record<'input' | 'output' | 'cache_read' | 'cache_write', number>
    const promptTokens = usage.input + usage.cache_read + usage.cache_write
    if (promptTokens > 0) {
      const opening = incoming.at(-1)?.content.some(({ type }) => type === 'tool-result') !== true
      steps.push({
        at: Number(entry['t_ms']),
        promptTokens,
        outputTokens: usage.output,
        incoming,
        compacted: false,
        trouble: failed ? 'error' : null,
        jitter: Math.sqrt(-2 * Math.log(1 - chance())) * Math.cos(2 * Math.PI * chance()),
        draw: opening ? chance() : null,
      })
      incoming = []
      failed = false
    }
    open = ((entry['tool_calls'] ?? []) as Row[]).map((call) => {
      calls += 1
      return { type: 'tool-call', id: `call-${calls}`, name: string(call['name']), input: { arguments: string(call['arguments']) } }
    })
    if (text !== '' || open.length > 0) {
      const said = text === '' ? [] : [{ type: 'text' as const, text }]
      incoming.push({ role: 'assistant', content: [...said, ...open] })
    }
  }
  return { id: 'recorded', kind: 'recorded', model: 'claude-sonnet-4-5', headTokens: 1687, steps }
}

/** Results that come together travel in one message. */
function answer(incoming: Message[], result: ToolResultPart): void {
  const last = incoming.at(-1)
  if (last?.role === 'user' && last.content.every(({ type }) => type === 'tool-result')) last.content.push(result)
  else incoming.push({ role: 'user', content: [result] })
}
