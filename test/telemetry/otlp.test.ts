import { afterEach, expect, test } from 'vitest'
import type { Log } from '../../src/log.ts'
import { createMeter } from '../../src/telemetry/meter.ts'
import { createOtlpExporter } from '../../src/telemetry/otlp.ts'
import type { EndedSpan } from '../../src/telemetry/tracer.ts'
import { type Collector, startCollector } from '../support/collector.ts'

const collectors: Collector[] = []
const collector = async (...statuses: readonly number[]) => {
  const made = await startCollector(...statuses)
  collectors.push(made)
  return made
}
afterEach(async () => {
  await Promise.all(collectors.splice(0).map((one) => one.close()))
})

function exporterTo(url: string, limits = {}) {
  const lines: { message: string; facts: unknown }[] = []
  const note = (message: string, facts?: unknown) => void lines.push({ message, facts })
  const log: Log = { debug: note, info: note, warn: note, error: note }
  const meter = createMeter()
  const exporter = createOtlpExporter({
    url,
    headers: { 'api-key': 'k' },
    resource: { 'service.name': 'signalbox' },
    scope: { name: 'signalbox', version: '1' },
    log,
    meter,
    limits: { delayMs: 1, firstWaitMs: 1, ...limits },
  })
  return { exporter, lines, sent: () => meter.write([], { isOwner: true }) }
}

function span(name: string, more: Partial<EndedSpan> = {}): EndedSpan {
  const context = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', sampled: true }
  return { context, parent: undefined, name, kind: 'internal', startMs: 1000.5, endMs: 1002.25, attributes: {}, failed: undefined, ...more }
}

test('an exporter posts spans in the JSON of OTLP', async () => {
  const { url, received } = await collector(200)
  const { exporter, sent } = exporterTo(url)

  exporter.add(
    span('chat m', { kind: 'client', parent: 'b7ad6b7169203331', attributes: { text: 'a', whole: 3, part: 0.5, yes: true, list: ['x'] } }),
  )
  exporter.add(span('bad', { failed: 'no' }))
  await exporter.close()

  const { headers, body } = received[0] ?? {}
  expect(headers).toMatchObject({ 'content-type': 'application/json', 'api-key': 'k' })
  const [only] = body?.resourceSpans ?? []
  expect(only?.resource).toEqual({ attributes: [{ key: 'service.name', value: { stringValue: 'signalbox' } }] })
  expect(only?.scopeSpans[0]?.spans).toEqual([
    {
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      spanId: '00f067aa0ba902b7',
      parentSpanId: 'b7ad6b7169203331',
      flags: 1,
      name: 'chat m',
      kind: 3,
      startTimeUnixNano: '1000500000',
      endTimeUnixNano: '1002250000',
      attributes: [
        { key: 'text', value: { stringValue: 'a' } },
        { key: 'whole', value: { intValue: '3' } },
        { key: 'part', value: { doubleValue: 0.5 } },
        { key: 'yes', value: { boolValue: true } },
        { key: 'list', value: { arrayValue: { values: [{ stringValue: 'x' }] } } },
      ],
    },
    expect.objectContaining({ name: 'bad', kind: 1, status: { code: 2, message: 'no' } }),
  ])
  expect(sent()).toContain('signalbox_spans_total{end="exported"} 2')
})

test('an exporter sends again what a collector had no room for, and nothing that it refused', async () => {
  const busy = await collector(503, 429, 200)
  const refusing = await collector(400)
  const [first, second] = [exporterTo(busy.url), exporterTo(refusing.url)]

  first.exporter.add(span('one'))
  second.exporter.add(span('one'))
  await Promise.all([first.exporter.close(), second.exporter.close()])

  expect(busy.received).toHaveLength(3)
  expect(first.lines).toEqual([])
  expect(refusing.received).toHaveLength(1)
  expect(second.lines).toMatchObject([{ message: 'Cannot send traces', facts: { spans: 1, reason: 'status 400' } }])
})

test('an exporter without a collector keeps so many spans and no more, says so once, and ends', async () => {
  const { url, close } = await startCollector(200)
  await close()
  const { exporter, lines, sent } = exporterTo(url, { bytes: 2000, delayMs: 60_000, tries: 2 })

  for (let index = 0; index < 5; index += 1) exporter.add(span(`n${index}`))
  await exporter.close()

  expect(sent()).toContain('signalbox_spans_total{end="dropped"} 5')
  expect(lines).toHaveLength(1)
})
