import type { Message, Part } from '../../models/message.ts'
import { noTaint } from '../../models/taint.ts'
import { createTokenEstimator } from '../../models/tokens.ts'
import { createStep, modeOf, type Step } from '../step.ts'
import type { Given } from './test-file.ts'

const defaultMaxOutputTokens = 4096

/** The step that a test describes, made as a real one is; what the test says of it outright comes last. */
export function givenStep(given: Given): Step {
  const messages = messagesOf(given)
  const toolsOffered = typeof given.tools_offered === 'number' ? given.tools_offered : given.tools_offered.length
  const inputTokens =
    given.input_tokens ?? createTokenEstimator().estimateMessages(messages, undefined, undefined, modeOf(messages, toolsOffered))
  const step = createStep({
    messages,
    inputTokens,
    maxOutputTokens: given.max_output_tokens ?? defaultMaxOutputTokens,
    principal: 'local',
    background: given.kind === 'background',
    client: given.client,
    toolsOffered,
    previousModel: given.previous_model,
    askedPool: given.asked_pool,
    askedModel: given.asked_model,
    roles: given.roles,
    metadata: given.metadata,
    taint: {
      ...noTaint,
      untrustedRead: given.taint.includes('untrusted_read'),
      privateRead: given.taint.includes('private_read'),
      canSend: given.taint.includes('can_send'),
      ...(given.taint.includes('injected_read') && { injectedRead: true as const }),
    },
  })
  return given.kind === undefined ? step : { ...step, kind: given.kind, toolLoop: given.kind === 'continuation' || step.toolLoop }
}

type GivenPart = Exclude<NonNullable<Given['messages']>[number]['content'], string>[number]

function messagesOf(given: Given): Message[] {
  const open: { id: string; name: string }[] = []
  let calls = 0
  const toPart = (one: GivenPart): Part => {
    if ('text' in one && !('result' in one)) return { type: 'text', text: one.text }
    if ('image' in one) return image
    if ('call' in one) {
      calls += 1
      const id = `call_${calls}`
      open.push({ id, name: one.call })
      return { type: 'tool-call', id, name: one.call, input: one.input }
    }
    const index = open.findIndex(({ name }) => name === one.result)
    const id = open.splice(index, index === -1 ? 0 : 1)[0]?.id ?? `call_of_${one.result}`
    return { type: 'tool-result', id, name: one.result, content: [{ type: 'text', text: one.text }], isError: one.error }
  }
  const messages: Message[] = (given.messages ?? [{ role: 'user', content: given.text ?? '' }]).map(({ role, content }) => ({
    role,
    content: typeof content === 'string' ? [{ type: 'text', text: content }] : content.map(toPart),
  }))
  const shown = Array.from({ length: given.images }, () => image)
  const last = messages.at(-1)
  if (last?.role === 'user') last.content.push(...shown)
  else if (shown.length > 0) messages.push({ role: 'user', content: shown })
  return messages
}

const image = { type: 'image', mediaType: 'image/png', data: '' } as const
