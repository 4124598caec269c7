import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anthropicMessages } from '../../../models/wire/anthropic-messages.ts'
import { ClientRequestError } from '../../../models/wire/client-format.ts'

const least = { model: 'claude-sonnet-5', max_tokens: 100, messages: [{ role: 'user', content: 'Hi' }] }
const read = (fields: object = {}) => anthropicMessages.readRequest({ ...least, ...fields })
const contentOf = (...content: object[]) => read({ messages: [{ role: 'user', content }] }).messages[0]?.content

describe('anthropicMessages.readRequest()', () => {
  test('reads the least that a request says', () => {
    expect(read()).toEqual({
      model: 'claude-sonnet-5',
      stream: false,
      system: undefined,
      systemCacheBreakpoint: undefined,
      messages: [{ role: 'user', content: [{ type: 'text', text: 'Hi' }] }],
      tools: [],
      toolChoice: undefined,
      parallelToolCalls: undefined,
      maxOutputTokens: 100,
      temperature: undefined,
      topP: undefined,
      stopSequences: undefined,
      reasoning: undefined,
      responseSchema: undefined,
      cacheKey: undefined,
      textTools: new Set(),
      user: undefined,
      wantsUsage: true,
      previousResponse: undefined,
      stores: false,
      untranslated: [],
    })
  })

  test('reads limits, sampling, stops, the user and the stream', () => {
    const fields = { stream: true, temperature: 0.5, top_p: 0.9, stop_sequences: ['END'], metadata: { user_id: 'u_1' } }

    expect(read(fields)).toMatchObject({ stream: true, temperature: 0.5, topP: 0.9, stopSequences: ['END'], user: 'u_1', untranslated: [] })
  })

  test('joins system texts by blank lines and remembers the last mark', () => {
    const system = [
      { type: 'text', text: 'One', cache_control: { type: 'ephemeral', ttl: '1h' } },
      { type: 'text', text: 'Two', cache_control: { type: 'ephemeral' } },
      { type: 'text', text: 'Three' },
    ]

    expect(read({ system })).toMatchObject({ system: 'One\n\nTwo\n\nThree', systemCacheBreakpoint: '5m' })
    expect(read({ system: 'Plain' })).toMatchObject({ system: 'Plain', systemCacheBreakpoint: undefined })
  })

  test('system texts that the conversation begins with are system text, later ones stay in their place and are named', () => {
    const messages = [
      { role: 'system', content: 'First' },
      { role: 'user', content: 'Hi' },
      { role: 'system', content: 'Later' },
    ]

    expect(read({ messages, system: 'Before' })).toMatchObject({
      system: 'Before\n\nFirst',
      messages: [{ role: 'user' }, { role: 'user', content: [{ type: 'text', text: 'Later' }] }],
      untranslated: ['messages[].role(system)'],
    })
  })

  test('reads texts, images and documents with their marks', () => {
    const mark = { cache_control: { type: 'ephemeral', ttl: '1h' } }

    expect(
      contentOf(
        { type: 'text', text: 'Look', ...mark },
        { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' }, ...mark },
        { type: 'image', source: { type: 'url', url: 'https://example.com/a.png' } },
        { type: 'document', source: { type: 'base64', media_type: 'application/pdf', data: 'BBBB' }, title: 'a.pdf', ...mark },
        { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'Zwölf' }, title: 'b' },
        { type: 'document', source: { type: 'content', content: [{ type: 'text', text: 'Inner' }] }, title: 'c', ...mark },
        { type: 'search_result', source: 'https://example.com', title: 'd', content: [{ type: 'text', text: 'Found' }] },
      ),
    ).toEqual([
      { type: 'text', text: 'Look', cacheBreakpoint: '1h' },
      { type: 'image', mediaType: 'image/png', data: 'AAAA', cacheBreakpoint: '1h' },
      { type: 'image-url', url: 'https://example.com/a.png' },
      { type: 'file', mediaType: 'application/pdf', name: 'a.pdf', data: 'BBBB', cacheBreakpoint: '1h' },
      { type: 'file', mediaType: 'text/plain', name: 'b', data: Buffer.from('Zwölf').toString('base64') },
      { type: 'text', text: 'c' },
      { type: 'text', text: 'Inner', cacheBreakpoint: '1h' },
      { type: 'text', text: 'd\nhttps://example.com\n\nFound' },
    ])
  })

  test('reads thinking as it came, calls, and results by the name of their call', () => {
    const thinking = { type: 'thinking', thinking: 'Hm', signature: 'c2ln' }
    const redacted = { type: 'redacted_thinking', data: 'cmVk' }
    const { messages, untranslated } = read({
      messages: [
        { role: 'user', content: 'Go' },
        {
          role: 'assistant',
          content: [thinking, redacted, { type: 'tool_use', id: 't_1', name: 'look', input: { at: 1 }, caller: { type: 'direct' } }],
        },
        {
          role: 'user',
          content: [
            {
              type: 'tool_result',
              tool_use_id: 't_1',
              is_error: true,
              cache_control: { type: 'ephemeral' },
              content: [
                { type: 'text', text: 'seen' },
                { type: 'image', source: { type: 'base64', media_type: 'image/webp', data: 'AAAA' } },
                { type: 'document', source: { type: 'text', media_type: 'text/plain', data: 'read' } },
              ],
            },
            { type: 'tool_result', tool_use_id: 't_2', content: 'text' },
            { type: 'tool_result', tool_use_id: 't_3' },
          ],
        },
      ],
    })

    expect(untranslated).toEqual([])
    expect(messages.slice(1)).toEqual([
      {
        role: 'assistant',
        content: [
          { type: 'reasoning', text: 'Hm', mintedBy: '', raw: thinking },
          { type: 'reasoning', text: '', mintedBy: '', raw: redacted },
          { type: 'tool-call', id: 't_1', name: 'look', input: { at: 1 } },
        ],
      },
      {
        role: 'user',
        content: [
          {
            type: 'tool-result',
            id: 't_1',
            name: 'look',
            isError: true,
            cacheBreakpoint: '5m',
            content: [
              { type: 'text', text: 'seen' },
              { type: 'image', mediaType: 'image/webp', data: 'AAAA' },
              { type: 'text', text: 'read' },
            ],
          },
          { type: 'tool-result', id: 't_2', name: '', isError: false, content: [{ type: 'text', text: 'text' }] },
          { type: 'tool-result', id: 't_3', name: '', isError: false, content: [] },
        ],
      },
    ])
  })

  test('reads the tools of the client, and names those that the vendor runs', () => {
    const tools = [
      { name: 'a', description: 'A', input_schema: { type: 'object' }, cache_control: { type: 'ephemeral' } },
      { type: 'custom', name: 'b', input_schema: { type: 'object' }, strict: true },
      { type: 'web_search_20250305', name: 'web_search', max_uses: 3 },
      { type: 'bash_20250124', name: 'bash' },
    ]

    expect(read({ tools })).toMatchObject({
      tools: [
        { name: 'a', description: 'A', inputSchema: { type: 'object' }, cacheBreakpoint: '5m' },
        { name: 'b', description: '', inputSchema: { type: 'object' } },
      ],
      untranslated: ['tools[].strict', 'tools[](web_search_20250305)', 'tools[](bash_20250124)'],
    })
  })

  test.each([
    [{ type: 'auto' }, 'auto', undefined],
    [{ type: 'any', disable_parallel_tool_use: true }, 'required', false],
    [{ type: 'tool', name: 'go', disable_parallel_tool_use: false }, { name: 'go' }, undefined],
    [{ type: 'none' }, 'none', undefined],
  ])('tool_choice %j', (tool_choice, toolChoice, parallelToolCalls) => {
    expect(read({ tool_choice })).toMatchObject({ toolChoice, parallelToolCalls })
  })

  test.each([
    [{ thinking: { type: 'enabled', budget_tokens: 2048 } }, { budgetTokens: 2048, shown: true }],
    [{ thinking: { type: 'disabled' }, output_config: { effort: 'low' } }, { effort: 'none' }],
    [{ thinking: { type: 'adaptive' } }, { shown: true }],
    [
      { thinking: { type: 'adaptive' }, output_config: { effort: 'max' } },
      { effort: 'xhigh', shown: true },
    ],
    [{ output_config: { effort: 'medium' } }, { effort: 'medium' }],
    [{}, undefined],
  ])('thinking of %j', (fields, reasoning) => {
    expect(read(fields)).toMatchObject({ untranslated: [] })
    expect(read(fields).reasoning).toEqual(reasoning)
  })

  test('reads the schema of an answer, in its new and its old place', () => {
    const format = { type: 'json_schema', schema: { type: 'object' } }

    expect(read({ output_config: { format } }).responseSchema).toEqual({ type: 'object' })
    expect(read({ output_format: format }).responseSchema).toEqual({ type: 'object' })
  })

  test('names what has no word, once and without positions, and leaves it out', () => {
    const block = { type: 'server_tool_use', id: 's_1', name: 'web_search', input: {} }
    const request = read({
      top_k: 5,
      service_tier: 'auto',
      container: null,
      metadata: { user_id: 'u', other: 1 },
      thinking: { type: 'adaptive', display: 'omitted' },
      messages: [
        { role: 'assistant', content: [block, block, { type: 'brand_new' }] },
        {
          role: 'user',
          content: [
            { type: 'image', source: { type: 'file', file_id: 'f' } },
            { type: 'document', source: { type: 'url', url: 'https://example.com' }, citations: { enabled: true } },
            { type: 'text', text: 'Hi', citations: null },
          ],
        },
      ],
    })

    expect(request.messages.map(({ content }) => content.length)).toEqual([0, 1])
    expect(request.untranslated).toEqual([
      'top_k',
      'service_tier',
      'messages[].content[](server_tool_use)',
      'messages[].content[](brand_new)',
      'messages[].content[](image file)',
      'messages[].content[].citations',
      'messages[].content[](document url)',
      'metadata.other',
      'thinking.display',
    ])
  })

  test.each([
    ['body: must be an object, received a list', []],
    ['model: must be a string that is not empty, received nothing', { ...least, model: undefined }],
    ['max_tokens: must be an integer of at least 0, received nothing', { ...least, max_tokens: undefined }],
    ['max_tokens: must be an integer of at least 0, received 1.5', { ...least, max_tokens: 1.5 }],
    ['messages: must be a list, received an object', { ...least, messages: {} }],
    ['messages: must be a list of at least one message, received a list', { ...least, messages: [] }],
    ['messages[0].role: must be "user", "assistant" or "system", received "tool"', { ...least, messages: [{ role: 'tool', content: '' }] }],
    [
      'messages[0].content[1].text: must be a string, received 7',
      {
        ...least,
        messages: [
          {
            role: 'user',
            content: [
              { type: 'text', text: '' },
              { type: 'text', text: 7 },
            ],
          },
        ],
      },
    ],
    [
      'messages[0].content[0].input: must be an object, received "{}"',
      { ...least, messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 'a', name: 'b', input: '{}' }] }] },
    ],
    ['temperature: must be a number from 0 to 1, received 2', { ...least, temperature: 2 }],
    ['stream: must be true or false, received "yes"', { ...least, stream: 'yes' }],
    ['tools[0].input_schema: must be an object, received nothing', { ...least, tools: [{ name: 'a' }] }],
    [
      'messages[0].content[0].source.media_type: must be image/png, image/jpeg, image/webp or image/gif, received "image/tiff"',
      {
        ...least,
        messages: [{ role: 'user', content: [{ type: 'image', source: { type: 'base64', media_type: 'image/tiff', data: '' } }] }],
      },
    ],
  ])('%s', (message, body) => {
    expect(() => anthropicMessages.readRequest(body)).toThrow(
      new ClientRequestError(message.split(':')[0] ?? '', message.replace(/^[^:]*: /, '')),
    )
  })

  test('reads any JSON, or says with its own error why not', () => {
    const names = fc.constantFrom(
      ...['type', 'role', 'content', 'text', 'source', 'data', 'media_type', 'id', 'tool_use_id', 'name', 'input', 'thinking'],
      ...['cache_control', 'ttl', 'citations', 'title', 'is_error', 'input_schema', '__proto__', 'constructor'],
    )
    const words = fc.constantFrom(
      ...['text', 'image', 'document', 'tool_use', 'tool_result', 'thinking', 'redacted_thinking', 'search_result', 'base64', 'url'],
      ...['content', 'user', 'assistant', 'system', 'image/png', 'enabled', 'adaptive', 'any', 'tool', 'json_schema', '1h', ''],
    )
    const { value } = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 5 },
        fc.oneof(words, fc.string(), fc.double(), fc.boolean(), fc.constant(null), fc.nat()),
        fc.array(tie('value'), { maxLength: 4 }),
        fc.dictionary(names, tie('value'), { maxKeys: 6 }),
      ),
    }))
    const field = fc.constantFrom(
      ...['model', 'messages', 'system', 'max_tokens', 'stream', 'tools', 'tool_choice', 'thinking', 'output_config', 'metadata'],
      ...['stop_sequences', 'temperature', 'output_format', 'cache_control'],
    )
    const body = fc.oneof(
      fc.anything(),
      fc.dictionary(field, value),
      fc.dictionary(field, value).map((fields) => ({ ...least, ...fields })),
      fc.array(value).map((content) => ({ ...least, messages: [{ role: 'user', content }] })),
    )
    fc.assert(
      fc.property(body, (input) => {
        try {
          anthropicMessages.readRequest(input)
        } catch (error) {
          if (!(error instanceof ClientRequestError)) throw error
        }
      }),
      { numRuns: 3000 },
    )
  })
})
