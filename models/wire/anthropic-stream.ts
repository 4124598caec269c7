import type { ReasoningPart, ToolCallPart } from '../message.ts'
import type { ModelEvent, ModelFinish } from '../provider.ts'
import { ending, isThinking, messageOf, redacted, usageOf, writeAnthropicFailure } from './anthropic-answer.ts'
import { toClientCalls } from './anthropic-computer.ts'
import type { AnswerFrame, StreamFollower, StreamWriter } from './client-format.ts'

/** A block of the answer, from its first sign until it has been written to its end. */
interface Block {
  readonly type: 'text' | 'thinking' | 'call' | 'redacted'
  /** What has arrived and is not written yet: texts, or pieces of a call's JSON. */
  pending: string
  /** Of a call; its name may come later than its first piece. */
  readonly id: string
  name: string
  readonly toolset: string | undefined
  /** Whether anything of a call's JSON has arrived. */
  hasInput: boolean
  /** What stands for the reasoning, once that is whole. */
  part: ReasoningPart | undefined
  isOpen: boolean
  isComplete: boolean
}

/**
 * Writes Anthropic's stream: `message_start`, then blocks one after the other, `message_delta`, `message_stop`.
 *
 * The format has one block open at a time. What arrives for another one (parallel calls of a provider that mixes their
 * pieces) waits until its turn.
 */
export function createAnthropicStreamWriter(frame: AnswerFrame, from: WrittenBefore = nothingBefore): StreamWriter {
  /** From the one that is being written on. */
  const blocks: Block[] = []
  let { index, isStarted, hasText, reasoningCount } = from
  let callCount = 0

  const begin = () => {
    if (isStarted) return ''
    isStarted = true
    return event('message_start', { message: messageOf(frame) })
  }

  const add = (
    type: Block['type'],
    { id = '', name = '', toolset }: { id?: string; name?: string; toolset?: string | undefined } = {},
  ): Block => {
    const last = blocks.at(-1)
    // Text and thinking go on until something else begins; of a call is known when it is whole.
    if (last !== undefined && last.type !== 'call') last.isComplete = true
    const block: Block = {
      ...{ type, id, name, toolset, pending: '', hasInput: false, part: undefined, isOpen: false },
      isComplete: type === 'redacted',
    }
    blocks.push(block)
    return block
  }

  const say = (type: 'text' | 'thinking', text: string) => {
    if (text === '') return
    const last = blocks.at(-1)
    const block = last?.type === type && !last.isComplete ? last : add(type)
    block.pending += text
    hasText ||= type === 'text'
  }

  const reason = (part: ReasoningPart) => {
    reasoningCount += 1
    const last = blocks.at(-1)
    if (last?.type === 'thinking' && !last.isComplete) {
      last.part = part
      last.isComplete = true
    } else {
      // Where the text has been closed already, or none is shown, a block of its own carries what stands for it.
      const block = add(isOwnThinking(part) ? 'thinking' : 'redacted')
      block.part = part
      block.isComplete = true
    }
  }

  const callBlock = (id: string, name: string) => {
    const known = blocks.findLast((block) => block.type === 'call' && block.id === id && !block.isComplete)
    if (known === undefined) return add('call', { id, name })
    if (known.name === '') known.name = name
    return known
  }

  const complete = (call: ToolCallPart) => {
    callCount += 1
    if (call.computer !== undefined) {
      for (const { id, name, input, toolset_name: toolset } of toClientCalls(call, frame.request.tools)) {
        Object.assign(add('call', { id, name, toolset }), { pending: JSON.stringify(input), hasInput: true, isComplete: true })
      }
      return
    }
    const { id, name, input } = call
    const block = callBlock(id, name)
    if (!block.hasInput) block.pending = JSON.stringify(input)
    block.isComplete = true
  }

  /** Everything that can be written now. */
  const drain = (): string => {
    let text = ''
    for (let block = blocks[0]; block !== undefined; block = blocks[0]) {
      if (!block.isOpen && block.type === 'call' && block.name === '' && !block.isComplete) break
      if (!block.isOpen) {
        text += start(index, block, frame)
        block.isOpen = true
      }
      if (block.pending !== '') {
        text += delta(index, block)
        block.pending = ''
      }
      if (!block.isComplete) break
      if (block.type === 'thinking' && block.part !== undefined) {
        text += event('content_block_delta', { index, delta: { type: 'signature_delta', signature: frame.seal(block.part) } })
      }
      text += event('content_block_stop', { index })
      index += 1
      blocks.shift()
    }
    return text
  }

  const end = (finish: ModelFinish): string => {
    // What a provider told only now: it belongs to the answer as well.
    const parts = finish.message.content
    for (const part of parts.filter((one) => one.type === 'reasoning').slice(reasoningCount)) reason(part)
    if (!hasText) for (const part of parts) if (part.type === 'text') say('text', part.text)
    for (const part of parts.filter((one) => one.type === 'tool-call').slice(callCount)) complete(part)
    for (const block of blocks) block.isComplete = true
    return (
      drain() +
      event('message_delta', { delta: { ...ending(finish), container: null }, usage: usageOf(finish.usage) }) +
      event('message_stop', {})
    )
  }

  const take = (one: ModelEvent): string => {
    switch (one.type) {
      case 'start':
        return ''
      case 'text-delta':
        say('text', one.text)
        return drain()
      case 'reasoning-delta':
        say('thinking', one.text)
        return drain()
      case 'reasoning':
        reason(one.part)
        return drain()
      case 'tool-call-delta': {
        const block = callBlock(one.id, one.name)
        block.hasInput ||= one.inputText.trim() !== ''
        // White space alone is no JSON: clients that read what has come so far stumble over it.
        if (block.hasInput) block.pending += one.inputText
        return drain()
      }
      case 'tool-call':
        complete(one.call)
        return drain()
      case 'finish':
        return end(one)
    }
  }

  return {
    write: (one) => begin() + take(one),
    fail: (failure) => `event: error\ndata: ${JSON.stringify(writeAnthropicFailure(failure))}\n\n`,
  }
}

/** What of a stream has gone out: all of its blocks are closed, and none of them is a call. */
interface WrittenBefore {
  readonly index: number
  readonly isStarted: boolean
  readonly hasText: boolean
  readonly reasoningCount: number
}

const nothingBefore: WrittenBefore = { index: 0, isStarted: false, hasText: false, reasoningCount: 0 }

/** Follows a stream whose events go out as their provider's own bytes. An error says the same wherever it stands. */
export function followAnthropicStream(frame: AnswerFrame): StreamFollower {
  const before = { ...nothingBefore }
  const open = new Set<unknown>()
  return {
    follow({ type, index, content_block: block, delta }) {
      if (type === 'message_start') before.isStarted = true
      if (type === 'content_block_stop') open.delete(index)
      const { type: kind, text } = ((type === 'content_block_delta' ? delta : block) ?? {}) as { type?: unknown; text?: unknown }
      before.hasText ||= typeof text === 'string' && text !== ''
      if (type !== 'content_block_start') return
      open.add(index)
      before.index += 1
      if (kind === 'thinking' || kind === 'redacted_thinking') before.reasoningCount += 1
    },
    fail: (failure) => createAnthropicStreamWriter(frame).fail(failure),
    goOn() {
      const writer = createAnthropicStreamWriter(frame, before)
      let closing = [...open].map((index) => event('content_block_stop', { index })).join('')
      return {
        ...writer,
        write(one) {
          const text = closing + writer.write(one)
          closing = ''
          return text
        },
      }
    },
  }
}

/** Thinking that Anthropic signed without showing it: it keeps its kind, so that it may go back as it came. */
function isOwnThinking(part: ReasoningPart): boolean {
  return part.text === '' && isThinking(part)
}

function start(index: number, block: Block, frame: AnswerFrame): string {
  return event('content_block_start', { index, content_block: contentBlock(block, frame) })
}

function contentBlock({ type, id, name, toolset, part }: Block, frame: AnswerFrame): Record<string, unknown> {
  switch (type) {
    case 'text':
      return { type, text: '', citations: null }
    case 'thinking':
      return { type, thinking: '', signature: '' }
    case 'call':
      return { type: 'tool_use', id, name, ...(toolset !== undefined && { toolset_name: toolset }), input: {}, caller: { type: 'direct' } }
    case 'redacted':
      return part === undefined ? { type: 'redacted_thinking', data: '' } : redacted(part, frame)
  }
}

function delta(index: number, { type, pending }: Block): string {
  const quoted = JSON.stringify(pending)
  const said =
    type === 'text'
      ? `"text_delta","text":${quoted}`
      : type === 'thinking'
        ? `"thinking_delta","thinking":${quoted}`
        : `"input_json_delta","partial_json":${quoted}`
  return `event: content_block_delta\ndata: {"type":"content_block_delta","index":${index},"delta":{"type":${said}}}\n\n`
}

function event(type: string, fields: Record<string, unknown>): string {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...fields })}\n\n`
}
