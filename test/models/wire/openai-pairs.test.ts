import fc from 'fast-check'
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Message, Part } from '../../../models/message.ts'
import type { ModelRequest } from '../../../models/provider.ts'
import { createProvider, type ProviderOptions } from '../../../models/providers/index.ts'
import { openaiChat } from '../../../models/wire/openai-chat.ts'
import { openaiResponses } from '../../../models/wire/openai-responses.ts'
import { collect, user } from '../../contract/provider.ts'
import { type Answer, type ScriptedProvider, startScriptedProvider } from '../../support/scripted-provider/index.ts'
import { type FormatServer, startFormatServer } from './openai-client.ts'

let cloud: ScriptedProvider
let chat: FormatServer
let responses: FormatServer
beforeAll(async () => {
  cloud = await startScriptedProvider()
  chat = await startFormatServer(openaiChat)
  responses = await startFormatServer(openaiResponses)
})
afterEach(() => cloud.reset())
afterAll(async () => {
  chat.close()
  responses.close()
  await cloud.close()
})

const providers = {
  'openai-chat': () => ({ kind: 'openai', format: 'openai-chat', baseUrl: cloud.openaiUrl }),
  'openai-responses': () => ({ kind: 'openai', format: 'openai-responses', baseUrl: cloud.openaiUrl }),
  'anthropic-messages': () => ({ kind: 'anthropic', baseUrl: cloud.url }),
} satisfies Record<string, () => Omit<ProviderOptions, 'name'>>
const formats = Object.keys(providers) as (keyof typeof providers)[]

async function send(format: keyof typeof providers, request: Partial<ModelRequest>) {
  const provider = createProvider({ name: 'cloud', ...providers[format]() })
  return collect(provider.send({ model: 'm', messages: [user('Hi')], ...request }))
}

const everything: Answer = {
  reasoning: 'Because it is.',
  text: 'One two thrée 🙂',
  toolCalls: [
    { name: 'add', input: { a: 1, b: 'zwölf' }, id: 'call_1' },
    { name: 'add', input: {}, id: 'call_2' },
  ],
  usage: { inputTokens: 11, cacheReadTokens: 7, outputTokens: 5 },
}

describe.each(formats)('an answer of %s, read by the openai package', (format) => {
  test('as a chat completion', async () => {
    cloud.script([everything])
    chat.answer({ content: [], events: await send(format, {}) })
    const params = { model: 'asked', messages: [{ role: 'user' as const, content: 'Hi' }] }

    const streamed = await chat.client.chat.completions.stream({ ...params, stream_options: { include_usage: true } }).finalChatCompletion()
    const whole = await chat.client.chat.completions.create(params)

    for (const answer of [streamed, whole]) {
      expect(answer).toMatchObject({
        model: 'asked',
        usage: { prompt_tokens: 18, completion_tokens: 5, prompt_tokens_details: { cached_tokens: 7 } },
      })
      expect(answer.choices[0]).toMatchObject({
        finish_reason: 'tool_calls',
        message: {
          content: everything.text,
          tool_calls: [
            { id: 'call_1', function: { name: 'add', arguments: '{"a":1,"b":"zwölf"}' } },
            { id: 'call_2', function: { name: 'add', arguments: '{}' } },
          ],
        },
      })
    }
  })

  test('as a response', async () => {
    cloud.script([everything])
    responses.answer({ content: [], events: await send(format, {}) })
    const params = { model: 'asked', input: 'Hi' }

    const streamed = await responses.client.responses.stream(params).finalResponse()
    const whole = await responses.client.responses.create(params)

    for (const answer of [streamed, whole]) {
      expect(answer).toMatchObject({ model: 'asked', status: 'completed', usage: { input_tokens: 18, output_tokens: 5 } })
      expect(answer.output).toMatchObject([
        { type: 'reasoning', summary: [{ text: everything.reasoning }], encrypted_content: expect.stringContaining('sealed:') },
        { type: 'message', content: [{ type: 'output_text', text: everything.text }] },
        { type: 'function_call', call_id: 'call_1', name: 'add', arguments: '{"a":1,"b":"zwölf"}' },
        { type: 'function_call', call_id: 'call_2', name: 'add', arguments: '{}' },
      ])
    }
  })

  test.each([
    ['length', 'length', 'incomplete'],
    ['refusal', undefined, 'completed'],
  ] as const)('that ended by %s', async (finish, reason, status) => {
    cloud.script([{ text: 'One two', finish }])
    const events = await send(format, {})
    chat.answer({ content: [], events })
    responses.answer({ content: [], events })

    const completion = await chat.client.chat.completions
      .stream({ model: 'm', messages: [{ role: 'user', content: 'Hi' }] })
      .finalChatCompletion()
    const response = await responses.client.responses.stream({ model: 'm', input: 'Hi' }).finalResponse()

    const choice = completion.choices[0]
    if (reason === undefined) expect(choice?.message.refusal ?? choice?.finish_reason).toMatch(/^(?:One two|content_filter)$/)
    else expect(choice?.finish_reason).toBe(reason)
    expect(response.status).toBe(status)
  })
})

describe('the helpers of the openai package that parse', () => {
  const shape = z.object({ n: z.number() })
  const content: Part[] = [{ type: 'text', text: '{"n": 5}' }]

  test('read a schema’s answer of a chat completion, streamed and whole', async () => {
    chat.answer({ content })
    const params = { model: 'm', messages: [{ role: 'user' as const, content: 'Hi' }], response_format: zodResponseFormat(shape, 'answer') }

    const streamed = await chat.client.chat.completions.stream(params).finalChatCompletion()
    const whole = await chat.client.chat.completions.parse(params)

    for (const answer of [streamed, whole]) expect(answer.choices[0]?.message.parsed).toEqual({ n: 5 })
    expect(chat.requests.at(-1)?.responseSchema).toMatchObject({ type: 'object', required: ['n'] })
  })

  test('read a schema’s answer of a response, streamed and whole', async () => {
    responses.answer({ content })
    const params = { model: 'm', input: 'Hi', text: { format: zodTextFormat(shape, 'answer') } }

    const streamed = await responses.client.responses.stream(params).finalResponse()
    const whole = await responses.client.responses.parse(params)

    for (const answer of [streamed, whole]) expect(answer.output_parsed).toEqual({ n: 5 })
    expect(responses.requests.at(-1)?.responseSchema).toMatchObject({ type: 'object', required: ['n'] })
  })

  test('are told when a chat completion ran out of tokens or was filtered', async () => {
    const params = { model: 'm', messages: [{ role: 'user' as const, content: 'Hi' }], response_format: zodResponseFormat(shape, 'answer') }

    chat.answer({ content, finishReason: 'length' })
    await expect(chat.client.chat.completions.stream(params).finalChatCompletion()).rejects.toThrow(/length/)
    chat.answer({ content, finishReason: 'content-filter' })
    await expect(chat.client.chat.completions.stream(params).finalChatCompletion()).rejects.toThrow(/content filter/)
  })
})

describe.each([
  ['openai-chat', openaiChat],
  ['openai-responses', openaiResponses],
] as const)('a conversation written by the provider of %s', (name, format) => {
  const word = fc.string({ minLength: 1, maxLength: 8 }).map((text) => `${text}x`)
  const text = word.map((said): Part => ({ type: 'text', text: said }))
  const image = fc.constant<Part>({
    type: 'image',
    mediaType: 'image/gif',
    data: 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7',
  })
  const turn = fc.record({
    asked: fc.array(fc.oneof(text, image), { minLength: 1, maxLength: 3 }),
    said: word,
    calls: fc.array(
      fc.record({ name: fc.constantFrom('add', 'look'), input: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }), result: word }),
      {
        maxLength: 3,
      },
    ),
  })

  test('reads from the side of a client as it was', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(turn, { minLength: 1, maxLength: 3 }), word, async (turns, system) => {
        let calls = 0
        const messages = turns.flatMap(({ asked, said, calls: made }): Message[] => {
          const numbered = made.map((call) => ({ ...call, id: `call_${calls++}`, input: JSON.parse(JSON.stringify(call.input)) }))
          const results = numbered.map(({ id, name: called, result }): Part => {
            return { type: 'tool-result', id, name: called, content: [{ type: 'text', text: result }], isError: false }
          })
          return [
            { role: 'user', content: asked },
            {
              role: 'assistant',
              content: [
                { type: 'text', text: said },
                ...numbered.map(({ id, name: called, input }): Part => ({ type: 'tool-call', id, name: called, input })),
              ],
            },
            ...(results.length > 0
              ? [
                  { role: 'user' as const, content: results },
                  { role: 'assistant' as const, content: [{ type: 'text' as const, text: said }] },
                ]
              : []),
          ]
        })
        const tools = ['add', 'look'].map((tool) => ({ name: tool, description: `Does ${tool}`, inputSchema: { type: 'object' } }))
        cloud.script([{ text: 'Hi' }])

        await send(name, { model: 'gpt-4.1', messages, system, tools, toolChoice: { name: 'add' }, parallelToolCalls: false, topP: 0.5 })
        const read = format.readRequest(cloud.requests.at(-1)?.body)

        expect(read.messages).toEqual(messages)
        expect(read).toMatchObject({ system, tools, toolChoice: { name: 'add' }, parallelToolCalls: false, topP: 0.5, untranslated: [] })
      }),
      { numRuns: 40 },
    )
  })
})
