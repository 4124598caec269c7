import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type ScriptedProvider, startScriptedProvider } from '../../support/scripted-provider/index.ts'

/** What each vendor's own client must be able to read: the stand-in is only worth what they accept. */
const answer: Answer = {
  reasoning: 'Two numbers.',
  text: 'I add them.',
  toolCalls: [
    { name: 'add', input: { a: 1, b: 2 } },
    { name: 'add', input: { a: 3, b: 4 } },
  ],
  usage: { inputTokens: 100, cacheReadTokens: 40, cacheWriteTokens: 20, outputTokens: 30 },
}

let cloud: ScriptedProvider
beforeAll(async () => {
  cloud = await startScriptedProvider({ key: 'test-key' })
})
afterEach(() => cloud.reset())
afterAll(() => cloud.close())

const openai = () => new OpenAI({ baseURL: cloud.openaiUrl, apiKey: 'test-key', maxRetries: 0 })
const anthropic = () => new Anthropic({ baseURL: cloud.url, apiKey: 'test-key', maxRetries: 0 })
const messages = [{ role: 'user' as const, content: 'Add 1 and 2' }]

describe('the scripted provider is read by the official clients', () => {
  test('Responses, streamed: text, two calls and the total usage', async () => {
    cloud.script([answer])

    const done = await openai().responses.stream({ model: 'gpt-5', input: 'Add 1 and 2' }).finalResponse()

    expect(done.output_text).toBe('I add them.')
    expect(done.output.flatMap((item) => (item.type === 'function_call' ? [item.arguments] : []))).toEqual([
      '{"a":1,"b":2}',
      '{"a":3,"b":4}',
    ])
    expect(done.usage).toMatchObject({ input_tokens: 160, output_tokens: 30, input_tokens_details: { cached_tokens: 40 } })
  })

  test('Chat Completions, streamed: text, two calls and the total usage', async () => {
    cloud.script([answer])

    const done = await openai()
      .chat.completions.stream({ model: 'gpt-5', messages, stream_options: { include_usage: true } })
      .finalChatCompletion()

    expect(done.choices[0]?.message.content).toBe('I add them.')
    expect(done.choices[0]?.message.tool_calls?.map((call) => call.type === 'function' && call.function.arguments)).toEqual([
      '{"a":1,"b":2}',
      '{"a":3,"b":4}',
    ])
    expect(done.usage).toMatchObject({ prompt_tokens: 160, completion_tokens: 30 })
  })

  test('Messages, streamed: thinking, text, two calls and usage without the cached tokens', async () => {
    cloud.script([answer])

    const done = await anthropic().messages.stream({ model: 'claude-sonnet-5', max_tokens: 100, messages }).finalMessage()

    expect(done.content.map((block) => block.type)).toEqual(['thinking', 'text', 'tool_use', 'tool_use'])
    expect(done.content.flatMap((block) => (block.type === 'tool_use' ? [block.input] : []))).toEqual([
      { a: 1, b: 2 },
      { a: 3, b: 4 },
    ])
    expect(done.usage).toMatchObject({ input_tokens: 100, cache_read_input_tokens: 40, cache_creation_input_tokens: 20 })
    expect(done.stop_reason).toBe('tool_use')
  })

  test('whole answers, for requests that ask for no stream', async () => {
    cloud.answer(() => answer)

    const response = await openai().responses.create({ model: 'gpt-5', input: 'Hi' })
    const completion = await openai().chat.completions.create({ model: 'gpt-5', messages })
    const message = await anthropic().messages.create({ model: 'claude-sonnet-5', max_tokens: 100, messages })

    expect(response.output_text).toBe('I add them.')
    expect(completion.choices[0]?.message.content).toBe('I add them.')
    expect(message.content).toContainEqual({ type: 'text', text: 'I add them.', citations: null })
  })

  test('refusals arrive as the clients know them', async () => {
    cloud.script([{ status: 429, retryAfter: 2 }, { fail: 'overloaded' }, { fail: 'input-too-long' }])

    await expect(openai().responses.create({ model: 'gpt-5', input: 'Hi' })).rejects.toBeInstanceOf(OpenAI.RateLimitError)
    await expect(anthropic().messages.create({ model: 'claude-sonnet-5', max_tokens: 100, messages })).rejects.toMatchObject({
      status: 529,
      type: 'overloaded_error',
    })
    await expect(openai().chat.completions.create({ model: 'gpt-5', messages })).rejects.toMatchObject({ code: 'context_length_exceeded' })
  })

  test('models, embeddings and a wrong key', async () => {
    const listed = await openai().models.list()
    const { data } = await openai().embeddings.create({ model: 'any', input: ['red car', 'red car'], encoding_format: 'float' })

    expect(listed.data.map((model) => model.id)).toEqual(['scripted-large', 'scripted-small'])
    expect(data[0]?.embedding).toEqual(data[1]?.embedding)
    await expect(new OpenAI({ baseURL: cloud.openaiUrl, apiKey: 'other', maxRetries: 0 }).models.list()).rejects.toMatchObject({
      status: 401,
    })
  })
})

describe('startScriptedProvider', () => {
  test('records what arrived, with the prompt, the tools and the results that were given back', async () => {
    cloud.script([{ text: 'Three' }])
    const tools = [{ type: 'function' as const, name: 'add', parameters: { type: 'object' }, strict: false }]
    const input = [
      { role: 'user' as const, content: 'Add 1 and 2' },
      { type: 'function_call' as const, call_id: 'call_1', name: 'add', arguments: '{"a":1,"b":2}' },
      { type: 'function_call_output' as const, call_id: 'call_1', output: '3' },
    ]

    await openai().responses.create({ model: 'gpt-5', instructions: 'Be short', input, tools })

    expect(cloud.requests).toHaveLength(1)
    expect(cloud.requests[0]).toMatchObject({
      model: 'gpt-5',
      prompt: 'Add 1 and 2',
      system: 'Be short',
      tools: ['add'],
      toolResults: [{ id: 'call_1', text: '3' }],
      outcome: 'answered',
    })
  })

  test('gives the replies of a model to that model alone, then those for any, then what answer() says', async () => {
    cloud.answer(() => ({ text: 'answered' }))
    cloud.script([{ text: 'any' }])
    cloud.script([{ text: 'mine' }], 'a')
    const say = async (model: string) => (await openai().responses.create({ model, input: 'Hi' })).output_text

    expect([await say('b'), await say('a'), await say('a')]).toEqual(['any', 'mine', 'answered'])
  })

  test('notices that the client left a stream that stalls', async () => {
    cloud.script([{ text: 'One two', interrupt: { after: 'first-content', how: 'stall' } }])
    const stream = await openai().responses.create({ model: 'gpt-5', input: 'Hi', stream: true })

    for await (const event of stream) if (event.type === 'response.output_text.delta') break

    await expect.poll(() => cloud.requests[0]?.outcome).toBe('left')
  })
})
