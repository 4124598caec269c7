import { setTimeout as sleep } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AnyClient, connectClient } from '../support/mcp-clients.ts'
import { type HttpHere, serveHere } from '../support/product/here.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { runCommand } from '../support/product/program.ts'
import { scriptedProvider } from '../support/product/servers.ts'
import { until } from '../support/product/until.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

/** Money: what a call and a day may cost holds whatever is asked at once, and status says what was spent. */

let cloud: ScriptedProvider
let home: Home
let http: HttpHere
let client: AnyClient

beforeEach(async () => {
  cloud = await startScriptedProvider()
})

afterEach(async () => {
  await client?.close()
  await http?.stop()
  await cloud?.close()
  home?.remove()
})

/** `large` costs a dollar for a thousand tokens of output, and as good as nothing for its input; the price of `unpriced` is not known. */
async function serve(budget: Record<string, number> | undefined): Promise<void> {
  home = createHome(() => ({
    providers: {
      ...scriptedProvider(cloud, { input: 0.001, output: 1000 }),
      // Only a provider of another machine has no price: that of this machine costs nothing.
      remote: { kind: 'openai', base_url: 'http://203.0.113.1:9/v1', api_key: 'unused' },
    },
    pools: { cloud: { models: ['scripted/large'] }, dark: { models: ['remote/nobody-knows-this-model'] } },
    ...(budget !== undefined && { budget }),
  }))
  http = await serveHere(home)
  client = await connectClient('v2 modern', { url: http.mcp })
}

const ask = (more: Record<string, unknown> = {}) =>
  client.callTool({ name: 'ask', arguments: { prompt: 'How much?', max_output_tokens: 100, ...more } })
const textOf = (result: Awaited<ReturnType<typeof ask>>) => result.content.map((block) => block.text ?? '').join('\n')
const status = async () =>
  (await client.callTool({ name: 'status' })).structuredContent as {
    budget: { usd_per_day: number | null; usd_per_call: number | null; spent_today_usd: number | null }
    spend_today: { usd: number; reserved_usd: number; calls: number; unpriced_calls: number }
  }

test('an unknown price is passed over under a budget, with that reason, and is null without one', async () => {
  await serve({ usd_per_day: 1 })
  const refused = await ask({ pool: 'dark' })
  const { structuredContent: plan } = await client.callTool({
    name: 'plan_step',
    arguments: { prompt: 'How much?', max_output_tokens: 100 },
  })
  await client.close()
  await http.stop()

  expect(refused.isError).toBe(true)
  expect(textOf(refused)).toContain('its price is unknown and a budget is set')
  expect(plan).toMatchObject({
    pool: 'cloud',
    rejected: expect.arrayContaining([
      { model: 'remote/nobody-knows-this-model', pool: 'dark', reason: 'its price is unknown and a budget is set' },
    ]),
  })

  home.configure({
    providers: { remote: { kind: 'openai', base_url: 'http://203.0.113.1:9/v1', api_key: 'unused' } },
    pools: { dark: { models: ['remote/nobody-knows-this-model'] } },
  })
  http = await serveHere(home)
  client = await connectClient('v2 modern', { url: http.mcp })
  const free = await client.callTool({ name: 'plan_step', arguments: { prompt: 'How much?' } })
  const capped = await client.callTool({ name: 'plan_step', arguments: { prompt: 'How much?', max_cost_usd: 1 } })

  expect(free.structuredContent).toMatchObject({ pool: 'dark', candidates: [{ est_cost_usd: null }] })
  expect(textOf(free)).toContain('at a price that is not known')
  expect((capped.structuredContent as { candidates: { model: string }[] }).candidates).toEqual([])
})

test('a call that may cost more than a call may is refused before anything is sent', async () => {
  await serve({ usd_per_call: 0.2 })
  cloud.answer(() => ({ text: 'Ten cents.', usage: { inputTokens: 10, outputTokens: 100 } }))

  const cheap = await ask()
  const dear = await ask({ max_output_tokens: 300 })
  const capped = await ask({ max_cost_usd: 0.05 })

  expect(cheap.structuredContent).toMatchObject({ status: 'done', cost_usd: expect.closeTo(0.1, 3) })
  expect(textOf(dear)).toMatch(/it may cost \$0\.30\d\d, more than the \$0\.2 allowed for a call/)
  expect(textOf(capped)).toMatch(/it may cost \$0\.10\d\d, more than the \$0\.05 allowed for a call/)
  expect(cloud.requests).toHaveLength(1)
})

test('a tool loop stops within max_cost_usd: what earlier steps have cost is counted', async () => {
  await serve(undefined)
  cloud.answer(() => ({ toolCalls: [{ name: 'find_tools', input: { need: 'more' } }], usage: { inputTokens: 10, outputTokens: 100 } }))

  const result = await ask({ use_tools: true, max_cost_usd: 0.35 })

  expect(result.isError).toBe(true)
  expect(textOf(result)).toMatch(/may cost \$0\.10\d\d, more than the \$0\.0\d+ allowed/)
  expect(cloud.requests).toHaveLength(3)
  expect((await status()).spend_today.usd).toBeCloseTo(0.3, 3)
})

test('a day of money holds over parallel calls: the worst case is reserved, and given back when less was spent', async () => {
  await serve({ usd_per_day: 0.56 })
  cloud.answer(async () => {
    await sleep(200)
    return { text: 'Five cents.', usage: { inputTokens: 10, outputTokens: 50 } }
  })

  const first = await Promise.all(Array.from({ length: 10 }, () => ask()))
  const afterFirst = await status()
  const second = await Promise.all(Array.from({ length: 10 }, () => ask()))
  const afterSecond = await status()

  const done = (results: typeof first) =>
    results.filter((result) => (result.structuredContent as { status?: string } | undefined)?.status === 'done')
  // Five worst cases of 0.1 fit into 0.56; then 0.25 is spent, and three more fit into the rest.
  expect(done(first)).toHaveLength(5)
  expect(afterFirst).toMatchObject({
    budget: { usd_per_day: 0.56, spent_today_usd: expect.closeTo(0.25, 3) },
    spend_today: { usd: expect.closeTo(0.25, 3), reserved_usd: 0, calls: 5, unpriced_calls: 0 },
  })
  expect(done(second)).toHaveLength(3)
  expect(afterSecond.budget.spent_today_usd).toBeCloseTo(0.4, 3)
  expect(cloud.requests).toHaveLength(8)
  for (const refused of [...first, ...second].filter(({ isError }) => isError === true)) expect(textOf(refused)).toMatch(/budget/)
})

test('what is under way is reserved, what broke off is charged for what had come, what was refused costs nothing', async () => {
  await serve({ usd_per_day: 10 })
  cloud.script([{ text: 'never', interrupt: { after: 'headers', how: 'stall' } }])
  const started = await ask({ wait_s: 0 })
  const { handle } = started.structuredContent as { handle: string }
  await until(() => cloud.requests.length === 1, 'the provider is asked')
  const during = await status()
  await client.callTool({ name: 'get_answer', arguments: { handle, cancel: true } })
  const afterCancel = await status()
  cloud.script([{ text: 'one two three four five six', interrupt: { after: 'content', how: 'reset' } }])
  const cut = await ask()
  const afterCut = await status()
  cloud.script([{ fail: 'bad-request' }])
  const failed = await ask()
  const afterFailure = await status()

  expect(during.spend_today).toMatchObject({ usd: 0, reserved_usd: expect.closeTo(0.1, 3) })
  expect(afterCancel.spend_today).toMatchObject({ usd: 0, reserved_usd: 0 })
  expect(textOf(cut)).toContain('one two three four five six')
  expect(afterCut.spend_today.usd).toBeGreaterThan(0)
  expect(afterCut.spend_today.usd).toBeLessThan(0.1)
  expect(failed.isError).toBe(true)
  expect(afterFailure.spend_today.usd).toBe(afterCut.spend_today.usd)
})

test('status says the spend in words, to this caller its own and to all the budget, and outlives a restart', async () => {
  await serve({ usd_per_day: 5, usd_per_call: 2 })
  cloud.answer(() => ({ text: 'Ten cents.', usage: { inputTokens: 10, outputTokens: 100 } }))
  const other = await connectClient('v2 modern', { url: http.mcp, headers: { 'x-api-key': 'another' } })
  await ask()
  await ask()

  const own = textOf(await client.callTool({ name: 'status' }))
  const others = (await other.callTool({ name: 'status' })).content[0]?.text
  await other.close()
  await http.stop()
  const later = await runCommand(home, ['status'])

  expect(own).toContain('Spent today: $0.2000 in 2 calls.')
  expect(own).toContain('Budget: $5 a day for all callers, $0.2000 used or reserved.')
  expect(others).toContain('Spent today: $0.0000 in 0 calls.')
  expect(others).toContain('$0.2000 used or reserved')
  expect(later).toMatchObject({ code: 0, out: expect.stringContaining('Spent today: $0.2000 in 2 calls.') })
})
