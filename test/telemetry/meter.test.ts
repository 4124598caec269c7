import { expect, test } from 'vitest'
import { createMeter } from '../../src/telemetry/meter.ts'
import type { Metric } from '../../src/telemetry/metric.ts'
import { allMetrics } from '../../src/telemetry/metrics.ts'
import { parsePrometheus } from '../support/prometheus.ts'

const calls: Metric<'server' | 'end'> = { name: 'calls_total', type: 'counter', help: 'Calls', labels: ['server', 'end'] }
const took: Metric<'server'> = { name: 'took_seconds', type: 'histogram', help: 'Time', labels: ['server'], buckets: [0.1, 1] }
const open: Metric<never> = { name: 'open', type: 'gauge', help: 'Open', labels: [] }
const owned: Metric<'pool'> = { name: 'owned_total', type: 'counter', help: 'By pool', labels: ['pool'], owner: true }

const everything = { isOwner: true }
const samplesOf = (text: string, name: string) => parsePrometheus(text).find((family) => family.name === name)?.samples

test('write() gives counters by their labels, whatever stands in a label', () => {
  const meter = createMeter()
  const server = 'a "b"\\c\nd'

  meter.add(calls, { server, end: 'accepted' })
  meter.add(calls, { server, end: 'accepted' }, 2)
  meter.add(calls, { server: 'other', end: '' })

  expect(samplesOf(meter.write([], everything), 'calls_total')).toEqual([
    { name: 'calls_total', labels: { server, end: 'accepted' }, value: 3 },
    { name: 'calls_total', labels: { server: 'other' }, value: 1 },
  ])
})

test('write() gives histograms whose buckets hold what is not above their bound', () => {
  const meter = createMeter()

  for (const value of [0.05, 0.1, 0.5, 3]) meter.observe(took, { server: 'files' }, value)

  const samples = samplesOf(meter.write([], everything), 'took_seconds')
  expect(samples?.map(({ name, labels, value }) => [name, labels['le'], value])).toEqual([
    ['took_seconds_bucket', '0.1', 2],
    ['took_seconds_bucket', '1', 3],
    ['took_seconds_bucket', '+Inf', 4],
    ['took_seconds_sum', undefined, 3.65],
    ['took_seconds_count', undefined, 4],
  ])
})

test('write() gives what is so now beside what was counted, and to others nothing that is for the owner', () => {
  const meter = createMeter()
  meter.add(owned, { pool: 'secret' })
  const now = [{ metric: open, labels: {}, value: 7 }]

  const owner = parsePrometheus(meter.write(now, everything)).map(({ name }) => name)
  const other = parsePrometheus(meter.write(now, { isOwner: false })).map(({ name }) => name)

  expect(owner).toEqual(['open', 'owned_total'])
  expect(other).toEqual(['open'])
})

test('add() counts what has too many labels together', () => {
  const meter = createMeter()

  for (let index = 0; index < 600; index += 1) meter.add(owned, { pool: `pool-${index}` })

  const samples = samplesOf(meter.write([], everything), 'owned_total') ?? []
  expect(samples).toHaveLength(501)
  expect(samples.find(({ labels }) => labels['pool'] === 'other')?.value).toBe(100)
})

test('allMetrics have names, labels and buckets as Prometheus wants them, each once', () => {
  const names = allMetrics.map(({ name }) => name)

  expect(new Set(names).size).toBe(names.length)
  for (const { name, type, labels, buckets, help } of allMetrics) {
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
    expect(help).not.toMatch(/\.$/)
    for (const label of labels) expect(label).toMatch(/^(?!le$)[a-z][a-z0-9_]*$/)
    expect(buckets !== undefined).toBe(type === 'histogram')
    expect(buckets ?? []).toEqual([...(buckets ?? [])].toSorted((left, right) => left - right))
  }
})

test('allMetrics name nobody and nothing that has no end', () => {
  const labels = new Set(allMetrics.flatMap((metric) => metric.labels))

  for (const never of ['principal', 'client', 'thread', 'decision', 'user', 'tool', 'id', 'session']) expect(labels).not.toContain(never)
})
