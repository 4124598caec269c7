import { isThinkingBlock, leastBudget, loopLacksThinking } from '../providers/anthropic-thinking.ts'
import { isRecord } from '../providers/failure.ts'
import { commonIds, mapIds } from '../providers/tool-ids.ts'
import { type Changes, parametersFor } from './anthropic-parameters.ts'
import type { RewriteTarget } from './client-format.ts'

type Body = Record<string, unknown>

/**
 * The body for another deployment of Anthropic's Messages: thinking as the target says, ids of calls that the format takes, and
 * no parameter that the target's model refuses while the one that was asked for takes it.
 *
 * What stays as it was is the same object, the whole body where nothing changes. A turn that held nothing but dropped
 * thinking goes too, unless two of the same role would meet; then a few words stand for it, since servers refuse an empty one.
 *
 * Manual thinking is left out of a request whose running tool loop does not begin with it, be it that it was dropped here or
 * that another model began the loop: the vendor refuses to start thinking there. The next turn of the user has it again.
 */
export function rewriteAnthropicBody(body: Body, target: RewriteTarget): Body {
  const { messages } = body
  if (!Array.isArray(messages)) return body
  const toId = mapIds(messages.flatMap(idsOf), commonIds)
  const rewritten = messages.map((message) => rewriteMessage(message, target, toId))
  const isSame = rewritten.every((message, index) => message === messages[index])
  const whole = isSame ? messages : withoutEmptied(rewritten, messages)
  const kept = target.note === undefined ? whole : withNote(whole, target.note)
  const changes: Body = {
    ...(kept === messages ? {} : { messages: kept }),
    ...(body['model'] === target.model ? thinkingWithin(body, target) : parametersFor(withLimit(body, target), target.model)),
  }
  const changed = Object.keys(changes).length === 0 ? body : withChanges(body, changes)
  const { thinking } = changed
  const isRefused = isRecord(thinking) && thinking['type'] === 'enabled' && loopLacksThinking(kept)
  return isRefused || (thinking === undefined && body['thinking'] !== undefined) ? withoutThinking(changed) : changed
}

/** A block of its own behind those of the user's last message, results of tools too: a mark for the cache stays before it. */
function withNote(messages: readonly unknown[], note: string): unknown[] {
  const last = messages.findLastIndex((message) => roleOf(message) === 'user')
  return messages.map((message, index) => {
    if (index !== last || !isRecord(message)) return message
    const { content } = message
    const blocks: unknown[] = Array.isArray(content) ? content : [{ type: 'text', text: content }]
    return { ...message, content: [...blocks, { type: 'text', text: note }] }
  })
}

function withLimit(body: Body, { maxOutputTokens }: RewriteTarget): Body {
  return maxOutputTokens === undefined ? body : { ...body, max_tokens: maxOutputTokens }
}

/** Who names a model hears what it refuses, but for a budget that only the limit set here makes too large. */
function thinkingWithin(body: Body, { maxOutputTokens }: RewriteTarget): Changes {
  const { thinking } = body
  const budget = isRecord(thinking) && thinking['type'] === 'enabled' ? thinking['budget_tokens'] : undefined
  if (maxOutputTokens === undefined || typeof budget !== 'number' || budget < maxOutputTokens) return {}
  return { thinking: maxOutputTokens > leastBudget ? { ...(thinking as Body), budget_tokens: maxOutputTokens - 1 } : undefined }
}

function withChanges(body: Body, changes: Body): Body {
  return Object.fromEntries(Object.entries({ ...body, ...changes }).filter(([, value]) => value !== undefined))
}

function idsOf(message: unknown): string[] {
  if (!isRecord(message) || !Array.isArray(message['content'])) return []
  return message['content'].flatMap((block) => {
    const id = isRecord(block) ? block[idField(block)] : undefined
    return typeof id === 'string' ? [id] : []
  })
}

/** Where a block of a client's own tool has the id of its call. */
function idField({ type }: Body): string {
  return type === 'tool_use' ? 'id' : type === 'tool_result' ? 'tool_use_id' : ''
}

function rewriteMessage(message: unknown, target: RewriteTarget, toId: (id: string) => string): unknown {
  if (!isRecord(message) || !Array.isArray(message['content'])) return message
  const content: unknown[] = message['content']
  let isSame = true
  const rewritten: unknown[] = []
  for (const block of content) {
    const fate = message['role'] === 'assistant' && isThinkingBlock(block) ? target.reasoning(block) : 'keep'
    if (fate === 'drop') {
      isSame = false
      continue
    }
    const one = fate === 'keep' ? withId(block, toId) : fate.original
    isSame &&= one === block
    rewritten.push(one)
  }
  return isSame ? message : { ...message, content: rewritten }
}

function withId(block: unknown, toId: (id: string) => string): unknown {
  if (!isRecord(block)) return block
  const field = idField(block)
  const id = block[field]
  if (typeof id !== 'string' || toId(id) === id) return block
  return { ...block, [field]: toId(id) }
}

const emptied = [{ type: 'text', text: '(no answer)' }]

function withoutEmptied(rewritten: readonly unknown[], before: readonly unknown[]): unknown[] {
  const isEmptied = (index: number) => {
    const message = rewritten[index]
    return message !== before[index] && isRecord(message) && Array.isArray(message['content']) && message['content'].length === 0
  }
  const kept: unknown[] = []
  for (const [index, message] of rewritten.entries()) {
    if (!isEmptied(index)) kept.push(message)
    else if (index + 1 < rewritten.length && roleOf(kept.at(-1)) === roleOf(rewritten[index + 1])) {
      kept.push({ ...(message as Body), content: emptied })
    }
  }
  return kept
}

function roleOf(message: unknown): unknown {
  return isRecord(message) ? message['role'] : undefined
}

/** Without thinking, an edit of it is refused too. */
function withoutThinking({ thinking: _, ...body }: Body): Body {
  const management = body['context_management']
  if (!isRecord(management) || !Array.isArray(management['edits'])) return body
  const edits = management['edits'].filter((edit) => !isRecord(edit) || !String(edit['type']).startsWith('clear_thinking'))
  if (edits.length === management['edits'].length) return body
  if (edits.length > 0) return { ...body, context_management: { ...management, edits } }
  const { context_management: __, ...rest } = body
  return rest
}
