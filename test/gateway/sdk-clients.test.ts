import type Anthropic from '@anthropic-ai/sdk'
import type OpenAI from 'openai'
import { describe, expect, test } from 'vitest'
import { problemsOf } from '../support/cli-agents/well-formed.ts'
import { type FormatName, formats, poolOf, useGateway } from '../support/gateway.ts'
import type { Reply } from '../support/scripted-provider/index.ts'

/*
 * The official clients of OpenAI and Anthropic, with their own streaming helpers, at providers of each format.
 */

const door = useGateway()

/** What a client holds of an answer when all has come. */
interface Held {
  text: string
  calls: { name: string; input: unknown }[]
  /** As it goes back into the next request. */
  again: unknown[]
  inputTokens: number | undefined
  finish: unknown
}

interface Client {
  name: FormatName
  first: (prompt: string) => unknown[]
  results: (held: Held, texts: string[]) => unknown[]
  ask(model: string, conversation: unknown[], stream: boolean): Promise<Held>
}

const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
const schema = { type: 'object' as const, properties: { a: { type: 'number' } } }

const chat: Client = {
  name: 'openai-chat',
  first: (prompt) => [
    {
      role: 'user',
      content: [
        { type: 'text', text: prompt },
        { type: 'image_url', image_url: { url: `data:image/png;base64,${png}` } },
      ],
    },
  ],
  results: ({ again }, texts) => {
    const [{ tool_calls: calls }] = again as [OpenAI.ChatCompletionMessage]
    return (calls ?? []).map(({ id }, index) => ({ role: 'tool', tool_call_id: id, content: texts[index] }))
  },
  async ask(model, conversation, stream) {
    const { completions } = door.openai().chat
    const body = {
      model,
      messages: conversation as OpenAI.ChatCompletionMessageParam[],
      tools: ['add', 'look'].map((name) => ({ type: 'function' as const, function: { name, parameters: schema } })),
    }
    const answer = stream
      ? await completions.stream({ ...body, stream_options: { include_usage: true } }).finalChatCompletion()
      : await completions.create(body)
    const message = answer.choices[0]?.message
    return {
      text: message?.content || (message?.refusal ?? ''),
      calls: (message?.tool_calls ?? []).flatMap((call) =>
        call.type === 'function' ? [{ name: call.function.name, input: JSON.parse(call.function.arguments) }] : [],
      ),
      again: [message],
      inputTokens: answer.usage?.prompt_tokens,
      finish: answer.choices[0]?.finish_reason,
    }
  },
}

const responses: Client = {
  name: 'openai-responses',
  first: (prompt) => [
    {
      role: 'user',
      content: [
        { type: 'input_text', text: prompt },
        { type: 'input_image', image_url: `data:image/png;base64,${png}`, detail: 'auto' },
      ],
    },
  ],
  results: ({ again }, texts) =>
    (again as OpenAI.Responses.ResponseOutputItem[])
      .filter((item) => item.type === 'function_call')
      .map(({ call_id }, index) => ({ type: 'function_call_output', call_id, output: texts[index] })),
  async ask(model, conversation, stream) {
    const client = door.openai().responses
    const body = {
      model,
      input: conversation as OpenAI.Responses.ResponseInputItem[],
      store: false,
      include: ['reasoning.encrypted_content' as const],
      tools: ['add', 'look'].map((name) => ({ type: 'function' as const, name, parameters: schema, strict: false })),
    }
    const answer = stream ? await client.stream(body).finalResponse() : await client.create(body)
    const refusal = answer.output.flatMap((item) => (item.type === 'message' ? item.content : [])).find((part) => part.type === 'refusal')
    return {
      text: answer.output_text || (refusal?.refusal ?? ''),
      calls: answer.output.flatMap((item) =>
        item.type === 'function_call' ? [{ name: item.name, input: JSON.parse(item.arguments) }] : [],
      ),
      again: answer.output,
      inputTokens: answer.usage?.input_tokens,
      finish: answer.status,
    }
  },
}

const messages: Client = {
  name: 'anthropic-messages',
  first: (prompt) => [
    {
      role: 'user',
      content: [
        { type: 'text', text: prompt },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } },
      ],
    },
  ],
  results: ({ again }, texts) => {
    const [{ content }] = again as [Anthropic.Message]
    const calls = content.filter((block) => block.type === 'tool_use')
    return [{ role: 'user', content: calls.map(({ id }, index) => ({ type: 'tool_result', tool_use_id: id, content: texts[index] })) }]
  },
  async ask(model, conversation, stream) {
    const client = door.anthropic().messages
    const body = {
      model,
      max_tokens: 2000,
      messages: conversation as Anthropic.MessageParam[],
      tools: ['add', 'look'].map((name) => ({ name, input_schema: schema })),
    }
    const answer = stream ? await client.stream(body).finalMessage() : await client.create(body)
    const { input_tokens: input, cache_read_input_tokens: read } = answer.usage
    return {
      text: answer.content.map((block) => (block.type === 'text' ? block.text : '')).join(''),
      calls: answer.content.flatMap((block) => (block.type === 'tool_use' ? [{ name: block.name, input: block.input }] : [])),
      again: [{ role: 'assistant', content: answer.content }],
      inputTokens: input + (read ?? 0),
      finish: answer.stop_reason,
    }
  },
}

const clients = [chat, responses, messages]
const table = clients.flatMap((client) => formats.map((provider) => ({ client, name: client.name, provider })))
const both = [true, false]
let conversations = 0
const prompt = () => {
  conversations += 1
  return `Conversation ${conversations}`
}
/** Ids differ from answer to answer, as those of vendors do. */
const withId = (reply: Exclude<Reply, { raw: string }>): Reply =>
  ({ ...reply, id: `a1b2c3d4e5f6${conversations}n${door.cloud.requests.length}` }) as Reply

describe.each(table)('the official client of $name at providers of $provider', ({ client, provider }) => {
  const model = `signalbox/${poolOf[provider]}`

  test.each(both)('text, a picture in the request, and usage; streamed: %s', async (stream) => {
    door.cloud.answer(() => withId({ text: 'One two three', usage: { inputTokens: 30, outputTokens: 7 } }))

    const held = await client.ask(model, client.first(prompt()), stream)

    expect(held).toMatchObject({ text: 'One two three', calls: [], inputTokens: 30 })
    expect(door.cloud.requests[0]).toMatchObject({ images: 1, tools: ['add', 'look'] })
  })

  test.each(both)('reasoning and parallel tools, whose results are taken in the next turn; streamed: %s', async (stream) => {
    const toolCalls = [
      { name: 'add', input: { a: 1 } },
      { name: 'look', input: { a: -2.5, deep: { text: 'é "quoted" \n' } } },
    ]
    door.cloud.script([withId({ reasoning: 'I think of alpha', text: 'I call', toolCalls })])
    door.cloud.answer(() => withId({ text: 'Done' }))

    const conversation = client.first(prompt())
    const held = await client.ask(model, conversation, stream)
    const end = await client.ask(model, [...conversation, ...held.again, ...client.results(held, ['3', 'seen'])], stream)

    expect(held).toMatchObject({ text: 'I call', calls: toolCalls })
    expect(end.text).toBe('Done')
    const [, second] = door.cloud.requests
    expect(second?.model).toBe('alpha')
    expect(second?.toolResults.map(({ text }) => text)).toEqual(['3', 'seen'])
    expect(new Set(second?.toolResults.map(({ id }) => id)).size).toBe(2)
    expect(second && problemsOf(second, 'reasoning of nobody else')).toEqual([])
    // Of reasoning in a stream of Chat, the client of OpenAI keeps the last piece alone.
    if (client.name !== 'openai-chat' || !stream) expect(JSON.stringify(second?.body)).toContain('I think of alpha')
  })

  test.each(formats)('a switch to %s between two turns takes the tools along, and no reasoning of another', async (next) => {
    const toolCalls = [{ name: 'add', input: { a: 1 } }]
    door.cloud.script([withId({ reasoning: 'Only for the first', text: 'I call', toolCalls })])
    door.cloud.answer(() => withId({ text: 'Done' }))

    const conversation = client.first(prompt())
    const held = await client.ask(model, conversation, true)
    const end = await client.ask(`${poolOf[next]}-b/beta`, [...conversation, ...held.again, ...client.results(held, ['3'])], true)

    expect(end.text).toBe('Done')
    const [, second] = door.cloud.requests
    expect(second).toMatchObject({ model: 'beta', toolResults: [{ text: '3' }] })
    expect(second && problemsOf(second, 'Only for the first')).toEqual([])
    expect(JSON.stringify(second?.body)).not.toContain('sbx1_')
    expect(JSON.stringify(second?.body)).not.toContain('c2NyaXB0ZWQ=')
  })

  test.each(both)('a refusal is no error; streamed: %s', async (stream) => {
    door.cloud.answer(() => withId({ text: 'I will not', finish: 'refusal' }))

    const held = await client.ask(model, client.first(prompt()), stream)

    expect(held.text).toBe('I will not')
  })

  test.each(both)('an error before content has its status; streamed: %s', async (stream) => {
    for (const [reply, status] of [
      [{ status: 429, retryAfter: 7 }, 429],
      [{ fail: 'bad-request' }, 400],
      [{ fail: 'overloaded' }, 503],
    ] as const) {
      door.advance(3_600_000)
      door.cloud.answer(() => reply)
      await expect(client.ask(model, client.first(prompt()), stream)).rejects.toMatchObject({ status })
    }
  })

  test.each(['reset', 'end', 'error'] as const)('an answer that breaks off after content is never a whole one: %s', async (how) => {
    for (const after of ['first-content', 'content'] as const) {
      door.cloud.answer(() => withId({ text: 'One two three', interrupt: { after, how } }))
      // The client of Responses throws for an error alone: an answer that failed it returns as one.
      const asking = client.ask(model, client.first(prompt()), true)
      if (client.name === 'openai-responses') expect(await asking.catch(() => ({ finish: 'failed' }))).toMatchObject({ finish: 'failed' })
      else await expect(asking).rejects.toThrow()
    }
  })
})
