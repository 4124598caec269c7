/** The wire formats that are measured, by the path that speaks each. */
export const paths = { chat: '/v1/chat/completions', messages: '/v1/messages' } as const
export type Format = keyof typeof paths

/** The model that is asked for, except where a router chooses it. */
export const modelName = 'bench-model'

/**
 * What the fake upstream is to do, said in the newest message, since every gateway passes that on: an answer of a few words, a
 * stream of 300 pieces one right after the other, or a stream of one piece in each second.
 */
export const tasks = { quick: 'bench-quick', long: 'bench-long', slow: 'bench-slow' } as const
export type Task = keyof typeof tasks

export const quickPieces = 8
export const longPieces = 300

/** Each piece says which it is, so that a lost, doubled or reordered one is seen. */
export function piece(index: number): string {
  return ` piece-${index}`
}

export function textOf(pieces: number): string {
  return Array.from({ length: pieces }, (_, index) => piece(index)).join('')
}

/** A whole answer as JSON. */
export function wholeAnswer(format: Format, model: string, text: string): string {
  if (format === 'chat') {
    return JSON.stringify({
      id: 'chatcmpl-bench',
      object: 'chat.completion',
      created: 1_750_000_000,
      model,
      choices: [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, logprobs: null, finish_reason: 'stop' }],
      usage: { prompt_tokens: 20, completion_tokens: 16, total_tokens: 36 },
    })
  }
  return JSON.stringify({
    id: 'msg_bench',
    type: 'message',
    role: 'assistant',
    model,
    content: [{ type: 'text', text }],
    stop_reason: 'end_turn',
    stop_sequence: null,
    usage: { input_tokens: 20, output_tokens: 16 },
  })
}

/** The events of a streamed answer: those before its text, one for each piece, those after it. */
export interface StreamedAnswer {
  readonly opening: string
  piece(index: number): string
  readonly closing: string
}

export function streamedAnswer(format: Format, model: string, { withUsage }: { withUsage: boolean }): StreamedAnswer {
  return format === 'chat' ? chatStream(model, withUsage) : messagesStream(model)
}

function chatStream(model: string, withUsage: boolean): StreamedAnswer {
  const head = { id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_750_000_000, model }
  const chunk = (delta: Record<string, unknown>, finish: string | null = null) =>
    `data: ${JSON.stringify({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })}\n\n`
  const usage = { prompt_tokens: 20, completion_tokens: 300, total_tokens: 320 }
  const usageChunk = withUsage ? `data: ${JSON.stringify({ ...head, choices: [], usage })}\n\n` : ''
  return {
    opening: chunk({ role: 'assistant', content: '' }),
    piece: (index) => chunk({ content: piece(index) }),
    closing: `${chunk({}, 'stop')}${usageChunk}data: [DONE]\n\n`,
  }
}

function messagesStream(model: string): StreamedAnswer {
  const event = (data: { type: string } & Record<string, unknown>) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`
  const usage = { input_tokens: 20, output_tokens: 1 }
  const message = { id: 'msg_bench', type: 'message', role: 'assistant', model, content: [], stop_reason: null, stop_sequence: null, usage }
  return {
    opening: `${event({ type: 'message_start', message })}${event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } })}${event({ type: 'ping' })}`,
    piece: (index) => event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: piece(index) } }),
    closing: `${event({ type: 'content_block_stop', index: 0 })}${event({ type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 300 } })}${event({ type: 'message_stop' })}`,
  }
}
