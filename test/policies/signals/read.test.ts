import { expect, test } from 'vitest'
import type { DeploymentState } from '../../../models/pool.ts'
import { signalSchema } from '../../../policies/signals/kinds.ts'
import { answered, called, poolOf, said, valueOfSignal } from './reading.ts'

test.each([
  [{ any: ['admin', 'ops'] }, ['ops'], true],
  [{ any: ['admin'] }, ['ops'], false],
  [{ all: ['admin', 'ops'] }, ['ops', 'admin'], true],
  [{ all: ['admin', 'ops'] }, ['ops'], false],
  [{ none: ['guest'] }, ['ops'], true],
  [{ any: ['ops'], none: ['guest'] }, ['ops', 'guest'], false],
])('role %j of a caller with %j', async (options, roles, held) => {
  expect(await valueOfSignal({ kind: 'role', ...options }, { roles })).toBe(held)
})

test.each<[object, Record<string, string>, boolean | string]>([
  [{ equals: 'search' }, { team: 'search' }, true],
  [{ equals: 'search' }, { team: 'mail' }, false],
  [{ in: ['search', 'mail'] }, { team: 'mail' }, true],
  [{ in: ['search'] }, {}, false],
  [{ exists: true }, { team: '' }, true],
  [{ exists: false }, { other: 'x' }, true],
  [{}, { team: 'mail' }, 'mail'],
  [{}, {}, ''],
])('metadata %j of %j', async (options, metadata, value) => {
  expect(await valueOfSignal({ kind: 'metadata', key: 'team', ...options }, { metadata })).toBe(value)
})

test('metadata reads no property that every object has', async () => {
  expect(await valueOfSignal({ kind: 'metadata', key: 'constructor', exists: true }, {})).toBe(false)
})

test.each([
  [{}, 900, ''],
  [{}, 1000, 'short'],
  [{}, 50_000, 'long'],
  [{ window: 100_000, bands: { half: 0.5, full: 0.9 } }, 50_000, 'half'],
  [{ pool: 'quick', bands: { half: 0.5, full: 0.9 } }, 1900, 'full'],
])('context %j of %i tokens', async (options, inputTokens, band) => {
  const pools = [
    { ...poolOf('quick', []), deployments: [...poolOf('a', ['x'], 9000).deployments, ...poolOf('b', ['y'], 2000).deployments] },
  ]

  expect(await valueOfSignal({ kind: 'context', bands: { long: 32_000, short: 1000 }, ...options }, { inputTokens }, { pools })).toBe(band)
})

test.each([
  ['messages', 8],
  ['user_messages', 4],
  ['assistant_messages', 4],
  ['tools_offered', 7],
  ['tool_calls', 3],
  ['tool_results', 2],
  ['tool_cycles', 2],
  ['active_loop', 0],
  ['open_calls', 1],
  ['images', 1],
])('conversation counts %s, earlier turns among them', async (of, count) => {
  const image = { type: 'image' as const, mediaType: 'image/png' as const, data: '' }
  const messages = [
    { role: 'user' as const, content: [image, { type: 'text' as const, text: 'Look' }] },
    ...called('read'),
    ...called('read', { id: '2' }),
    { role: 'assistant' as const, content: [{ type: 'tool-call' as const, id: '3', name: 'read', input: {} }] },
  ]
  const step = { earlier: [said('Hello'), answered('Hi')], messages, toolsOffered: 7 }

  expect(await valueOfSignal({ kind: 'conversation', of }, step)).toBe(count)
  expect(await valueOfSignal({ kind: 'conversation', of, at_least: count }, step)).toBe(true)
  expect(await valueOfSignal({ kind: 'conversation', of, at_least: count + 1 }, step)).toBe(false)
  expect(await valueOfSignal({ kind: 'conversation', of, at_most: count }, step)).toBe(true)
})

test('conversation sees an active loop', async () => {
  expect(await valueOfSignal({ kind: 'conversation', of: 'active_loop', at_least: 1 }, { messages: [said('x'), ...called('read')] })).toBe(
    true,
  )
})

test.each([
  [{}, 0.5],
  [{ measure: 'count' }, 2],
  [{ tools: ['files_*'] }, 1],
  [{ tools: ['docs_search'], measure: 'count' }, 1],
  [{ tools: ['absent'] }, 0],
  [{ last: 1 }, 0],
  [{ last: 2, measure: 'count' }, 1],
])('tool_failures %j', async (options, value) => {
  const failed = { isError: true }
  const messages = [
    ...called('files_read', { ...failed, id: '1' }),
    ...called('docs_search', { id: '2' }),
    ...called('docs_search', { ...failed, id: '3' }),
    ...called('docs_search', { id: '4' }),
  ]

  expect(await valueOfSignal({ kind: 'tool_failures', ...options }, { messages })).toBe(value)
})

test('budget says what share of the day is spent, its band, and nothing without a budget', async () => {
  const budget = { usdPerDay: 4, spentTodayUsd: 3 }
  const bands = { plenty: 0, low: 0.7, gone: 1 }

  expect(await valueOfSignal({ kind: 'budget' }, 'x', { budget })).toBe(0.75)
  expect(await valueOfSignal({ kind: 'budget', bands }, 'x', { budget })).toBe('low')
  expect(await valueOfSignal({ kind: 'budget' }, 'x', { budget: { usdPerDay: 0, spentTodayUsd: 0 } })).toBe(1)
  expect(await valueOfSignal({ kind: 'budget' }, 'x')).toMatch(/no budget a day/)
})

const friday = { zone: 'Europe/Berlin', at: Date.UTC(2026, 6, 31, 21, 30) }

test.each([
  [{ from: '23:00', to: '23:31' }, true],
  [{ from: '22:00', to: '06:00' }, true],
  [{ from: '06:00', to: '23:30' }, false],
  [{ days: ['fri'] }, true],
  [{ days: ['sat', 'sun'] }, false],
  [{ days: ['fri'], from: '00:00', to: '12:00' }, false],
  [{ bands: { work: '08:00', evening: '18:00', night: '23:00' } }, 'night'],
  [{ bands: { late: '23:45', early: '05:00' } }, 'early'],
])('time %j at 23:30 on a Friday in Berlin', async (options, value) => {
  expect(await valueOfSignal({ kind: 'time', zone: friday.zone, ...options }, 'x', { now: friday.at })).toBe(value)
})

test('time before the first band of a day belongs to the last', async () => {
  const bands = { work: '08:00', night: '22:00' }

  expect(await valueOfSignal({ kind: 'time', bands }, 'x', { now: Date.UTC(2026, 0, 1, 3) })).toBe('night')
})

test('pool_state says how many of its models are ready, how busy and how reliable they are, and whether it is warm', async () => {
  const pools = [poolOf('quick', ['a/x', 'a/y'])]
  const states: Record<string, Partial<DeploymentState>> = {
    'a/x': { availability: { state: 'ready' }, inFlight: 2, failureRate: 0.5 },
    'a/y': { availability: { state: 'cooling', until: 1, reason: 'down' }, inFlight: 1, failureRate: undefined },
  }
  const live = { pools, state: (id: string) => states[id] as DeploymentState }
  const read = (of: string, previousModel?: string) => valueOfSignal({ kind: 'pool_state', pool: 'quick', of }, { previousModel }, live)

  expect(await Promise.all(['ready', 'in_flight', 'failing', 'warm'].map((of) => read(of)))).toEqual([0.5, 3, 0.5, 0])
  expect(await read('warm', 'a/y')).toBe(1)
})

test.each([
  { kind: 'role' },
  { kind: 'role', any: [] },
  { kind: 'metadata', key: 'team', equals: 'a', in: ['b'] },
  { kind: 'context', bands: {} },
  { kind: 'context', bands: { a: 0 }, window: 1000, pool: 'quick' },
  { kind: 'conversation', of: 'jokes' },
  { kind: 'time', zone: 'Mars/Base', days: ['mon'] },
  { kind: 'time' },
  { kind: 'time', from: '08:00' },
  { kind: 'time', from: '25:00', to: '26:00' },
  { kind: 'time', days: ['mon'], bands: { a: '08:00' } },
  { kind: 'tool_failures', measure: 'joy' },
  { kind: 'budget', bands: {} },
])('a policy cannot ask for %j', (options) => {
  expect(signalSchema.safeParse(options).success).toBe(false)
})
