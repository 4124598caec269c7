import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { type Answer, type AnyClient, connectClient, type Sdk, sdks } from '../support/mcp-clients.ts'
import { published, type RunningProduct, startProduct } from '../support/mcp-product.ts'
import { scriptedProvider } from '../support/product/servers.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

/** What the policy's rules let pass, ask for, change and hide: for two keys, in each era, at each door to a tool. */

const keys = { admin: 'the-admin-has-this-key', guest: 'the-guest-has-this-key' }

const policy = {
  name: 'house rules',
  default: { prefer: 'first' },
  tools: {
    call: { read: 'allow', write: 'allow', destructive: 'allow' },
    loop: { read: 'allow', write: 'allow', destructive: 'allow' },
  },
  permissions: [
    { name: 'guests_only_look', why: 'guests only look', when: '"guest" in caller.roles && !tool.read_only', do: 'deny', priority: 100 },
    { name: 'no_sums_for_guests', when: '"guest" in caller.roles && tool.name == "everything_get-sum"', do: 'deny', priority: 100 },
    {
      name: 'drafts_are_asked_for',
      why: 'drafts are precious',
      when: 'tool.server == "files" && has(arguments.path) && arguments.path.contains("draft")',
      do: 'confirm',
    },
    { name: 'first_lines', when: 'tool.name == "files_read_text_file"', do: 'rewrite', rewrite: { set: { head: 1 } } },
  ],
}

let cloud: ScriptedProvider
let product: RunningProduct
const clients: AnyClient[] = []

beforeAll(async () => {
  cloud = await startScriptedProvider()
  product = await startProduct({
    tools: (folder) => ({
      files: published('filesystem', folder),
      everything: { ...published('everything'), expose: 'direct', private: false },
      web: {
        command: process.execPath,
        args: [join(import.meta.dirname, '../support/servers/sample-stdio.ts')],
        read_only: ['echo'],
        private: false,
      },
    }),
    rest: {
      policy: './house.policy.yaml',
      providers: scriptedProvider(cloud),
      pools: { cloud: { models: ['scripted/large'] } },
      roles: { admin: {}, guest: {} },
      http: {
        tokens: [
          { name: 'admin', token: keys.admin, roles: ['admin'] },
          { name: 'guest', token: keys.guest, roles: ['guest'] },
        ],
      },
    },
    files: { 'house.policy.yaml': stringify(policy), 'note.txt': 'The harbour opens at six.\nThe code is 4711.' },
  })
}, 60_000)

afterEach(async () => {
  cloud.reset()
  for (const client of clients.splice(0)) await client.close()
})

afterAll(async () => {
  await product?.close()
  await cloud?.close()
})

async function connect(sdk: Sdk, key: keyof typeof keys, answer?: Answer): Promise<AnyClient> {
  const target = { url: product.url, headers: { authorization: `Bearer ${keys[key]}` } }
  const client = await connectClient(sdk, target, answer === undefined ? {} : { answer })
  clients.push(client)
  return client
}

const wordsOf = ({ content }: { content: { text?: string }[] }) => content.map(({ text }) => text ?? '').join('\n')
const inFolder = (name: string) => join(product.folder, name)
const yes: ReturnType<Answer> = { action: 'accept', content: { confirm: true } }

async function found(client: AnyClient, need: string): Promise<string[]> {
  const { structuredContent } = await client.callTool({ name: 'find_tools', arguments: { need, limit: 20 } })
  return (structuredContent as { tools: { name: string }[] }).tools.map(({ name }) => name)
}

describe.each(sdks)('client %s', (sdk) => {
  test('who may only look finds, lists and calls nothing else, and is told of no other name', async () => {
    const admin = await connect(sdk, 'admin')
    const guest = await connect(sdk, 'guest')
    const call = {
      name: 'call_tool_write',
      arguments: { name: 'files_write_file', arguments: { path: inFolder('new.txt'), content: 'x' } },
    }

    const seen = await found(guest, 'write or edit a file, add two numbers')
    const refused = await guest.callTool(call)

    expect(await found(admin, 'write or edit a file, add two numbers')).toEqual(expect.arrayContaining(['files_write_file']))
    expect(seen.length).toBeGreaterThan(0)
    expect(seen.filter((name) => /write|edit|move|create|get-sum/.test(name))).toEqual([])
    expect(wordsOf(refused)).toMatch(/there is no such tool/)
    expect(wordsOf(refused)).not.toMatch(/nearest.*files_(write|edit|move|create)/)
    expect(existsSync(inFolder('new.txt'))).toBe(false)
    const listed = (await guest.listTools()).map(({ name }) => name)
    expect(listed).toContain('everything_echo')
    expect(listed).not.toContain('everything_get-sum')
    expect((await admin.listTools()).map(({ name }) => name)).toContain('everything_get-sum')
    await expect(guest.callTool({ name: 'everything_get-sum', arguments: { a: 1, b: 2 } })).rejects.toMatchObject({ code: -32602 })
  })

  test('a rule over arguments asks a person with its reason, and a no stops the call', async () => {
    const asked: string[] = []
    let answer = yes
    const client = await connect(sdk, 'admin', (message) => {
      asked.push(message)
      return answer
    })
    const write = (name: string) => {
      const args = { path: inFolder(name), content: 'words' }
      return client.callTool({ name: 'call_tool_write', arguments: { name: 'files_write_file', arguments: args } })
    }
    const draft = `draft-${sdk.replace(' ', '-')}.txt`

    answer = { action: 'decline' }
    expect(wordsOf(await write(draft))).toContain('the person said no')
    expect(existsSync(inFolder(draft))).toBe(false)
    answer = yes
    await write(draft)
    await write('final.txt')

    expect(existsSync(inFolder(draft))).toBe(true)
    expect(asked).toHaveLength(2)
    expect(asked[0]).toMatch(/draft.*Asked because drafts are precious/s)
  })

  test('a rule that rewrites is said, and what it made is what runs', async () => {
    const client = await connect(sdk, 'admin')
    const call = { name: 'files_read_text_file', arguments: { path: inFolder('note.txt') } }

    const text = wordsOf(await client.callTool({ name: 'call_tool', arguments: call }))

    expect(text).toContain('The harbour opens at six.')
    expect(text).not.toContain('4711')
    expect(text).toContain('the policy has changed the arguments: head was set to 1 (first_lines)')
  })

  test('in a loop, what may send is asked for once private data has been read, and not before', async () => {
    const asked: string[] = []
    const client = await connect(sdk, 'admin', (message) => {
      asked.push(message)
      return { action: 'decline' }
    })
    // What is recalled from elsewhere brings along what had come in there.
    await client.callTool({ name: 'forget', arguments: { all: true } })
    const send = (text: string) => ({ toolCalls: [{ name: 'web_echo', input: { text } }] })
    const read = { toolCalls: [{ name: 'files_read_text_file', input: { path: inFolder('note.txt') } }] }
    cloud.script([send('before'), read, send('after'), { text: 'It was not sent.' }])

    const prompt = 'Echo a text, then read the note file, then echo it'
    const { structuredContent } = await client.callTool({ name: 'ask', arguments: { prompt, use_tools: true } })

    const { thread, tool_calls: calls } = structuredContent as { thread: string; tool_calls: { name: string; is_error: boolean }[] }
    expect(calls.map(({ name, is_error: isError }) => [name, isError])).toEqual([
      ['web_echo', false],
      ['files_read_text_file', false],
      ['web_echo', true],
    ])
    expect(asked).toEqual([expect.stringMatching(/web_echo.*private data has been read in this thread/s)])

    const taint = ['untrusted_read', 'private_read', 'can_send']
    const { structuredContent: forked } = await client.callTool({ name: 'fork_thread', arguments: { thread } })
    const fork = (forked as { thread: string }).thread
    for (const one of [thread, fork]) {
      const plan = await client.callTool({ name: 'plan_step', arguments: { prompt: 'And now?', thread: one } })
      expect(plan.structuredContent).toMatchObject({ step: { taint } })
      expect(wordsOf(plan)).toContain('Into its thread has come: text that strangers may have written, private data, a tool that may send.')
    }
    cloud.script([send('in the fork'), { text: 'Not sent either.' }])
    await client.callTool({ name: 'ask', arguments: { prompt: 'Echo it', use_tools: true, thread: fork } })
    expect(asked).toHaveLength(2)

    await client.callTool({ name: 'forget', arguments: { thread } })
    const after = await client.callTool({ name: 'plan_step', arguments: { prompt: 'And now?', thread } })
    expect(after.structuredContent).toMatchObject({ step: { taint: [] } })
  })
})
