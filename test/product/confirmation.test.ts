import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { type Answer, type AnyClient, connectClient, type Sdk, sdks } from '../support/mcp-clients.ts'
import { answerOf, modernRequest } from '../support/mcp-http.ts'
import { serveHere } from '../support/product/here.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { type HttpProgram, runCommand, serveHttp, stdioTarget } from '../support/product/program.ts'
import { published, scriptedProvider } from '../support/product/servers.ts'
import { until } from '../support/product/until.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

/** What may destroy is asked of a person first, through whichever door is open, and is done once. */

let cloud: ScriptedProvider
let home: Home
let http: HttpProgram
let files = 0
const clients: AnyClient[] = []

beforeAll(async () => {
  cloud = await startScriptedProvider()
  home = createHome((one) => ({
    tools: { files: published('filesystem', one.files), everything: { ...published('everything'), read_only: true } },
    providers: scriptedProvider(cloud),
    pools: { cloud: { models: ['scripted/large'] } },
  }))
  http = await serveHttp(home)
  const client = await connect('v2 modern')
  await until(async () => {
    const { structuredContent } = await client.callTool({
      name: 'find_tools',
      arguments: { names: ['files_write_file', 'everything_echo'] },
    })
    return (structuredContent as { tools: unknown[] }).tools.length === 2
  }, 'both servers are there')
}, 60_000)

afterEach(async () => {
  cloud.reset()
  for (const client of clients.splice(0)) await client.close()
})

afterAll(async () => {
  await http?.stop()
  await cloud?.close()
  home?.remove()
})

async function connect(sdk: Sdk, answer?: Answer, target = { url: http.mcp } as Parameters<typeof connectClient>[1]): Promise<AnyClient> {
  const client = await connectClient(sdk, target, answer === undefined ? {} : { answer })
  clients.push(client)
  return client
}

/** A file that is not there yet, and the call that would write it. `move` fails when it is run a second time. */
function newFile(content = 'written') {
  files += 1
  const path = join(home.files, `file-${files}.txt`)
  return { path, call: { name: 'files_write_file', arguments: { path, content } } }
}

function newMove() {
  files += 1
  const source = home.write(`source-${files}.txt`, 'moved')
  const destination = join(home.files, `moved-${files}.txt`)
  return { destination, call: { name: 'files_move_file', arguments: { source, destination } } }
}

const yes: ReturnType<Answer> = { action: 'accept', content: { confirm: true } }

function facts(text: string) {
  return { approval: /ap_[0-9a-f]{32}/.exec(text)?.[0] ?? '', handle: /ha_[0-9a-f]{32}/.exec(text)?.[0] ?? '' }
}

describe.each(sdks)('client %s with elicitation', (sdk) => {
  test('a confirmation in the middle of a tool loop parks the run, and goes on with no request or call repeated', async () => {
    const asked: string[] = []
    const client = await connect(sdk, (message) => {
      asked.push(message)
      return yes
    })
    const { destination, call } = newMove()
    cloud.script([{ toolCalls: [{ name: call.name, input: call.arguments }] }, { text: 'It is moved.' }])

    const result = await client.callTool({ name: 'ask', arguments: { prompt: 'Move a file to another name', use_tools: true } })

    expect(result.structuredContent).toMatchObject({
      status: 'done',
      text: 'It is moved.',
      tool_calls: [{ name: 'files_move_file', is_error: false }],
    })
    expect(asked).toEqual([expect.stringContaining(destination)])
    expect(cloud.requests).toHaveLength(2)
    expect(cloud.requests[1]?.toolResults).toEqual([{ id: expect.any(String), text: expect.stringContaining('Successfully moved') }])
    expect(readFileSync(destination, 'utf8')).toBe('moved')
  })

  test('a no is told to the model, and nothing is done', async () => {
    const client = await connect(sdk, () => ({ action: 'decline' }))
    const { path, call } = newFile()
    cloud.script([{ toolCalls: [{ name: call.name, input: call.arguments }] }, { text: 'Then not.' }])

    const result = await client.callTool({ name: 'ask', arguments: { prompt: 'Write a file', use_tools: true } })

    expect(result.structuredContent).toMatchObject({ status: 'done', text: 'Then not.', tool_calls: [{ is_error: true }] })
    expect(cloud.requests[1]?.toolResults[0]?.text).toContain('the person said no')
    expect(existsSync(path)).toBe(false)
  })
})

test('the command line decides what a dialogue has asked, if it is quicker', async () => {
  const dialogue = Promise.withResolvers<ReturnType<Answer>>()
  const asked = Promise.withResolvers<void>()
  const client = await connect('v2 legacy', (() => {
    asked.resolve()
    return dialogue.promise
  }) as unknown as Answer)
  const { path, call } = newFile()

  const calling = client.callTool({ name: 'call_tool_write', arguments: call })
  await asked.promise
  const { approvals } = JSON.parse((await runCommand(home, ['--json', 'approvals', 'list'])).out) as {
    approvals: { id: string; effect: string }[]
  }
  const approval = approvals.find(({ effect }) => effect.includes(path))
  const accepted = await runCommand(home, ['approvals', 'accept', approval?.id ?? 'none'])
  await until(() => existsSync(path), 'the file is written')
  dialogue.resolve({ action: 'decline' })
  const result = await calling

  expect(accepted).toMatchObject({ code: 0, out: expect.stringContaining(path) })
  expect(result.isError ?? false).toBe(false)
  expect(readFileSync(path, 'utf8')).toBe('written')
})

describe('a client without elicitation', () => {
  test('is told the approval, its end and the exact effect, and a person completes it from another process', async () => {
    const client = await connect('v2 modern')
    const { path, call } = newFile()

    const first = await client.callTool({ name: 'call_tool_write', arguments: call })
    const { approval, handle } = facts(first.content[0]?.text ?? '')
    const before = existsSync(path)
    const listed = await runCommand(home, ['approvals', 'list'])
    const accepted = await runCommand(home, ['approvals', 'accept', approval])
    const answer = await client.callTool({ name: 'get_answer', arguments: { handle, wait_s: 20 } })
    const again = await runCommand(home, ['approvals', 'accept', approval])

    expect(first.content[0]?.text).toMatch(
      /^needs_approval: Run files_write_file of the server "files" \(it may destroy data\) with exactly \{/,
    )
    expect(first.content[0]?.text).toMatch(/until \d{4}-\d\d-\d\dT/)
    expect(before).toBe(false)
    expect(listed.out).toContain(approval)
    expect(listed.out).toContain(path)
    expect(accepted.code).toBe(0)
    expect(JSON.stringify(answer.content)).toContain('Successfully wrote')
    expect(readFileSync(path, 'utf8')).toBe('written')
    expect(again).toMatchObject({ code: 1, err: expect.stringContaining(approval) })
  })

  test('of ask gets needs_approval with the fields of the contract, and the loop goes on without an extra request', async () => {
    const client = await connect('v2 legacy')
    const { destination, call } = newMove()
    cloud.script([{ toolCalls: [{ name: call.name, input: call.arguments }] }, { text: 'It is moved.' }])

    const first = await client.callTool({ name: 'ask', arguments: { prompt: 'Move a file to another name', use_tools: true } })
    const fields = first.structuredContent as { approval: string; expires_at: string; effect: string; handle: string }
    const accepted = await runCommand(home, ['approvals', 'accept', fields.approval])
    const answer = await client.callTool({ name: 'get_answer', arguments: { handle: fields.handle, wait_s: 20 } })

    expect(first.structuredContent).toMatchObject({
      status: 'needs_approval',
      approval: expect.stringMatching(/^ap_[0-9a-f]{32}$/),
      handle: expect.stringMatching(/^ha_[0-9a-f]{32}$/),
      effect: expect.stringContaining(destination),
    })
    const left = Date.parse(fields.expires_at) - Date.now()
    expect(left).toBeGreaterThan(3 * 60_000)
    expect(left).toBeLessThanOrEqual(5 * 60_000)
    expect(accepted.code).toBe(0)
    expect(answer.structuredContent).toMatchObject({ status: 'done', text: 'It is moved.' })
    expect(cloud.requests).toHaveLength(2)
    expect(readFileSync(destination, 'utf8')).toBe('moved')
  })

  test('is refused by a no from the command line', async () => {
    const client = await connect('v1')
    const { path, call } = newFile()

    const { approval, handle } = facts((await client.callTool({ name: 'call_tool_write', arguments: call })).content[0]?.text ?? '')
    const denied = await runCommand(home, ['approvals', 'deny', approval])
    const answer = await client.callTool({ name: 'get_answer', arguments: { handle, wait_s: 20 } })

    expect(denied.code).toBe(0)
    expect(answer).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('the person said no') }] })
    expect(existsSync(path)).toBe(false)
  })

  test('may repeat the call instead of fetching the answer: the two are one', async () => {
    const client = await connect('v2 modern')
    const { destination, call } = newMove()

    const first = facts((await client.callTool({ name: 'call_tool_write', arguments: call })).content[0]?.text ?? '')
    const second = facts((await client.callTool({ name: 'call_tool_write', arguments: call })).content[0]?.text ?? '')
    await runCommand(home, ['approvals', 'accept', first.approval])
    const third = await client.callTool({ name: 'call_tool_write', arguments: call })

    expect(second).toEqual(first)
    expect(third).toMatchObject({ content: [{ text: expect.stringContaining('Successfully moved') }] })
    expect(existsSync(destination)).toBe(true)
  })

  test('has a yes for one call and for its arguments alone', async () => {
    const client = await connect('v2 modern')
    const { path, call } = newFile('one')
    const other = { name: call.name, arguments: { ...call.arguments, content: 'two' } }

    const { approval, handle } = facts((await client.callTool({ name: 'call_tool_write', arguments: call })).content[0]?.text ?? '')
    await runCommand(home, ['approvals', 'accept', approval])
    const different = await client.callTool({ name: 'call_tool_write', arguments: other })
    await client.callTool({ name: 'get_answer', arguments: { handle, wait_s: 20 } })
    const repeated = await client.callTool({ name: 'call_tool_write', arguments: call })

    expect(different.content[0]?.text).toMatch(/^needs_approval/)
    expect(facts(different.content[0]?.text ?? '').approval).not.toBe(approval)
    expect(readFileSync(path, 'utf8')).toBe('one')
    expect(repeated.content[0]?.text).toMatch(/^needs_approval/)
    expect(facts(repeated.content[0]?.text ?? '').approval).not.toBe(approval)
  })

  test('finds an approval that has expired of no use', async () => {
    const client = await connect('v2 modern')
    const { path, call } = newFile()

    const { approval, handle } = facts((await client.callTool({ name: 'call_tool_write', arguments: call })).content[0]?.text ?? '')
    expire(approval)
    const accepted = await runCommand(home, ['approvals', 'accept', approval])
    const answer = await client.callTool({ name: 'get_answer', arguments: { handle, wait_s: 20 } })

    expect(accepted).toMatchObject({ code: 1, err: expect.stringMatching(/expired/) })
    expect(answer).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('nobody confirmed it in time') }] })
    expect(existsSync(path)).toBe(false)
  })
})

/** The clock of a running program cannot be turned, so the moment is moved. */
function expire(approval: string): void {
  const database = new Database(home.database)
  const past = Date.now() - 1
  const { changes } = database
    .prepare(`UPDATE rows SET value = json_set(value, '$.expiresAt', ?) WHERE kind = 'approval' AND id = ?`)
    .run(past, approval)
  database.close()
  expect(changes).toBe(1)
}

describe.each(sdks)('client %s', (sdk) => {
  test('answers what a hosted server asks in the middle of a tool loop, and the loop goes on from there', async () => {
    const asked: string[] = []
    const client = await connect(sdk, (message) => {
      asked.push(message)
      return { action: 'accept', content: { name: 'Ada' } }
    })
    cloud.script([{ toolCalls: [{ name: 'everything_trigger-elicitation-request', input: {} }] }, { text: 'She is Ada.' }])

    const result = await client.callTool({ name: 'ask', arguments: { prompt: 'Ask for a name', use_tools: true } })

    expect(result.structuredContent).toMatchObject({ status: 'done', text: 'She is Ada.', tool_calls: [{ is_error: false }] })
    expect(asked).toHaveLength(1)
    expect(cloud.requests).toHaveLength(2)
    expect(cloud.requests[1]?.toolResults[0]?.text).toContain('Ada')
  })

  test('is asked one thing after the other when a model calls for two at once, and each is done once', async () => {
    const asked: string[] = []
    const client = await connect(sdk, (message) => {
      asked.push(message)
      return asked.length === 1 ? yes : { action: 'decline' }
    })
    const moves = [newMove(), newMove()]
    cloud.script([{ toolCalls: moves.map(({ call }) => ({ name: call.name, input: call.arguments })) }, { text: 'One of two.' }])

    const result = await client.callTool({ name: 'ask', arguments: { prompt: 'Move two files', use_tools: true } })

    expect(result.structuredContent).toMatchObject({ status: 'done', tool_calls: [{ is_error: false }, { is_error: true }] })
    expect(asked).toEqual(moves.map(({ destination }) => expect.stringContaining(destination)))
    expect(moves.map(({ destination }) => existsSync(destination))).toEqual([true, false])
    expect(cloud.requests).toHaveLength(2)
    expect(cloud.requests[1]?.toolResults).toHaveLength(2)
  })
})

test('a yes outlives the program that asked for it: the call that comes again is done, once', { timeout: 30_000 }, async () => {
  const own = createHome(() => ({ tools: { files: published('filesystem', home.files) } }))
  const { path, call } = newFile()
  const first = await serveHttp(own)
  const request = { name: 'call_tool_write', arguments: call }
  const send = async ({ mcp }: { readonly mcp: string }) =>
    (await answerOf(await modernRequest(mcp, 'tools/call', request))).result.content[0]?.text ?? ''
  const asked = await until(async () => {
    const text = await send(first)
    return text.startsWith('needs_approval') && text
  }, 'the file server is there')

  await first.kill()
  const second = await serveHere(own)
  const accepted = await runCommand(own, ['approvals', 'accept', facts(asked).approval])
  const done = await send(second)
  const again = await send(second)

  expect(accepted.code).toBe(0)
  expect(done).toContain('Successfully wrote')
  expect(again).toMatch(/^needs_approval/)
  expect(readFileSync(path, 'utf8')).toBe('written')
  await second.stop()
  own.remove()
})

test('no person is asked for a call that cannot be run, and is shown one that was mended as it will be', async () => {
  const asked: string[] = []
  const client = await connect('v2 modern', (message) => {
    asked.push(message)
    return yes
  })
  const { path, call } = newFile()

  const broken = await client.callTool({ name: 'call_tool_write', arguments: { name: call.name, arguments: { path } } })
  const nested = await client.callTool({
    name: 'call_tool_write',
    arguments: { name: call.name, arguments: { arguments: call.arguments } },
  })

  expect(broken).toMatchObject({ isError: true, content: [{ text: expect.stringContaining('content') }] })
  expect(nested.isError ?? false).toBe(false)
  expect(asked).toEqual([
    `Run files_write_file of the server "files" (it may destroy data) with exactly ${JSON.stringify({ content: 'written', path })}`,
  ])
  expect(readFileSync(path, 'utf8')).toBe('written')
})

test('an answer with a state that was tampered with, of another call or of another principal never dispatches', async () => {
  const elicitation = { elicitation: { form: {} } }
  const { path, call } = newFile()
  const retry = async (params: Record<string, unknown>, headers: Record<string, string> = {}) =>
    answerOf(await modernRequest(http.mcp, 'tools/call', params, { capabilities: elicitation, headers }))
  const request = { name: 'call_tool_write', arguments: call }
  const inputResponses = { confirmation: yes }

  const parked = await retry(request)
  const { requestState } = parked.result
  const tampered = [requestState.slice(0, -4), `${requestState.slice(0, -4)}AAAA`, `A${requestState.slice(1)}`, 'nonsense', '']
  const refused = await Promise.all(tampered.map((state) => retry({ ...request, inputResponses, requestState: state })))
  const another = await retry({ name: 'call_tool', arguments: call, inputResponses, requestState })
  const stranger = await retry({ ...request, inputResponses, requestState }, { 'x-api-key': 'a-stranger' })
  const unasked = await retry({ ...request, inputResponses })
  const before = existsSync(path)
  const resumed = await retry({ ...request, inputResponses, requestState })
  const twice = await retry({ ...request, inputResponses, requestState })

  expect(parked.result.resultType).toBe('input_required')
  for (const answer of [...refused, another, stranger]) expect(answer.error?.message ?? JSON.stringify(answer)).toMatch(/requestState/)
  expect(unasked.result.resultType).toBe('input_required')
  expect(before).toBe(false)
  expect(resumed.result.content[0]?.text).toContain('Successfully wrote')
  expect(twice.result.content[0]?.text).toBe(resumed.result.content[0]?.text)
  expect(readFileSync(path, 'utf8')).toBe('written')
})

test('a kill between the question and its answer ends the run, and nothing is done', { timeout: 30_000 }, async () => {
  const { path, call } = newFile()
  const own = createHome(() => ({ tools: { files: published('filesystem', home.files) } }))
  const first = await serveHttp(own)
  const request = { name: 'call_tool_write', arguments: call }
  const send = async (url: string, params: Record<string, unknown>) =>
    answerOf(await modernRequest(url, 'tools/call', params, { capabilities: { elicitation: { form: {} } } }))

  const parked = await until(async () => {
    const answer = await send(first.mcp, request)
    return answer.result?.resultType === 'input_required' ? answer : undefined
  }, 'the file server is there')
  await first.kill()
  const second = await serveHere(own)
  const resumed = await send(second.mcp, { ...request, inputResponses: { confirmation: yes }, requestState: parked.result.requestState })

  expect(JSON.stringify(resumed)).toMatch(/lost: /)
  expect(resumed.result.isError).toBe(true)
  expect(existsSync(path)).toBe(false)
  await second.stop()
  own.remove()
})

test('over stdio a client with elicitation is asked in its own dialogue', { timeout: 30_000 }, async () => {
  const asked: string[] = []
  const answer: Answer = (message) => {
    asked.push(message)
    return yes
  }
  const client = await connect('v2 modern', answer, stdioTarget(home))
  const { path, call } = newFile()

  const result = await client.callTool({ name: 'call_tool_write', arguments: call })

  expect(result.content[0]?.text).toContain('Successfully wrote')
  expect(asked).toEqual([expect.stringMatching(/^Run files_write_file of the server "files" \(it may destroy data\) with exactly /)])
  expect(existsSync(path)).toBe(true)
})
