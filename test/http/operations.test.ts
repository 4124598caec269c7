import { afterAll, beforeAll, expect, test } from 'vitest'
import { allMetrics } from '../../src/telemetry/metrics.ts'
import { answerOf, modernRequest } from '../support/mcp-http.ts'
import { type RunningProduct, startProduct } from '../support/mcp-product.ts'
import { parsePrometheus } from '../support/prometheus.ts'

/** Says by its rules what it was told of the step. */
const policy = `
name: own
rules:
  - { name: search_team, when: '"team" in step.metadata && step.metadata["team"] == "search"', action: { prefer: first } }
  - { name: tagged, when: '"tags" in step.metadata && step.metadata["tags"] == "nightly,batch"', action: { prefer: first } }
  - { name: traced, when: '"client_request_id" in step.metadata && step.metadata["client_request_id"] == "r1"', action: { prefer: first } }
default: { prefer: first }
`

let product: RunningProduct
beforeAll(async () => {
  product = await startProduct({
    tools: () => ({}),
    files: { 'own.policy.yaml': policy },
    rest: {
      policy: './own.policy.yaml',
      pools: { quick: { models: ['local/a"b'] } },
      providers: { local: { kind: 'openai', base_url: 'http://127.0.0.1:9/v1' } },
    },
  })
})
afterAll(() => product.close())

const post = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(product.url.replace(/\/mcp$/, path), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
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

const search = { 'signalbox/metadata': { team: 'search' } }

test.each<[string, object, Record<string, string>, string]>([
  ['nothing', {}, {}, 'default'],
  ['_meta of the body', { _meta: search }, {}, 'search_team'],
  ['cf-aig-metadata', {}, { 'cf-aig-metadata': '{"team":"search","paid":true}' }, 'search_team'],
  ['x-litellm-tags', {}, { 'x-litellm-tags': 'nightly,batch' }, 'tagged'],
  ['x-client-request-id', {}, { 'x-client-request-id': 'r1' }, 'traced'],
  ['a body that says otherwise', { _meta: search }, { 'cf-aig-metadata': '{"team":"mail"}' }, 'search_team'],
])('POST /v1/plan tells the policy of the step by %s', async (_name, more, headers, rule) => {
  const plan = await (await post('/v1/plan', { prompt: 'x', ...more }, headers)).json()

  expect(plan).toMatchObject({ rule })
})

test.each<[string, object, Record<string, string>, RegExp]>([
  ['a header that is no JSON', {}, { 'cf-aig-metadata': 'team=search' }, /cf-aig-metadata must be a JSON object/],
  ['a value that is too long', { _meta: { 'signalbox/metadata': { note: 'é'.repeat(513) } } }, {}, /note must have at most 1024 bytes/],
  ['a value that is no text', { _meta: { 'signalbox/metadata': { note: 1 } } }, {}, /string/],
  ['another key of _meta', { _meta: { other: 1 } }, {}, /other/],
])('POST /v1/plan refuses %s', async (_name, more, headers, message) => {
  const response = await post('/v1/plan', { prompt: 'x', ...more }, headers)

  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ error: { message: expect.stringMatching(message) } })
})

test('plan_step tells the policy of the step by _meta["signalbox/metadata"], and refuses what is too much', async () => {
  const plan = (_meta: object) => modernRequest(product.url, 'tools/call', { name: 'plan_step', arguments: { prompt: 'x' }, _meta })
  const entries = Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`k${index}`, 'v']))

  const told = await answerOf(await plan(search))
  const refused = await answerOf(await plan({ 'signalbox/metadata': entries }))

  expect(told.result.structuredContent).toMatchObject({ rule: 'search_team' })
  expect(refused.result).toMatchObject({ isError: true, content: [{ text: expect.stringMatching(/at most 32 entries/) }] })
})

test('/metrics has what status knows, under labels that no name can break', async () => {
  const text = await (await fetch(product.url.replace(/\/mcp$/, '/metrics'))).text()

  const families = parsePrometheus(text)
  for (const { name, labels } of allMetrics) {
    const samples = families.find((family) => family.name === name)?.samples ?? []
    for (const sample of samples) expect([...labels, 'le']).toEqual(expect.arrayContaining(Object.keys(sample.labels)))
  }
  expect(allMetrics.map(({ name }) => name)).toEqual(expect.arrayContaining(families.map(({ name }) => name)))
  expect(text).toMatch(/^signalbox_build_info\{version="[^"]+",node="[^"]+"\} 1$/m)
  expect(text).toMatch(/^mcp_server_operation_duration_seconds_count\{mcp_method_name="tools\/call",gen_ai_tool_name="plan_step"/m)
  expect(text).toMatch(/^signalbox_memory_bytes [1-9]\d*$/m)
  expect(text).toMatch(/^signalbox_spent_today_usd 0$/m)
  expect(text).toMatch(/^signalbox_models\{pool="quick",model="local\/a\\"b",state="[a-z_]+"\} 1$/m)
})
