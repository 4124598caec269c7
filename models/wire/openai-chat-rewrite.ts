import { isRecord } from '../providers/failure.ts'
import { idRuleOf, mapIds } from '../providers/tool-ids.ts'
import type { RewriteTarget } from './client-format.ts'
import { adaptChatBody, isChosen } from './openai-adapt.ts'
import type { ChatReasoning } from './openai-chat-request.ts'

type Body = Record<string, unknown>

/**
 * The body for another deployment of Chat Completions: reasoning as the target says, ids of calls that its model takes, and
 * none of the parameters that it would refuse where the client left the choice of a model to us.
 *
 * What stays as it was is the same object. A turn that said nothing but its dropped reasoning goes with it, since servers
 * refuse an empty one.
 */
export function rewriteChatBody(given: Body, target: RewriteTarget): Body {
  const body = isChosen(given, target) ? given : adaptChatBody(given, target.model)
  const { messages } = body
  if (!Array.isArray(messages)) return body
  const toId = mapIds(messages.flatMap(idsOf), idRuleOf(target.model))
  const rewritten = messages.map((message) => (isRecord(message) ? rewriteMessage(message, target, toId) : message))
  if (target.note === undefined && rewritten.every((message, index) => message === messages[index])) return body
  const kept = rewritten.filter((message, index) => message === messages[index] || !isEmptyTurn(message))
  return { ...body, messages: target.note === undefined ? kept : withNote(kept, target.note) }
}

/** Within the last message that is none of the model's: many templates take no system message but the first. */
function withNote(messages: readonly unknown[], note: string): unknown[] {
  const last = messages.findLastIndex((message) => isRecord(message) && message['role'] !== 'assistant')
  return messages.map((message, index) => {
    if (index !== last || !isRecord(message)) return message
    const { content } = message
    const said = Array.isArray(content) ? [...content, { type: 'text', text: note }] : `${String(content ?? '')}\n\n${note}`
    return { ...message, content: said }
  })
}

function idsOf(message: unknown): string[] {
  if (!isRecord(message)) return []
  const { tool_calls: calls, tool_call_id: answered } = message
  const called = Array.isArray(calls) ? calls.map((call) => (isRecord(call) ? call['id'] : undefined)) : []
  return [...called, answered].filter((id) => typeof id === 'string')
}

function rewriteMessage(message: Body, target: RewriteTarget, toId: (id: string) => string): Body {
  const { tool_call_id: answered, tool_calls: calls, role } = message
  if (role !== 'assistant') {
    if (typeof answered !== 'string' || toId(answered) === answered) return message
    return { ...message, tool_call_id: toId(answered) }
  }
  let changed = rewriteReasoning(message, target)
  if (Array.isArray(calls)) {
    const rewritten = calls.map((call) => (isRecord(call) ? rewriteCall(call, target, toId) : call))
    if (rewritten.some((call, index) => call !== calls[index])) changed = { ...changed, tool_calls: rewritten }
  }
  return changed
}

function rewriteReasoning(message: Body, { reasoning }: RewriteTarget): Body {
  let changed = message
  for (const field of ['reasoning_content', 'reasoning', 'reasoning_details'] as const) {
    const value = message[field]
    if (value === undefined || value === null || value === '') continue
    const raw = field === 'reasoning_details' ? { field, value } : { field, text: value }
    const fate = reasoning(raw)
    if (fate === 'keep') continue
    const original = fate === 'drop' ? {} : fieldOf(fate.original)
    if (original[field] === value) continue
    const { [field]: _, ...rest } = changed
    changed = { ...rest, ...original }
  }
  return changed
}

/** What a model sent, as a field of the turn; nothing for reasoning that is no field of it. */
function fieldOf(original: unknown): Body {
  if (!isRecord(original) || !('field' in original)) return {}
  const raw = original as ChatReasoning
  if (!('field' in raw)) return {}
  return { [raw.field]: raw.field === 'reasoning_details' ? raw.value : raw.text }
}

function rewriteCall(call: Body, { reasoning }: RewriteTarget, toId: (id: string) => string): Body {
  const { id, extra_content: extra } = call
  if (typeof id !== 'string') return call
  const fate = extra === undefined ? 'keep' : reasoning({ callId: id, extra } satisfies ChatReasoning)
  if (fate === 'keep') return toId(id) === id ? call : { ...call, id: toId(id) }
  const { extra_content: _, ...rest } = call
  const original = fate === 'drop' ? undefined : fate.original
  const kept = isRecord(original) && 'extra' in original ? { extra_content: original['extra'] } : {}
  return { ...rest, id: toId(id), ...kept }
}

function isEmptyTurn(message: unknown): boolean {
  if (!isRecord(message) || message['role'] !== 'assistant') return false
  const { content, tool_calls: calls, refusal, audio, function_call: call } = message
  const empty = [content, refusal, audio, call].every((value) => value === undefined || value === null || value === '')
  return empty && !(Array.isArray(calls) && calls.length > 0)
}
