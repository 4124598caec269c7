import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AnyClient, connectClient } from '../support/mcp-clients.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { type HttpProgram, serveHttp } from '../support/product/program.ts'
import { scriptedProvider } from '../support/product/servers.ts'
import { until } from '../support/product/until.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

/** The configuration file is edited while the program runs: what is valid is taken up, no call is dropped, what is not valid changes nothing. */

const sample = {
  command: process.execPath,
  args: [fileURLToPath(new URL('../support/servers/sample-stdio.ts', import.meta.url))],
  read_only: true,
}
let cloud: ScriptedProvider
let home: Home
let http: HttpProgram
let client: AnyClient

const config = (more: Record<string, unknown> = {}, tools: Record<string, unknown> = { sample }) => ({
  tools,
  providers: scriptedProvider(cloud),
  pools: { cloud: { models: ['scripted/large'] } },
  ...more,
})

beforeAll(async () => {
  cloud = await startScriptedProvider()
  home = createHome(() => config())
  http = await serveHttp(home)
  client = await connectClient('v2 legacy', { url: http.mcp })
  await until(() => hosts('sample_echo'), 'the sample server is there')
}, 60_000)

afterAll(async () => {
  await client?.close()
  await http?.stop()
  await cloud?.close()
  home?.remove()
})

const call = (name: string, args: Record<string, unknown> = {}) => client.callTool({ name, arguments: args })
const hosts = async (name: string) =>
  ((await call('find_tools', { names: [name] })).structuredContent as { none_fits: boolean }).none_fits === false
const pid = async () => (JSON.parse((await call('call_tool', { name: 'sample_whoami' })).content[0]?.text ?? '') as { pid: number }).pid
const status = async () => (await call('status')).structuredContent as { pools: { pool: string }[]; budget: { usd_per_day: number | null } }

/** Edits the file and waits until the program has said what it makes of it. */
async function edit(change: () => void, says: string): Promise<void> {
  const before = http.errors().length
  change()
  await until(() => http.errors().slice(before).includes(says), `the program says "${says}"`)
}

const tookUp = 'Took up the changed configuration'
const isInvalid = 'The changed configuration is not valid; what ran before goes on'

test('a valid edit is taken up while calls run, and none of them is dropped', { timeout: 40_000 }, async () => {
  const before = await pid()
  cloud.script([{ text: 'Asked before, answered after.', delays: { headers: 4000 } }])
  const asking = call('ask', { prompt: 'Slowly', wait_s: 45 })
  const calling = call('call_tool', { name: 'sample_steps', arguments: { steps: 8, everyMs: 500 }, wait_s: 45 })
  await until(() => cloud.requests.length === 1, 'the provider is asked')

  const pools = { cloud: { models: ['scripted/large'] }, second: { models: ['scripted/small'], expose: true } }
  await edit(() => home.configure(config({ pools, budget: { usd_per_day: 3 } }, { sample, twin: sample })), tookUp)
  const during = { answered: cloud.requests[0]?.outcome, status: await status(), tools: (await client.listTools()).map(({ name }) => name) }

  expect(during.answered).toBe('open')
  expect(during.status.pools.map(({ pool }) => pool)).toEqual(['cloud', 'second', 'extractive'])
  expect(during.status.budget.usd_per_day).toBe(3)
  expect(during.tools).toContain('ask_second')
  expect((await asking).structuredContent).toMatchObject({ status: 'done', text: 'Asked before, answered after.' })
  expect((await calling).content[0]?.text).toBe('done')
  await until(() => hosts('twin_echo'), 'the server that was added is there')
  expect(await pid()).toBe(before)
})

test('an invalid edit is said with its key, and what ran goes on as it was', { timeout: 40_000 }, async () => {
  const before = await status()
  const said = http.errors().length

  await edit(() => home.configure(config({ budget: { usd_a_day: 1 } })), isInvalid)
  await edit(() => writeFileSync(home.config, 'tools: [broken'), isInvalid)

  expect(http.errors().slice(said)).toContain('usd_a_day')
  expect((await status()).pools).toEqual(before.pools)
  expect((await call('call_tool', { name: 'sample_echo', arguments: { text: 'still here' } })).content[0]?.text).toBe('still here')
  cloud.script([{ text: 'Still here.' }])
  expect((await call('ask', { prompt: 'Are you there?' })).structuredContent).toMatchObject({ status: 'done' })
})

test('an edit that takes a server away lets its call end, and a call of it that comes later is told', { timeout: 40_000 }, async () => {
  await edit(() => home.configure(config({}, { sample, twin: sample })), tookUp)
  const calling = call('call_tool', { name: 'twin_steps', arguments: { steps: 6, everyMs: 500 }, wait_s: 45 })

  await edit(() => home.configure(config()), tookUp)
  const later = await call('call_tool', { name: 'twin_echo', arguments: { text: 'hi' } })

  expect(later).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/there is no such tool/) }] })
  expect((await calling).content[0]?.text).toBe('done')
  expect(await hosts('sample_echo')).toBe(true)
})
