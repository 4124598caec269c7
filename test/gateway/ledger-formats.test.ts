import { describe, expect, test } from 'vitest'
import type { Message, Part, ReasoningPart, ToolCallPart } from '../../models/message.ts'
import { noUsage } from '../../models/outcome.ts'
import type { ModelFinish } from '../../models/provider.ts'
import { anthropicMessages } from '../../models/wire/anthropic-messages.ts'
import type { ClientFormat, ClientFormatName } from '../../models/wire/client-format.ts'
import { openaiChat } from '../../models/wire/openai-chat.ts'
import { openaiResponses } from '../../models/wire/openai-responses.ts'
import { createLedger } from '../../src/gateway/ledger.ts'
import { mapRows } from '../support/mcp-rows.ts'

const call: ToolCallPart = { type: 'tool-call', id: 'call_4fQk2Lm9', name: 'read', input: { path: '/a' } }

/** What providers of each format send as reasoning, in the raw form that they want back. */
const minted: Record<string, { format: ClientFormatName; parts: { text: string; raw: unknown }[] }> = {
  'anthropic/claude-opus-4-6': {
    format: 'anthropic-messages',
    parts: [
      { text: 'I look first', raw: { type: 'thinking', thinking: 'I look first', signature: 'EqQBCgIYAhIM' } },
      { text: '', raw: { type: 'redacted_thinking', data: 'EmwKAhgBEgy3' } },
    ],
  },
  'openai/gpt-5': {
    format: 'openai-responses',
    parts: [
      {
        text: 'Looking',
        raw: { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'Looking' }], encrypted_content: 'gAAAAB' },
      },
    ],
  },
  'deepseek/deepseek-reasoner': {
    format: 'openai-chat',
    parts: [{ text: 'I look first', raw: { field: 'reasoning_content', text: 'I look first' } }],
  },
  'gemini/gemini-3-pro': {
    format: 'openai-chat',
    parts: [{ text: '', raw: { callId: call.id, extra: { google: { thought_signature: 'CiQB' } } } }],
  },
}

interface Client {
  readonly format: ClientFormat
  readonly opening: Record<string, unknown>
  /** The request that a client makes after it has run the tool, with the answer as it got it. */
  goOn(answer: Record<string, unknown>): Record<string, unknown>
}

const clients: readonly Client[] = [
  {
    format: anthropicMessages,
    opening: { model: 'm', max_tokens: 100, messages: [{ role: 'user', content: 'Read /a' }] },
    goOn: ({ content }) => ({
      model: 'm',
      max_tokens: 100,
      messages: [
        { role: 'user', content: 'Read /a' },
        { role: 'assistant', content },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: call.id, content: 'A' }] },
      ],
    }),
  },
  {
    format: openaiChat,
    opening: { model: 'm', messages: [{ role: 'user', content: 'Read /a' }] },
    goOn: ({ choices }) => ({
      model: 'm',
      messages: [
        { role: 'user', content: 'Read /a' },
        (choices as { message: unknown }[])[0]?.message,
        { role: 'tool', tool_call_id: call.id, content: 'A' },
      ],
    }),
  },
  {
    format: openaiResponses,
    opening: { model: 'm', input: 'Read /a' },
    goOn: ({ output }) => ({
      model: 'm',
      input: [
        { role: 'user', content: 'Read /a' },
        ...(output as unknown[]),
        { type: 'function_call_output', call_id: call.id, output: 'A' },
      ],
    }),
  },
]

const reasoningOf = (messages: readonly Message[]) =>
  messages.flatMap(({ content }) => content.filter((part): part is ReasoningPart => part.type === 'reasoning'))

describe.each(clients)('reasoning that went to a client of $format.name', ({ format, opening, goOn }) => {
  const client = format.name

  /** One answer of this deployment, sent to the client and back again. */
  function sentAndBack(deployment: string) {
    const ledger = createLedger(mapRows(), Date.now, { warn: () => undefined })
    const parts = minted[deployment]?.parts.map((part): Part => ({ type: 'reasoning', mintedBy: deployment, ...part })) ?? []
    const message: Message = { role: 'assistant', content: [...parts, call] }
    const finish: ModelFinish = { type: 'finish', finishReason: 'tool-calls', usage: noUsage, message }
    const answer = format.writeAnswer(finish, {
      request: format.readRequest(opening),
      id: 'abc',
      createdAt: 0,
      inputTokens: 1,
      seal: (part) => ledger.seal('ann', part),
    })
    ledger.record({ principal: 'ann', deployment, client, session: 's', message })
    const body = goOn(JSON.parse(JSON.stringify(answer)) as Record<string, unknown>)
    const { messages } = format.readRequest(body)
    return { body, messages, parts, view: ledger.lookup({ principal: 'ann', client, session: 's', messages }) }
  }

  test.each(Object.keys(minted))('goes back to %s as it came from there, and to nobody else', async (deployment) => {
    const { messages, parts, view } = sentAndBack(deployment)

    expect(reasoningOf((await view).attribute(messages, deployment))).toEqual(parts)
    for (const other of [...Object.keys(minted), 'openai/gpt-5-mini'].filter((one) => one !== deployment)) {
      expect(reasoningOf((await view).attribute(messages, other))).toEqual([])
    }
  })

  test.each(Object.keys(minted))('leaves nothing of %s in a body that goes on to others in the same format', async (deployment) => {
    const { body, view } = sentAndBack(deployment)
    const rewrittenFor = async (target: string) =>
      JSON.stringify(format.rewriteBody(body, { deployment: target, model: 'm', reasoning: (await view).fateFor(target) }))

    const foreign = await rewrittenFor('another/model')
    expect(foreign).not.toMatch(/sbx1_|thinking|EqQB|Emw|gAAAAB|encrypted|reasoning|I look first|Looking|CiQB/)
    expect(foreign).toContain(call.id)
    if (minted[deployment]?.format === client) {
      const own = await rewrittenFor(deployment)
      // What the wire of Chat Completions has no place for is known by the calls, and asks for a translation.
      if (deployment.startsWith('gemini')) return
      for (const { raw } of minted[deployment].parts) {
        expect(own).toContain('text' in (raw as object) ? '"reasoning_content":"I look first"' : JSON.stringify(raw))
      }
    }
  })
})
