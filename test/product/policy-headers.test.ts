import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AnyClient, connectClient } from '../support/mcp-clients.ts'
import { type HttpHere, serveHere } from '../support/product/here.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

/** The headers that a rule sets reach the provider by whichever door a step comes. */

let cloud: ScriptedProvider
let home: Home
let http: HttpHere
let client: AnyClient

const policy = `
name: mine
default:
  prefer: first
  headers: { anthropic-beta: context-1m-2025-08-07, x-team: blue, anthropic-version: 2024-01-01 }
`

beforeAll(async () => {
  cloud = await startScriptedProvider()
  home = createHome(() => ({
    providers: { messages: { kind: 'anthropic', base_url: cloud.url }, chat: { kind: 'openai', base_url: cloud.openaiUrl } },
    pools: { one: { models: ['messages/model'] }, two: { models: ['chat/model'] } },
    policy: './mine.yaml',
  }))
  writeFileSync(join(home.root, 'mine.yaml'), policy)
  http = await serveHere(home)
  client = await connectClient('v2 legacy', { url: http.mcp })
}, 60_000)

afterAll(async () => {
  await client?.close()
  await http?.stop()
  await cloud?.close()
  home?.remove()
})

const set = { 'anthropic-beta': 'context-1m-2025-08-07', 'x-team': 'blue', 'anthropic-version': '2024-01-01' }

test.each(['one', 'two'])('ask sends them to a model of pool %s', { timeout: 60_000 }, async (pool) => {
  cloud.script([{ text: 'Hello' }])

  await client.callTool({ name: 'ask', arguments: { prompt: 'Hi', pool, wait_s: 45 } })

  expect(cloud.requests.at(-1)?.headers).toMatchObject({ ...set, 'content-type': 'application/json' })
})

test('/v1/messages sends them beside those of the client, whose list they join', { timeout: 60_000 }, async () => {
  cloud.script([{ text: 'Hello' }])

  const response = await fetch(`${http.url}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01', 'anthropic-beta': 'own-1, own-2', 'x-team': 'red' },
    body: JSON.stringify({ model: 'messages/model', max_tokens: 50, messages: [{ role: 'user', content: 'Hi' }] }),
  })
  await response.text()

  expect(response.status).toBe(200)
  expect(cloud.requests.at(-1)?.headers).toMatchObject({ ...set, 'anthropic-beta': 'own-1,own-2,context-1m-2025-08-07' })
})

test('plan_step shows them', async () => {
  const { structuredContent } = await client.callTool({ name: 'plan_step', arguments: { prompt: 'Hi' } })

  expect(structuredContent).toMatchObject({ headers: set })
})
