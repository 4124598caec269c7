import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fakeSignalbox } from '../support/fake-signalbox.ts'
import { fakeHost } from '../support/mcp-host.ts'
import { answerOf, type HttpFixture, modernRequest, startHttp } from '../support/mcp-http.ts'

/** As much of the answers as is looked at. */
interface ListResult {
  tools: { name: string }[]
  prompts: { name: string }[]
  messages: { content: { text: string } }[]
  resourceTemplates: { uriTemplate: string }[]
  completion: { values: string[] }
}

let door: HttpFixture
const send = async (method: string, params: Record<string, unknown> = {}, path = '/mcp', headers: Record<string, string> = {}) =>
  (await answerOf(await modernRequest(door.url + path, method, params, { headers }))) as unknown as {
    result: ListResult
    error: { code: number; message: string }
  }

beforeEach(async () => {
  const host = fakeHost({
    tools: [
      { definition: { name: 'quick', description: 'Shadows ours' }, call: async () => ({ content: [] }) },
      { definition: { name: 'theirs', description: 'Hosted' }, call: async () => ({ content: [{ type: 'text', text: 'theirs' }] }) },
    ],
    prompts: [
      {
        definition: { name: 'hosted-prompt' },
        get: (args) => ({ messages: [{ role: 'user', content: { type: 'text', text: JSON.stringify(args) } }] }),
      },
    ],
    resources: [
      {
        definition: { uri: 'test://one', name: 'one' },
        read: () => ({ contents: [{ uri: 'test://one', text: '1' }], cacheScope: 'public', ttlMs: 5 }),
      },
    ],
    templates: [{ uriTemplate: 'test://{id}', name: 'by id' }],
  })
  door = await startHttp({ box: fakeSignalbox({ host }) })
})
afterEach(() => door.close())

describe('tools', () => {
  test('tools/list has no hosted tool that would shadow one of ours', async () => {
    const { result } = await send('tools/list')

    const names = result.tools.map((tool) => tool.name)
    expect(names).toEqual([...new Set(names)])
    expect(names.at(-1)).toBe('theirs')
  })

  test('tools/list shows schemas that tell what to send and nothing that only costs', async () => {
    const { result } = await send('tools/list')

    expect(result.tools[0]).toMatchObject({
      name: 'quick',
      inputSchema: {
        type: 'object',
        properties: { text: { type: 'string', minLength: 1 }, times: { type: 'integer', minimum: 1, maximum: 5, default: 1 } },
        required: ['text'],
      },
      outputSchema: { type: 'object', properties: { said: { type: 'string' } }, required: ['said'] },
      annotations: { readOnlyHint: true, openWorldHint: false },
    })
    expect(JSON.stringify(result.tools[0])).not.toMatch(/\$schema|additionalProperties/)
  })

  test('each list is one page, and says so', async () => {
    for (const method of ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list']) {
      expect((await send(method, { cursor: 'x' })).error.code).toBe(-32602)
    }
  })
})

describe('prompts', () => {
  test('prompts/list has ours and the hosted ones', async () => {
    const { result } = await send('prompts/list')

    const names = result.prompts.map((prompt) => prompt.name)
    expect(names).toEqual(['route-a-task', 'review-with-second-model', 'drive-a-browser-safely', 'hosted-prompt'])
  })

  test('prompts/get writes what was given into the text, and leaves out what was not', async () => {
    const { result } = await send('prompts/get', { name: 'route-a-task', arguments: { task: 'Mend the fence', pool: 'deep' } })

    const text = result.messages[0]?.content.text
    expect(text).toContain('Task: Mend the fence')
    expect(text).toContain('ask with pool "deep"')
    expect(text).not.toMatch(/undefined|Use the tool/)
  })

  test('prompts/get names each argument that is missing', async () => {
    const { error } = await send('prompts/get', { name: 'drive-a-browser-safely' })

    expect(error).toMatchObject({ code: -32602, message: 'Prompt drive-a-browser-safely needs: goal' })
  })

  test('prompts/get fetches a hosted one, and knows no other', async () => {
    const { result } = await send('prompts/get', { name: 'hosted-prompt', arguments: { a: 'b' } })
    const { error } = await send('prompts/get', { name: 'nobody-has-it' })

    expect(result.messages[0]?.content.text).toBe('{"a":"b"}')
    expect(error.code).toBe(-32602)
  })
})

describe('resources', () => {
  test('resources/templates/list has ours and the hosted ones', async () => {
    const { result } = await send('resources/templates/list')

    const uris = result.resourceTemplates.map((one) => one.uriTemplate)
    expect(uris).toEqual(['signalbox://decision/{id}', 'signalbox://thread/{id}', 'signalbox://frame/{id}', 'test://{id}'])
  })

  test('resources/read never passes a hosted result on as public', async () => {
    const { result } = await send('resources/read', { uri: 'test://one' })

    expect(result).toMatchObject({ contents: [{ text: '1' }], cacheScope: 'private', ttlMs: 5 })
  })

  test('resources/read reaches through a profile only what the profile lists', async () => {
    const { error } = await send('resources/read', { uri: 'test://one' }, '/mcp/narrow')

    expect(error.code).toBe(-32602)
  })
})

describe('completions', () => {
  const complete = (ref: object, name: string, headers?: Record<string, string>) =>
    send('completion/complete', { ref, argument: { name, value: 'a' } }, '/mcp', headers)

  test.each(['pool', 'thread', 'tool'])('completion/complete spells the %s of a prompt, for this caller', async (argument) => {
    const { result } = await complete({ type: 'ref/prompt', name: 'route-a-task' }, argument)

    expect(result.completion).toMatchObject({ values: [`${argument}:a:local`], hasMore: false })
  })

  test('completion/complete asks as the caller that it is', async () => {
    const { result } = await complete({ type: 'ref/resource', uri: 'signalbox://thread/{id}' }, 'id', { 'x-api-key': 'k' })

    expect(result.completion.values[0]).toMatch(/^thread:a:key:/)
  })

  test('completion/complete knows nothing of a free text, and no reference that is not there', async () => {
    const { result } = await complete({ type: 'ref/prompt', name: 'route-a-task' }, 'task')
    const { error } = await complete({ type: 'ref/prompt', name: 'nobody-has-it' }, 'task')

    expect(result.completion.values).toEqual([])
    expect(error.code).toBe(-32602)
  })

  test('completion/complete passes on what a hosted server knows', async () => {
    const { result } = await complete({ type: 'ref/prompt', name: 'hosted-prompt' }, 'x')

    expect(result.completion.values).toEqual(['a-completed'])
  })
})
