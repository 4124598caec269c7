import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AnyClient, connectClient } from '../support/mcp-clients.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { type HttpProgram, serveHttp } from '../support/product/program.ts'
import { scriptedProvider } from '../support/product/servers.ts'
import { until } from '../support/product/until.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

/** The policy file is edited while the program runs and steps are in flight: no call is lost, and a broken policy changes nothing. */

let cloud: ScriptedProvider
let home: Home
let http: HttpProgram
let client: AnyClient

const policy = (prefer: string) => `name: mine\ndefault: { prefer: { pool: ${prefer} } }\n`
const writePolicy = (text: string) => writeFileSync(join(home.root, 'mine.yaml'), text)

beforeAll(async () => {
  cloud = await startScriptedProvider()
  home = createHome(() => ({
    providers: scriptedProvider(cloud),
    pools: { large: { models: ['scripted/large'] }, small: { models: ['scripted/small'] } },
    policy: './mine.yaml',
  }))
  writePolicy(policy('large'))
  http = await serveHttp(home)
  client = await connectClient('v2 legacy', { url: http.mcp })
}, 60_000)

afterAll(async () => {
  await client?.close()
  await http?.stop()
  await cloud?.close()
  home?.remove()
})

const ask = async (prompt: string) =>
  (await client.callTool({ name: 'ask', arguments: { prompt, wait_s: 45 } })).structuredContent as {
    status: string
    model: string
    text: string
  }
const planned = async () =>
  ((await client.callTool({ name: 'plan_step', arguments: { prompt: 'Hi' } })).structuredContent as { pool: string }).pool

async function edit(text: string, says: string): Promise<void> {
  const before = http.errors().length
  writePolicy(text)
  await until(() => http.errors().slice(before).includes(says), `the program says "${says}"`)
}

test('an edited policy file is taken up while steps are in flight; a broken one is said, and the old one stays', {
  timeout: 60_000,
}, async () => {
  const slow = (text: string) => ({ text, delays: { headers: 2500 } })
  cloud.script([1, 2, 3, 4].map((number) => slow(`answer ${number}`)))
  expect(await planned()).toBe('large')
  const inFlight = [1, 2, 3, 4].map((number) => ask(`Question ${number}`))
  await until(() => cloud.requests.length === 4, 'four steps are in flight')

  await edit(policy('small'), 'Took up the changed configuration')
  const after = await planned()
  const stillOpen = cloud.requests.map(({ outcome }) => outcome)
  await edit(policy('nowhere'), 'Cannot take up the changed configuration; what ran before goes on')
  const said = http.errors()
  const afterBroken = await planned()
  const answers = await Promise.all(inFlight)
  cloud.script([{ text: 'by the new policy' }])
  const next = await ask('Another question')
  await edit(policy('large'), 'Took up the changed configuration')

  expect(after).toBe('small')
  expect(stillOpen).toContain('open')
  expect(said).toContain('pool \\"nowhere\\" is not configured')
  expect(afterBroken).toBe('small')
  expect(answers.map(({ status, model }) => ({ status, model }))).toEqual(
    Array.from({ length: 4 }, () => ({ status: 'done', model: 'scripted/large' })),
  )
  expect(next).toMatchObject({ status: 'done', model: 'scripted/small', text: 'by the new policy' })
  expect(await planned()).toBe('large')
})
