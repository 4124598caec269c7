import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Collector, type SentSpan, startCollector } from '../support/collector.ts'
import { callerKey, type GatewayDoor, openGateway, simpleBody } from '../support/gateway.ts'
import { modernRequest } from '../support/mcp-http.ts'
import { type HttpSample, serveSample } from '../support/servers/sample-http.ts'

/*
 * One trace from a client through Signalbox to a provider and to a hosted server, as a collector sees it.
 */

let collector: Collector
let sample: HttpSample
let door: GatewayDoor
beforeAll(async () => {
  ;[collector, sample] = await Promise.all([startCollector(200), serveSample()])
  door = await openGateway({
    telemetry: { otlp: collector.base, headers: { 'x-key': 'key-of-the-collector' } },
    tools: { remote: { url: sample.url, pin: 'off', read_only: true } },
    roles: {},
    http: { tokens: [{ name: 'caller', token: callerKey, roles: ['owner'] }] },
  })
  await door.box.settled()
})
afterAll(() => Promise.all([collector.close(), sample.close()]))

const parent = (digit: string) => `00-${digit.repeat(32)}-${digit.repeat(16)}-01`
const path = (spans: readonly SentSpan[], span: SentSpan | undefined): string[] =>
  span === undefined
    ? []
    : [
        ...path(
          spans,
          spans.find(({ spanId }) => spanId === span.parentSpanId),
        ),
        span.name,
      ]
const headersOf = (headers: object) => new Map(Object.entries(headers))

test('a trace goes from a client over the wire formats, and over MCP, to the provider and to a hosted server', async () => {
  door.cloud.script([{ text: 'One' }, { text: 'Two' }])
  await (
    await door.post('/v1/chat/completions', simpleBody('openai-chat', 'signalbox/chat', 'Hi', true), {
      headers: { traceparent: parent('1') },
    })
  ).text()
  await (
    await door.post('/v1/messages', simpleBody('anthropic-messages', 'signalbox/chat', 'Ho', false), {
      headers: { traceparent: parent('2') },
    })
  ).text()
  const [tool] = door.box.host.catalogue().tools.filter(({ name }) => /echo/.test(name))
  const called = await modernRequest(
    `${door.url}/mcp`,
    'tools/call',
    {
      name: 'call_tool',
      arguments: { name: tool?.name, arguments: { text: 'x' } },
      _meta: { traceparent: parent('3'), tracestate: 'a=b' },
    },
    { headers: { authorization: `Bearer ${callerKey}`, traceparent: parent('4') } },
  )
  expect(called.status).toBe(200)
  await called.text()
  await door.close()

  const spans = collector.spans()
  const chats = spans.filter(({ name }) => name.startsWith('chat '))
  const executed = spans.find(({ name }) => name.startsWith('execute_tool '))
  expect(chats.map((span) => path(spans, span))).toEqual([
    ['POST /v1/chat/completions', 'signalbox.step', 'chat alpha'],
    ['POST /v1/messages', 'signalbox.step', 'chat alpha'],
  ])
  expect(path(spans, executed)).toEqual(['tools/call call_tool', `execute_tool ${tool?.name}`])
  expect(door.cloud.requests.map(({ headers }) => headersOf(headers).get('traceparent'))).toEqual(
    chats.map(({ traceId, spanId }) => `00-${traceId}-${spanId}-01`),
  )
  expect(chats.map(({ traceId }) => traceId[0])).toEqual(['1', '2'])
  const asked = sample.requests.filter((headers) => headers['traceparent'] !== undefined)
  expect(asked.map(({ traceparent, tracestate }) => ({ traceparent, tracestate }))).toEqual([
    { traceparent: `00-${'3'.repeat(32)}-${executed?.spanId}-01`, tracestate: 'a=b' },
  ])
  expect(new Set(spans.map(({ traceId }) => traceId[0]))).toEqual(new Set(['1', '2', '3']))
  expect(collector.received[0]?.headers).toMatchObject({ 'x-key': 'key-of-the-collector' })
  expect(JSON.stringify(collector.received)).not.toMatch(/"Hi"|"Ho"|One|Two/)
})
