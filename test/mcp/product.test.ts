import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type AnyClient, connectClient, sdks } from '../support/mcp-clients.ts'
import { answerOf, modernRequest } from '../support/mcp-http.ts'
import { published, type RunningProduct, startProduct } from '../support/mcp-product.ts'

let product: RunningProduct
beforeAll(async () => {
  product = await startProduct({
    tools: (folder) => ({
      files: published('filesystem', folder),
      memory: { ...published('memory'), env: { MEMORY_FILE_PATH: join(folder, 'graph.jsonl') } },
      everything: published('everything'),
      thinking: published('sequential-thinking'),
    }),
    files: { 'ferry.txt': 'The ferry to Hven leaves at 07:40 from quay four.\nBicycles travel free of charge.\n' },
  })
}, 60_000)
afterAll(() => product.close())

const doors = ['stdio', 'HTTP'] as const
const cells = doors.flatMap((door) => sdks.map((sdk) => ({ door, sdk })))

describe.each(cells)('the product over $door, client $sdk', { timeout: 60_000 }, ({ door, sdk }) => {
  const nobody: Answer = () => ({ action: 'cancel' })
  let answer = nobody
  let client: AnyClient
  beforeAll(async () => {
    const target = door === 'HTTP' ? { url: product.url } : product.program
    client = await connectClient(sdk, target, { answer: (message) => answer(message) })
  })
  afterEach(() => {
    answer = nobody
  })
  afterAll(() => client.close())

  test('finds the tool by a sentence, calls it, and answers from what it returned', async () => {
    const thread = `ferry ${door} ${sdk}`
    const path = join(product.folder, 'ferry.txt')

    const found = await client.callTool({ name: 'find_tools', arguments: { need: 'see what is written in a text file on disk' } })
    const { tools } = found.structuredContent as { tools: { name: string; call_with: string }[] }
    const [best] = tools
    await client.callTool({ name: best?.call_with ?? '', arguments: { name: best?.name, arguments: { path }, thread } })
    const said = await client.callTool({ name: 'ask', arguments: { prompt: 'When does the ferry to Hven leave?', thread } })

    expect(best).toMatchObject({ name: expect.stringMatching(/^files_read/), call_with: 'call_tool' })
    expect(said.structuredContent).toMatchObject({ status: 'done', text: expect.stringContaining('07:40') })
  })

  test('is asked before a file is overwritten, and only a yes writes it, once', async () => {
    const path = join(product.folder, `note ${door} ${sdk}.txt`)
    const asked: string[] = []
    const replies: ReturnType<Answer>[] = [{ action: 'decline' }, { action: 'accept', content: { confirm: true } }]
    answer = (message) => {
      asked.push(message)
      return replies.shift() ?? { action: 'cancel' }
    }
    const write = { name: 'call_tool_write', arguments: { name: 'files_write_file', arguments: { path, content: 'written' } } }

    const no = await client.callTool(write)
    const writtenAfterNo = existsSync(path)
    const yes = await client.callTool(write)

    expect(no).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('the person said no') }] })
    expect(writtenAfterNo).toBe(false)
    expect(yes.isError ?? false).toBe(false)
    expect(await readFile(path, 'utf8')).toBe('written')
    expect(asked).toEqual([expect.stringContaining(path), expect.stringContaining(path)])
    await rm(path)
  })

  test('answers what a server of the older era asks in the middle of a call', async () => {
    const asked: string[] = []
    answer = (message) => {
      asked.push(message)
      return { action: 'accept', content: { name: 'Ada' } }
    }

    const name = 'everything_trigger-elicitation-request'
    const result = await client.callTool({ name: 'call_tool_write', arguments: { name, arguments: {} } })

    expect(asked).toHaveLength(1)
    expect(JSON.stringify(result.content)).toContain('Ada')
  })
})

test('a client that cannot ask a person is told how a person can decide, and nothing is written', async () => {
  const path = join(product.folder, 'unconfirmed.txt')
  const client = await connectClient('v2 modern', { url: product.url })

  const write = { name: 'files_write_file', arguments: { path, content: 'written' } }
  const result = await client.callTool({ name: 'call_tool_write', arguments: write })

  expect(result.content[0]?.text).toMatch(/^needs_approval: .*signalbox approvals accept ap_/s)
  expect(existsSync(path)).toBe(false)
  await client.close()
})

test('two principals never see what the other has', { timeout: 60_000 }, async () => {
  const send = async (key: string, method: string, params: Record<string, unknown>) =>
    JSON.stringify(await answerOf(await modernRequest(product.url, method, params, { headers: { 'x-api-key': key } })))
  const call = (key: string, name: string, args: object) => send(key, 'tools/call', { name, arguments: args })
  await call('ada', 'remember', { text: 'The harbour code word is periwinkle', scope: 'caller' })
  const asked = await call('ada', 'ask', { prompt: 'What is periwinkle?', thread: 'periwinkle-thread' })
  const decision = /de_[0-9a-f]{32}/.exec(asked)?.[0] ?? ''
  const thread = /th_[0-9a-f]{32}/.exec(asked)?.[0] ?? ''
  const unknown = `de_${'0'.repeat(32)}`

  const own = await send('ada', 'resources/read', { uri: `signalbox://decision/${decision}` })
  const spelt = { ref: { type: 'ref/prompt', name: 'route-a-task' }, argument: { name: 'thread', value: 'peri' } }
  const answers = await Promise.all([
    call('bob', 'recall', { query: 'periwinkle harbour code word' }),
    call('bob', 'threads', { op: 'list' }),
    call('bob', 'threads', { op: 'get', thread }),
    call('bob', 'threads', { op: 'search', query: 'periwinkle' }),
    call('bob', 'fork_thread', { thread }),
    call('bob', 'rate', { decision, outcome: 'good' }),
    send('bob', 'completion/complete', spelt),
    send('bob', 'resources/read', { uri: `signalbox://thread/${thread}` }),
  ])
  const others = await send('bob', 'resources/read', { uri: `signalbox://decision/${decision}` })
  const none = await send('bob', 'resources/read', { uri: `signalbox://decision/${unknown}` })

  expect([decision, thread]).toEqual([expect.stringMatching(/^de_/), expect.stringMatching(/^th_/)])
  expect(own).toContain('candidates')
  expect(await call('ada', 'recall', { query: 'periwinkle harbour code word' })).toContain('The harbour code word is periwinkle')
  expect(await send('ada', 'completion/complete', spelt)).toContain('periwinkle-thread')
  for (const answer of answers) expect(answer.replaceAll(/(query|thread)[^,]*periwinkle/g, '')).not.toMatch(/harbour|periwinkle-thread/)
  expect(others.replaceAll(decision, unknown)).toBe(none)
})
