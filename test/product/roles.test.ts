import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type AnyClient, connectClient, sdks } from '../support/mcp-clients.ts'
import { answerOf, modernRequest } from '../support/mcp-http.ts'
import { published, type RunningProduct, startProduct } from '../support/mcp-product.ts'

/** Two keys with two roles on one Signalbox: each sees and uses what its role reaches, in each era, and nothing beside it. */

const keys = {
  owner: 'the-owner-has-this-key',
  reader: 'the-reader-has-this-key',
  thinker: 'the-thinker-has-this-key',
  both: 'one-key-for-both-roles',
}
let product: RunningProduct

beforeAll(async () => {
  product = await startProduct({
    tools: (folder) => ({
      files: published('filesystem', folder),
      everything: { ...published('everything'), expose: 'direct' },
    }),
    rest: {
      providers: { cloud: { kind: 'openai', base_url: 'http://127.0.0.1:9/v1' } },
      pools: { quick: { models: ['cloud/small'], expose: true }, deep: { models: ['cloud/large'], expose: true } },
      roles: { reader: { tools: ['files_read_*'], pools: ['quick'] }, thinker: { servers: ['every*'], pools: [] } },
      http: {
        token: keys.owner,
        tokens: [
          { name: 'reader', token: keys.reader, roles: ['reader'] },
          { name: 'thinker', token: keys.thinker, roles: ['thinker'] },
          { name: 'both', token: keys.both, roles: ['reader', 'thinker'] },
        ],
      },
    },
    files: { 'note.txt': 'The harbour opens at six.' },
  })
}, 60_000)
afterAll(() => product?.close())

type Key = keyof typeof keys

async function as<T>(key: Key, sdk: (typeof sdks)[number], use: (client: AnyClient) => Promise<T>): Promise<T> {
  const client = await connectClient(sdk, { url: product.url, headers: { authorization: `Bearer ${keys[key]}` } })
  try {
    return await use(client)
  } finally {
    await client.close()
  }
}

const wordsOf = ({ content }: { content: { text?: string }[] }) => content.map(({ text }) => text ?? '').join('\n')
const found = async (client: AnyClient, need: string) => {
  const { structuredContent } = await client.callTool({ name: 'find_tools', arguments: { need, limit: 20 } })
  return (structuredContent as { tools: { name: string }[] }).tools.map(({ name }) => name)
}

describe.each(sdks)('%s', (sdk) => {
  test('find_tools shows each role what it reaches', async () => {
    const need = 'read, write or list a file, echo a message, add numbers'
    const all = await as('owner', sdk, (client) => found(client, need))
    const [read, thought, both] = await Promise.all(
      (['reader', 'thinker', 'both'] as const).map((key) => as(key, sdk, (client) => found(client, need))),
    )

    expect(all.some((name) => name.startsWith('files_write'))).toBe(true)
    expect(read?.length).toBeGreaterThan(0)
    expect(read?.every((name) => name.startsWith('files_read_'))).toBe(true)
    expect(thought?.length).toBeGreaterThan(0)
    expect(thought?.every((name) => name.startsWith('everything_'))).toBe(true)
    expect(new Set(both)).toEqual(new Set([...(both ?? []).filter((name) => /^(files_read_|everything_)/.test(name))]))
  })

  test('a tool of the other role is refused like one that is not there', async () => {
    const refused = await as('thinker', sdk, (client) =>
      client.callTool({ name: 'call_tool_write', arguments: { name: 'files_read_text_file', arguments: { path: 'note.txt' } } }),
    )
    const unknown = await as('thinker', sdk, (client) =>
      client.callTool({ name: 'call_tool_write', arguments: { name: 'files_read_text_fils', arguments: {} } }),
    )
    const allowed = await as('reader', sdk, (client) =>
      client.callTool({
        name: 'call_tool_write',
        arguments: { name: 'files_read_text_file', arguments: { path: `${product.folder}/note.txt` } },
      }),
    )

    expect(refused.isError).toBe(true)
    expect(wordsOf(refused).replace('file"', 'fils"')).toBe(wordsOf(unknown))
    expect(wordsOf(allowed)).toContain('The harbour opens at six.')
  })

  test('the lists hold pools and direct tools, prompts and resources that the role reaches', async () => {
    const names = (key: Key) => as(key, sdk, async (client) => (await client.listTools()).map(({ name }) => name))
    const prompts = (key: Key) => as(key, sdk, async ({ raw }) => (await raw.listPrompts()).prompts.map(({ name }) => name))
    const [owner, reader, thinker] = [await names('owner'), await names('reader'), await names('thinker')]

    expect(owner).toEqual(expect.arrayContaining(['ask_quick', 'ask_deep', 'everything_echo']))
    expect(reader).toContain('ask_quick')
    expect(reader.filter((name) => name === 'ask_deep' || name.startsWith('everything_'))).toEqual([])
    expect(thinker).toContain('everything_echo')
    expect(thinker.filter((name) => name.startsWith('ask_'))).toEqual([])
    const hosted = (list: string[]) => list.filter((name) => name.startsWith('everything_') || name.includes('args'))
    expect(hosted(await prompts('thinker'))).not.toEqual([])
    expect(hosted(await prompts('reader'))).toEqual([])
  })

  test('a hosted resource is read by the role that reaches its server alone', async () => {
    const uri = await as('thinker', sdk, async ({ raw }) => (await raw.listResources()).resources[0]?.uri ?? '')

    const read = as('thinker', sdk, ({ raw }) => raw.readResource({ uri }))
    await expect(read).resolves.toMatchObject({ contents: [{}] })
    await expect(as('reader', sdk, ({ raw }) => raw.readResource({ uri }))).rejects.toThrow(/not found/i)
  })

  test('ask knows no pool that is out of reach, and the plan tries none', async () => {
    const asked = await as('reader', sdk, (client) => client.callTool({ name: 'ask', arguments: { prompt: 'Hi', pool: 'deep' } }))
    const model = await as('thinker', sdk, (client) => client.callTool({ name: 'ask', arguments: { prompt: 'Hi', model: 'cloud/small' } }))
    const plan = await as('thinker', sdk, (client) => client.callTool({ name: 'plan_step', arguments: { prompt: 'Hi' } }))
    const status = await as('reader', sdk, (client) => client.callTool({ name: 'status', arguments: {} }))

    expect(wordsOf(asked)).toContain('there is no pool "deep" (there is quick, extractive)')
    expect(wordsOf(model)).toContain('there is no model "cloud/small"')
    expect(plan.structuredContent).toMatchObject({ pool: 'extractive', rejected: [] })
    expect(JSON.stringify(status)).not.toMatch(/deep|cloud\/large/)
  })
})

test('no key and a wrong one are refused, on each path', async () => {
  const plan = (headers: Record<string, string>) =>
    fetch(product.url.replace(/mcp$/, 'v1/plan'), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: '{"prompt":"Hi"}',
    })

  expect((await plan({})).status).toBe(401)
  expect((await plan({ 'x-api-key': `${keys.reader}x` })).status).toBe(401)
  expect(await (await plan({ 'x-api-key': keys.thinker })).json()).toMatchObject({ pool: 'extractive' })
  expect((await answerOf(await modernRequest(product.url, 'tools/list'))).error).toBeDefined()
})

test('what one key remembers is not there for another', async () => {
  const call = (key: Key, name: string, args: Record<string, unknown>) =>
    as(key, 'v2 modern', (client) => client.callTool({ name, arguments: args }))
  await call('reader', 'remember', { text: 'The code word is periwinkle' })

  expect(wordsOf(await call('reader', 'recall', { query: 'code word' }))).toContain('periwinkle')
  expect(wordsOf(await call('both', 'recall', { query: 'code word' }))).not.toContain('periwinkle')
})
