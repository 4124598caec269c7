import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AnyClient, connectClient, sdks } from '../support/mcp-clients.ts'
import { answerOf, modernRequest } from '../support/mcp-http.ts'
import { type HttpHere, serveHere } from '../support/product/here.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { runCommand } from '../support/product/program.ts'
import { openRawStdio } from '../support/product/raw-stdio.ts'
import { fourServers, scriptedProvider } from '../support/product/servers.ts'
import { until } from '../support/product/until.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

/** What a client and a person see: the list of tools, the protocol alone on stdout, decisions and state in words. */

interface Tool {
  name: string
  description: string
  inputSchema: object
  outputSchema?: object
  annotations?: Record<string, boolean>
  _meta?: Record<string, unknown>
}

let cloud: ScriptedProvider
let home: Home
let http: HttpHere

const pool = (model: string, purpose: string) => ({ models: [`scripted/${model}`], expose: true, for: purpose })
const threePools = {
  quick: pool('small', 'everyday questions and short answers'),
  deep: pool('large', 'hard reasoning, architecture, long refactors'),
  private: pool('own', 'whatever must not leave this machine'),
}
const config = (one: Home, pools: Record<string, unknown>) => ({
  tools: { ...fourServers(one), absent: { command: 'signalbox-has-no-such-program' } },
  providers: scriptedProvider(cloud, { input: 1, output: 5 }),
  pools,
  budget: { usd_per_day: 5, usd_per_call: 1 },
})

beforeAll(async () => {
  cloud = await startScriptedProvider()
  home = createHome((one) => config(one, threePools))
  http = await serveHere(home)
  await until(async () => (await listTools()).length > 0 && (await ready()), 'all servers are there')
}, 60_000)

afterAll(async () => {
  await http?.stop()
  await cloud?.close()
  home?.remove()
})

const send = async (method: string, params: Record<string, unknown> = {}) =>
  (await answerOf(await modernRequest(http.mcp, method, params))).result
const listTools = async () => (await send('tools/list')).tools as unknown as Tool[]

async function call(name: string, args: Record<string, unknown> = {}) {
  const { content, structuredContent } = await send('tools/call', { name, arguments: args })
  return { text: content.map((block) => block.text).join('\n'), structured: structuredContent as unknown as Record<string, unknown> }
}

async function ready(): Promise<boolean> {
  const { tools } = (await call('status')).structured as { tools: { servers: { phase: string }[]; searched: string } }
  return tools.servers.every(({ phase }) => phase === 'ready' || phase === 'failed') && tools.searched === 'semantic'
}

/**
 * Tokens as a client pays for them. The BPE o200k_base counts 4.0 bytes a token on these definitions (3,322 tokens with
 * three pools and four servers when it was measured); 3.6 leaves room for a vocabulary that knows JSON less well.
 */
const tokensOf = (tools: readonly Tool[]) =>
  Math.ceil(
    Buffer.byteLength(
      JSON.stringify(tools.map(({ name, description, inputSchema, outputSchema }) => ({ name, description, inputSchema, outputSchema }))),
    ) / 3.6,
  )

test('all definitions take at most 4,000 tokens with three exposed pools, and a further pool at most 120', {
  timeout: 30_000,
}, async () => {
  const three = await listTools()
  const other = createHome((one) => ({
    ...config(one, { ...threePools, screen: pool('eyes', 'screenshots, and what to click on') }),
    tools: {},
  }))
  const same = createHome((one) => ({ ...config(one, threePools), tools: {} }))
  const listOf = async (one: Home) => {
    const door = await serveHere(one)
    const { result } = await answerOf(await modernRequest(door.mcp, 'tools/list'))
    await door.stop()
    one.remove()
    return (result as unknown as { tools: Tool[] }).tools
  }
  const [four, again] = await Promise.all([listOf(other), listOf(same)])

  expect(tokensOf(three)).toBeLessThanOrEqual(4000)
  expect(tokensOf(four) - tokensOf(again)).toBeLessThanOrEqual(120)
})

test('the list is fixed in order, names, annotations and marks, and the same before and after any call and for each client', {
  timeout: 30_000,
}, async () => {
  const before = await listTools()
  const thread = 'surface'
  cloud.answer(() => ({ text: 'Yes.' }))
  await call('find_tools', { need: 'add two numbers', thread })
  await call('call_tool_write', { name: 'everything_echo', arguments: { message: 'hi' }, thread })
  await call('ask', { prompt: 'Is it so?', thread })
  await call('remember', { text: 'It is so' })
  await call('rate', { decision: 'de_unknown', outcome: 'good' })
  await call('forget', { thread })

  expect(before.map(({ name }) => name)).toEqual([
    'ask',
    'ask_quick',
    'ask_deep',
    'ask_private',
    'get_answer',
    'plan_step',
    'find_tools',
    'call_tool',
    'call_tool_write',
    'next_action',
    'check_action',
    'fit_image',
    'remember',
    'recall',
    'threads',
    'fork_thread',
    'forget',
    'rate',
    'status',
  ])
  expect(await listTools()).toEqual(before)
  for (const { name, annotations } of before) {
    expect(name.length).toBeLessThan(40)
    expect(annotations, name).toMatchObject({ readOnlyHint: expect.any(Boolean), openWorldHint: expect.any(Boolean) })
  }
  const loaded = before.filter(({ _meta }) => _meta?.['anthropic/alwaysLoad'] === true).map(({ name }) => name)
  expect(loaded).toEqual(['find_tools', 'call_tool', 'call_tool_write'])
  const writes = before.filter(({ annotations }) => annotations?.['readOnlyHint'] === false).map(({ name }) => name)
  expect(writes).toEqual([
    'ask',
    'ask_quick',
    'ask_deep',
    'ask_private',
    'call_tool_write',
    'next_action',
    'remember',
    'fork_thread',
    'forget',
    'rate',
  ])

  const lists = await Promise.all(
    sdks.map(async (sdk) => {
      const client: AnyClient = await connectClient(sdk, { url: http.mcp })
      const tools = await client.listTools()
      await client.close()
      return tools.map(({ name, inputSchema, outputSchema }) => ({ name, inputSchema, outputSchema }))
    }),
  )
  const expected = before.map(({ name, inputSchema, outputSchema }) => ({ name, inputSchema, outputSchema }))
  for (const list of lists) expect(list).toEqual(expected)
})

test('a restart shows the same list at once and finds a tool in it, before any server has started', { timeout: 30_000 }, async () => {
  const before = await listTools()
  const raw = await openRawStdio(home)

  const { result } = await raw.request('tools/list')
  const found = await raw.call('find_tools', { need: 'add two numbers' })
  await raw.program.stop()

  expect((result as { tools: Tool[] }).tools).toEqual(before)
  const { none_fits, tools: fitting } = found.structuredContent as { none_fits: boolean; tools: Tool[] }
  // By meaning, unless the machine is too busy to embed the need in time: by words fewer tools fit.
  expect({ none_fits, first: fitting[0]?.name }).toEqual({ none_fits: false, first: 'everything_get-sum' })
  expect(fitting.length).toBeGreaterThan(1)
})

test('stdout of the stdio server carries the protocol alone, whatever servers and the program have to say', {
  timeout: 30_000,
}, async () => {
  const raw = await openRawStdio(home)
  await raw.request('logging/setLevel', { level: 'debug' })
  for (const method of ['tools/list', 'prompts/list', 'resources/list', 'resources/templates/list', 'ping', 'no/such/method'])
    await raw.request(method)
  await raw.request('tools/call', { name: 'no_such_tool', arguments: {} })
  await raw.call('status', {})
  await raw.call('find_tools', { need: 'echo a message' })
  await raw.call('call_tool_write', { name: 'everything_echo', arguments: { message: 'hi' } })
  await raw.call('ask', { prompt: 'What?', pool: 'extractive' })
  raw.program.child.stdin.write('this is no JSON\n')
  await raw.request('ping')
  raw.program.child.stdin.end()
  expect(await raw.program.ended()).toBe(0)

  expect(raw.program.lines.length).toBeGreaterThan(12)
  for (const line of raw.program.lines) expect(JSON.parse(line)).toMatchObject({ jsonrpc: '2.0' })
  expect(raw.program.errors()).toContain('absent')
})

/** Words that only somebody who has read the code would use. */
const internals = /undefined|null|NaN|\[object|[a-z][A-Z]|[a-z]_[a-z]|[{}]|=>|\btrue\b|\bfalse\b/

/** Without what is quoted from the configuration, and names of models, rules, policies and files. */
const ownWords = (text: string) =>
  text
    .replaceAll(/scripted\/\w+|extractive\/sentences|\/\S+|\\\S+|"[^"]*"|\(rule \w+ of policy \w+\)|minilm-\S+/g, '')
    .split('\n')
    .filter((line) => !line.includes('absent'))

test('plan explains a decision to a person: who answers, why, for how much, what else could, and why the rest not', {
  timeout: 30_000,
}, async () => {
  const hard = await runCommand(home, ['plan', 'Refactor the architecture of this program, and find the deadlock in it'])
  const easy = await call('plan_step', { prompt: 'What is the capital of France?', max_output_tokens: 1000 })
  const pinned = await runCommand(home, ['plan', '--pool', 'private', 'What is the capital of France?'])
  const dear = await call('plan_step', { prompt: 'What is the capital of France?', max_cost_usd: 0.000001 })

  expect(hard.code).toBe(0)
  expect(hard.out).toMatch(
    /^scripted\/\w+ in pool "\w+" answers, for about \$0\.\d{4} at most\.\nWhy: the step asks for hard reasoning \(rule hard_step of policy balanced\)\.\n/,
  )
  expect(hard.out).toMatch(/\nIf it fails: scripted\/\w+ \(\w+\), then scripted\/\w+ \(\w+\)\.\n/)
  expect(hard.out).toContain('Not extractive/sentences (extractive): it answers without a model, and a model pool is configured.')
  expect(hard.out).toMatch(/\nWhat was noticed: .*hard words: yes/)
  expect(hard.out).toContain('Budget: $1 a call; $5 a day, $')
  expect(easy.text).toMatch(/^scripted\/small in pool "quick" answers, for about \$0\.00\d\d at most\./)
  expect(easy.text).toMatch(/\nThe step: a turn of the user, about \d+ tokens\.\n/)
  expect(easy.structured).toMatchObject({ pool: 'quick', rule: 'default', policy: 'balanced', propensity: 1 })
  expect(pinned.out).toContain('Why: the caller named the pool')
  expect(pinned.out).toContain('Not scripted/small (quick): the caller asked for pool private.')
  expect(dear.text).toMatch(/^No model can answer this step\.\n/)
  expect(dear.text).toMatch(/Not scripted\/small \(quick\): it may cost \$\d\.\d{4}, more than the \$\S+ allowed for a call\./)
  for (const text of [hard.out, easy.text, pinned.out, dear.text]) {
    for (const line of ownWords(text)) {
      expect(line).toMatch(/\.$/)
      expect(line).not.toMatch(internals)
    }
  }
})

test('a decision is read back later with the reasons it had then', async () => {
  cloud.answer(() => ({ text: 'Paris.' }))
  const { structured } = await call('ask', { prompt: 'What is the capital of France?' })

  const { contents } = (await send('resources/read', { uri: `signalbox://decision/${structured['decision']}` })) as unknown as {
    contents: { text: string }[]
  }
  const decision = JSON.parse(contents[0]?.text ?? '')

  expect(decision).toMatchObject({
    plan: { decision: structured['decision'], pool: 'quick', rule: 'default', why: expect.stringMatching(/\w/) },
    outcome: { model: 'scripted/small', text: 'Paris.', finishReason: 'stop' },
  })
})

test('status tells a person what runs, how it is, what it cost and what is wrong', { timeout: 30_000 }, async () => {
  cloud.answer(() => ({ text: 'Yes.', usage: { inputTokens: 1000, outputTokens: 1000 } }))
  await call('ask', { prompt: 'Is it so?', pool: 'deep' })
  cloud.script([{ status: 429, retryAfter: 40 }], 'own')
  await call('ask', { prompt: 'Is it so?', pool: 'private' })

  const { text } = await call('status')
  const command = await runCommand(home, ['status'])

  expect(text).toMatch(/^Signalbox \d+\.\d+\.\d+ runs on .*signalbox\.yaml with the policy "balanced"\.\n/)
  expect(text).toContain(
    'Pool "deep" (for hard reasoning, architecture, long refactors):\n  scripted/large: ready, 1 call, 0 failed; $1 in and $5 out per million tokens',
  )
  expect(text).toMatch(/scripted\/own: cooling down for \d+ s after a rate limit \(429\), 1 call, 1 failed/)
  expect(text).toMatch(/\nSpent today: \$0\.\d{4} in \d+ calls\.\n/)
  expect(text).toContain('Budget: $1 a call.')
  expect(text).toMatch(/\nBudget: \$5 a day for all callers, \$0\.\d{4} used or reserved\.\n/)
  expect(text).toMatch(/\nTools: 40 hosted by 5 servers, found by meaning\.\n/)
  expect(text).toMatch(/\n {2}thinking: ready, 1 tool\n/)
  expect(text).toMatch(/\n {2}absent: failed, 0 tools: .*Install "signalbox-has-no-such-program", or correct tools\.absent\.command/)
  expect(text).toMatch(/\nEmbedder: .*\nMemory: .*signalbox\.db, \d+\.\d MB\.\nProcess \d+, since \S+, for this one alone\.$/)
  expect(command.out).toMatch(/^Signalbox .* runs on /)
  for (const line of ownWords(`${text}\n${command.out}`)) expect(line).not.toMatch(internals)
})
