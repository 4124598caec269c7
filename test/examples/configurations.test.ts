import { readdirSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { loadConfig } from '../../src/config/load.ts'
import { examples, newUser, signalbox, signalboxLine } from '../support/examples/run.ts'
import { connectClient } from '../support/mcp-clients.ts'
import { until } from '../support/product/until.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

let cloud: ScriptedProvider
beforeAll(async () => {
  cloud = await startScriptedProvider({ models: ['qwen3'] })
})
afterAll(() => cloud.close())
beforeEach(() => cloud.reset())

/** Every provider of the examples is the stand-in. */
const stranger = () =>
  newUser({ OPENAI_BASE_URL: cloud.openaiUrl, ANTHROPIC_BASE_URL: cloud.url, OLLAMA_BASE_URL: cloud.openaiUrl, OPENAI_API_KEY: 'a-key' })

const configurations = readdirSync(examples).filter((name) => name.endsWith('.yaml') && !name.endsWith('.policy.yaml'))

test.each(configurations)('%s loads', async (name) => {
  const config = await loadConfig({ path: join(examples, name), env: {}, cwd: examples, home: homedir() })

  expect(config.pools.length + config.servers.length).toBeGreaterThan(0)
})

const line = (config: string, ...args: string[]) => ['--config', join(examples, config), ...args]

test('03-two-providers plans with the published prices and without a key: everyday steps for the first pool, hard ones for the strongest', async () => {
  using user = newUser()

  const everyday = await signalboxLine(line('03-two-providers.yaml', 'plan', 'Translate good morning into Danish'), user)
  const hard = await signalboxLine(line('03-two-providers.yaml', 'plan', 'Find the race condition in this lock'), user)
  const status = await signalboxLine(line('03-two-providers.yaml', 'status'), user)

  expect(everyday.out).toMatch(/^anthropic\/claude-haiku-4-5 in pool "quick" answers, for about \$0\.\d{4} at most\.\n/)
  expect(hard.out).toMatch(/^anthropic\/claude-opus-4-6 in pool "deep" answers/)
  expect(hard.out).toContain('Why: the step asks for hard reasoning')
  expect(status.out).toContain('anthropic/claude-haiku-4-5: its key ANTHROPIC_API_KEY is missing')
})

test('03-two-providers falls back on the other provider when the first model fails', async () => {
  using user = stranger()
  cloud.script([{ status: 529 }, { text: 'godmorgen' }])

  const { code, out, err } = await signalboxLine(line('03-two-providers.yaml', 'ask', 'Translate good morning into Danish'), user)

  expect({ code, out }).toEqual({ code: 0, out: 'godmorgen\n' })
  expect(err).toContain('[openai/gpt-5-mini, pool quick')
  expect(cloud.requests.map(({ model }) => model)).toEqual(['claude-haiku-4-5', 'gpt-5-mini'])
})

test('04-local-model asks the model server of this machine, at no cost', async () => {
  using user = stranger()
  cloud.script([{ text: 'Because of how air scatters light.' }])

  const { code, out, err } = await signalboxLine(line('04-local-model.yaml', 'ask', 'Why is the sky blue?'), user)
  const doctor = await signalboxLine(line('04-local-model.yaml', 'doctor'), user)

  expect({ code, out }).toEqual({ code: 0, out: 'Because of how air scatters light.\n' })
  expect(err).toContain('[ollama/qwen3, pool private, $0.0000')
  expect(doctor.out).toMatch(/ok +provider ollama +.* answers with 1 models/)
})

test('07-profiles-and-direct shows each profile its own tools, and lets it call no other', { timeout: 60_000 }, async () => {
  using user = newUser()
  const open = (profile: string) =>
    connectClient('v2 legacy', {
      command: process.execPath,
      args: [signalbox, ...line('07-profiles-and-direct.yaml', 'serve', '--profile', profile, '--log-level', 'warn')],
      env: user.env,
    })
  const [reader, thinker] = await Promise.all([open('reader'), open('thinker')])

  const names = async (client: typeof reader) => (await client.listTools()).map(({ name }) => name)
  const find = await until(async () => {
    const result = await reader.callTool({ name: 'find_tools', arguments: { need: 'change a file', limit: 20 } })
    return (result.structuredContent as { tools: unknown[] }).tools.length > 3 && result
  }, 'the file server is there')
  await until(async () => (await names(thinker)).includes('thinking_sequentialthinking'), 'the thinking server is there, and shown')
  const write = await reader.callTool({ name: 'call_tool_write', arguments: { name: 'files_write_file', arguments: {} } })

  expect(await names(reader)).not.toContain('thinking_sequentialthinking')
  const found = (find.structuredContent as { tools: { name: string }[] }).tools.map(({ name }) => name)
  expect(found.every((name) => /^files_(read|list|search)_/.test(name))).toBe(true)
  expect(write).toMatchObject({ isError: true })
  await Promise.all([reader.close(), thinker.close()])
})

test.each([
  ['My e-mail is ada@example.org, write a reply', 'ollama/qwen3 in pool "private"', 'rule personal_words of policy careful'],
  ['Fix the bug in this Python function', 'anthropic/claude-opus-4-6 in pool "code"', 'rule code_work of policy careful'],
  ['Write a haiku about rain', 'openai/gpt-5-mini in pool "everyday"', 'rule default of policy careful'],
])('08-own-policy: "%s" goes to %s', async (prompt, place, rule) => {
  using user = newUser()

  const { out } = await signalboxLine(line('08-own-policy.yaml', 'plan', prompt), user)

  expect(out).toContain(place)
  expect(out).toContain(rule)
})

test('08-own-policy: personal words leave the machine neither when the local model fails', async () => {
  using user = stranger()
  cloud.answer(() => ({ status: 400 }))

  const { code } = await signalboxLine(line('08-own-policy.yaml', 'ask', 'My e-mail is ada@example.org, write a reply'), user)

  expect(code).toBe(1)
  expect(cloud.requests.map(({ model }) => model)).toEqual(['qwen3'])
})

test('10-permissions: a file is read in part, none is written, and the record of calls says by which rule', {
  timeout: 60_000,
}, async () => {
  using user = newUser()
  const call = (name: string, args: object) => signalboxLine(line('10-permissions.yaml', 'tools', 'call', name, JSON.stringify(args)), user)

  const read = await call('files_read_text_file', { path: 'ferry.txt' })
  const write = await call('files_write_file', { path: 'new.txt', content: 'words' })
  const audit = await signalboxLine(line('10-permissions.yaml', '--json', 'tools', 'audit'), user)

  expect(read.out).toContain('head was set to 1 (first_lines)')
  expect({ code: write.code, err: write.err }).toEqual({ code: 1, err: expect.stringContaining('there is no such tool') })
  const { calls } = JSON.parse(audit.out) as { calls: Record<string, unknown>[] }
  expect(calls).toMatchObject([
    { tool: 'files_read_text_file', roles: ['owner'], verdict: 'allow', rule: 'tools.call.read', outcome: 'accepted' },
    { tool: 'files_write_file', verdict: 'none', outcome: 'not open' },
  ])
  expect(calls[0]?.['arguments']).toEqual({ path: 'text of 9', head: 'number' })
})

test('09 measures the search on needs of its own, beside words alone and plain embeddings', async () => {
  using user = newUser()
  const files = ['--data', join(examples, '09-needs.jsonl'), '--catalogue', join(examples, '09-tools.jsonl')]

  const { code, out } = await signalboxLine(['eval', 'tools', ...files, '--json'], user)
  const wrong = await signalboxLine(
    ['eval', 'tools', '--data', join(examples, '09-tools.jsonl'), '--catalogue', join(examples, '09-tools.jsonl')],
    user,
  )

  expect(code).toBe(0)
  const { columns, ...facts } = JSON.parse(out)
  expect(facts).toMatchObject({ tools: 12, needs: 18, needs_with_a_tool: 13 })
  expect(columns.map(({ name }: { name: string }) => name)).toEqual(['lexical', 'embedding', 'shipped'])
  const [lexical, , shipped] = columns
  expect(shipped.recall_at_5).toBeGreaterThan(lexical.recall_at_5)
  expect(shipped.abstention.auc).toBeGreaterThan(0.8)
  expect(shipped.tokens_an_answer).toBeLessThan(facts.tokens_of_all_tools)
  expect(wrong.code).toBe(1)
  expect(wrong.err).toContain('line 1: must have exactly one of need and query')
})
