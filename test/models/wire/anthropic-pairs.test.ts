import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import Anthropic from '@anthropic-ai/sdk'
import { betaZodTool } from '@anthropic-ai/sdk/helpers/beta/zod'
import { zodOutputFormat } from '@anthropic-ai/sdk/helpers/zod'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import type { Message, Part } from '../../../models/message.ts'
import type { ModelRequest } from '../../../models/provider.ts'
import { toBody } from '../../../models/providers/anthropic-body.ts'
import { createProvider, type ProviderOptions } from '../../../models/providers/index.ts'
import { anthropicMessages } from '../../../models/wire/anthropic-messages.ts'
import type { ClientRequest } from '../../../models/wire/client-format.ts'
import { collect, finishOf } from '../../contract/provider.ts'
import { type Answer, type ScriptedProvider, startScriptedProvider } from '../../support/scripted-provider/index.ts'

let cloud: ScriptedProvider
/** The provider that answers, and what was asked of it. */
let format: keyof typeof providers = 'anthropic-messages'
const asked: ClientRequest[] = []
let client: Anthropic

/** As a gateway would: reads the client's format, asks the provider in its own, and writes the answer. */
const server = createServer(async (incoming, response) => {
  const request = anthropicMessages.readRequest(JSON.parse(await textOf(incoming)))
  asked.push(request)
  const provider = createProvider({ name: 'cloud', ...providers[format]() })
  const events = await collect(provider.send(request satisfies ModelRequest))
  const frame = { request, id: 'abc', createdAt: 0, inputTokens: 50, seal: () => 'sealed' }
  if (request.stream) {
    const writer = anthropicMessages.createStreamWriter(frame)
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    for (const event of events) response.write(writer.write(event))
    response.end()
  } else {
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(anthropicMessages.writeAnswer(finishOf(events), frame)))
  }
})
beforeAll(async () => {
  cloud = await startScriptedProvider()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  client = new Anthropic({ apiKey: 'none', baseURL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, maxRetries: 0 })
})
afterEach(() => {
  cloud.reset()
  asked.length = 0
})
afterAll(async () => {
  server.closeAllConnections()
  server.close()
  await cloud.close()
})

const providers = {
  'openai-chat': () => ({ kind: 'openai', format: 'openai-chat', baseUrl: cloud.openaiUrl }),
  'openai-responses': () => ({ kind: 'openai', format: 'openai-responses', baseUrl: cloud.openaiUrl }),
  'anthropic-messages': () => ({ kind: 'anthropic', baseUrl: cloud.url }),
} satisfies Record<string, () => Omit<ProviderOptions, 'name'>>
const formats = Object.keys(providers) as (keyof typeof providers)[]

const everything: Answer = {
  reasoning: 'Because it is.',
  text: 'One two thrée 🙂',
  toolCalls: [
    { name: 'add', input: { a: 1, b: 'zwölf' }, id: 'call_1' },
    { name: 'add', input: {}, id: 'call_2' },
  ],
  usage: { inputTokens: 11, cacheReadTokens: 7, outputTokens: 5 },
}
const params = { model: 'asked', max_tokens: 100, messages: [{ role: 'user' as const, content: 'Hi' }] }

describe.each(formats)('an answer of %s, read by the SDK of Anthropic,', (name) => {
  test('streamed and whole', async () => {
    format = name
    cloud.script([everything, everything])

    const streamed = await client.messages.stream(params).finalMessage()
    const whole = await client.messages.create(params)

    for (const answer of [streamed, whole]) {
      expect(answer).toMatchObject({ model: 'asked', stop_reason: 'tool_use' })
      expect(answer.usage).toMatchObject({ input_tokens: 11, cache_read_input_tokens: 7, output_tokens: 5 })
      expect(answer.content).toMatchObject([
        { type: 'thinking', thinking: everything.reasoning, signature: 'sealed' },
        { type: 'text', text: everything.text },
        { type: 'tool_use', id: 'call_1', name: 'add', input: { a: 1, b: 'zwölf' } },
        { type: 'tool_use', id: 'call_2', name: 'add', input: {} },
      ])
    }
  })

  test('goes back with the results of its calls, and without its reasoning, since nobody knows here whose it is', async () => {
    format = name
    cloud.script([everything, { text: 'Done' }])
    const { content } = await client.messages.stream(params).finalMessage()

    await client.messages.create({
      ...params,
      messages: [
        ...params.messages,
        { role: 'assistant', content },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'call_1', content: 'three' },
            { type: 'tool_result', tool_use_id: 'call_2', content: [{ type: 'text', text: 'none' }], is_error: true },
          ],
        },
      ],
    })

    const [, last] = cloud.requests
    expect(asked.at(-1)?.untranslated).toEqual([])
    expect(last?.toolResults).toMatchObject([{ id: 'call_1', text: 'three' }, { id: 'call_2' }])
    expect(JSON.stringify(last?.body)).toContain(everything.text)
    expect(JSON.stringify(last?.body)).not.toMatch(/Because it is|sealed/)
  })

  test.each([
    ['length', 'max_tokens'],
    ['refusal', 'refusal'],
    ['stop', 'end_turn'],
  ] as const)('that ended by %s, is %s', async (finish, reason) => {
    format = name
    cloud.script([{ text: 'One two', finish }])

    expect(await client.messages.stream(params).finalMessage()).toMatchObject({ stop_reason: reason, content: [{ text: 'One two' }] })
  })

  test.each([true, false])('by its helper that runs tools (streamed: %s)', async (stream) => {
    format = name
    cloud.script([{ reasoning: 'Hm', toolCalls: [{ name: 'add', input: { a: 1, b: 2 } }] }, { text: 'It is 3' }])
    const inputSchema = z.object({ a: z.number(), b: z.number() })
    const add = betaZodTool({ name: 'add', description: 'Adds', inputSchema, run: ({ a, b }) => `${a + b}` })

    const answer = await client.beta.messages.toolRunner({ ...params, tools: [add], stream }).runUntilDone()

    expect(answer.content).toMatchObject([{ type: 'text', text: 'It is 3' }])
    expect(cloud.requests[1]?.toolResults.map(({ text }) => text)).toEqual(['3'])
    expect(asked[0]?.tools).toMatchObject([{ name: 'add', description: 'Adds', inputSchema: { type: 'object' } }])
  })

  test('by its helper that parses', async () => {
    format = name
    cloud.script([{ text: '{"n": 5}' }])

    const answer = await client.messages.parse({ ...params, output_config: { format: zodOutputFormat(z.object({ n: z.number() })) } })

    expect(answer.parsed_output).toEqual({ n: 5 })
    expect(asked[0]?.responseSchema).toMatchObject({ type: 'object', required: ['n'] })
  })
})

describe('a conversation in our vocabulary', () => {
  const word = fc.string({ minLength: 1, maxLength: 8 })
  const lifetime = fc.constantFrom(undefined, '5m' as const)
  const marked = (part: Part, cacheBreakpoint: '5m' | undefined) =>
    cacheBreakpoint === undefined ? part : ({ ...part, cacheBreakpoint } as Part)
  const asks = fc
    .tuple(
      fc.oneof(
        word.map((text): Part => ({ type: 'text', text })),
        fc.constant<Part>({ type: 'image', mediaType: 'image/png', data: 'AAAA' }),
        fc.constant<Part>({ type: 'file', mediaType: 'application/pdf', name: 'a.pdf', data: 'AAAA' }),
        word.map((text): Part => ({ type: 'file', mediaType: 'text/plain', name: 'b', data: Buffer.from(text).toString('base64') })),
      ),
      lifetime,
    )
    .map(([part, cacheBreakpoint]) => marked(part, cacheBreakpoint))
  const turn = fc.record({
    asked: fc.array(fc.oneof(asks, fc.constant<Part>({ type: 'image-url', url: 'https://example.com/a' })), { minLength: 1, maxLength: 3 }),
    said: word,
    calls: fc.array(fc.record({ input: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }), result: word, isError: fc.boolean() }), {
      maxLength: 3,
    }),
  })

  test('written for Anthropic, reads from the side of a client as it was', () => {
    fc.assert(
      fc.property(fc.array(turn, { minLength: 1, maxLength: 3 }), word, (turns, system) => {
        let count = 0
        let marks = 0
        const messages = turns.flatMap(({ asked: parts, said, calls: made }): Message[] => {
          const few = parts.map((part): Part => {
            if (!('cacheBreakpoint' in part)) return part
            marks += 1
            const { cacheBreakpoint: _, ...plain } = part
            return marks > 4 ? (plain as Part) : part
          })
          const calls = made.map((call) => ({ ...call, id: `call_${count++}`, input: JSON.parse(JSON.stringify(call.input)) }))
          const results = calls.map(({ id, result, isError }): Part => {
            return { type: 'tool-result', id, name: 'add', content: [{ type: 'text', text: result }], isError }
          })
          const called = calls.map(({ id, input }): Part => ({ type: 'tool-call', id, name: 'add', input }))
          const turnOf = (...content: Part[]): Message => ({ role: 'assistant', content })
          return [
            { role: 'user', content: few },
            turnOf({ type: 'text', text: said }, ...called),
            ...(results.length > 0 ? [{ role: 'user' as const, content: results }, turnOf({ type: 'text', text: said })] : []),
          ]
        })
        const tools = [{ name: 'add', description: 'Adds', inputSchema: { type: 'object' } }]
        const request = {
          messages,
          system,
          tools,
          toolChoice: { name: 'add' },
          parallelToolCalls: false,
          topP: 0.5,
          stopSequences: ['END'],
        }

        const body = toBody({ model: 'claude-sonnet-4-5', ...request }, 'cloud/m')
        const read = anthropicMessages.readRequest(JSON.parse(JSON.stringify(body)))

        expect(read).toMatchObject({ ...request, untranslated: [] })
        expect(read.messages).toEqual(messages)
      }),
      { numRuns: 200 },
    )
  })
})

async function textOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of incoming) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks).toString('utf8')
}
