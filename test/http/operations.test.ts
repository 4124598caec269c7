import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerOf, modernRequest } from '../support/mcp-http.ts'
import { type RunningProduct, startProduct } from '../support/mcp-product.ts'

let product: RunningProduct
beforeAll(async () => {
  product = await startProduct({
    tools: () => ({}),
    rest: { pools: { quick: { models: ['local/a"b'] } }, providers: { local: { kind: 'openai', base_url: 'http://127.0.0.1:9/v1' } } },
  })
})
afterAll(() => product.close())

const post = (path: string, body: unknown) =>
  fetch(product.url.replace(/\/mcp$/, path), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('POST /v1/plan gives the plan that plan_step gives over MCP, and dispatches nothing', async () => {
  const step = { prompt: 'Prove that there are infinitely many primes' }

  const plan = (await (await post('/v1/plan', step)).json()) as Record<string, unknown>
  const { result } = await answerOf(await modernRequest(product.url, 'tools/call', { name: 'plan_step', arguments: step }))

  const same = result.structuredContent as unknown as Record<string, unknown>
  expect(Object.keys(plan)).toEqual(Object.keys(same))
  expect(plan).toMatchObject({ candidates: same['candidates'], rule: same['rule'], pool: same['pool'] })
})

test.each([
  ['/v1/plan', {}, 400, /prompt/],
  ['/v1/plan', null, 400, /object/],
  ['/v1/outcomes', { decision: 'x', outcome: 'splendid' }, 400, /outcome/],
  ['/v1/outcomes', { decision: `de_${'0'.repeat(32)}`, outcome: 'good' }, 422, /decision/],
])('POST %s says in JSON what is wrong with %j', async (path, body, status, message) => {
  const response = await post(path, body)

  expect(response.status).toBe(status)
  expect(await response.json()).toEqual({ error: { message: expect.stringMatching(message), status } })
})

test('/metrics has what status knows, under labels that no name can break', async () => {
  const text = await (await fetch(product.url.replace(/\/mcp$/, '/metrics'))).text()

  expect(text).toMatch(/^signalbox_memory_bytes [1-9]\d*$/m)
  expect(text).toMatch(/^signalbox_spent_today_usd 0$/m)
  expect(text).toMatch(/^signalbox_models\{pool="quick",model="local\/a\\"b",state="[a-z_]+"\} 1$/m)
})
