import { expect, test } from 'vitest'
import type { Embedder } from '../../models/embedder.ts'
import type { Message } from '../../models/message.ts'
import { createStep, readSignals } from '../../policies/index.ts'
import { createSignal, signalSchema } from '../../policies/signals/kinds.ts'
import type { ReadContext, Signal } from '../../policies/signals/signal.ts'

function stepOf(messages: readonly Message[] | string) {
  const given: readonly Message[] =
    typeof messages === 'string' ? [{ role: 'user', content: [{ type: 'text', text: messages }] }] : messages
  return createStep({ messages: given, inputTokens: 42, maxOutputTokens: 100, principal: 'local' })
}

const loop: Message[] = [
  { role: 'user', content: [{ type: 'text', text: 'List the files' }] },
  { role: 'assistant', content: [{ type: 'tool-call', id: '1', name: 'list', input: {} }] },
  { role: 'user', content: [{ type: 'tool-result', id: '1', name: 'list', content: [{ type: 'text', text: 'prove' }], isError: true }] },
]

const context: ReadContext = {
  live: { now: 0, budget: { usdPerDay: undefined, spentTodayUsd: undefined }, pools: [], state: () => undefined },
}
const without = { pools: [], embedder: undefined }
const size = createSignal('size', { kind: 'size' }, without)

async function readingOf(signal: Signal, messages: readonly Message[] | string) {
  const { readings, failures } = await readSignals([signal], stepOf(messages), context)
  return readings[0]?.value ?? failures[0]?.error
}

test('createStep() calls a message that holds only tool results a continuation, and reads the words before it', () => {
  expect(stepOf(loop)).toMatchObject({
    kind: 'continuation',
    mode: 'agent',
    toolLoop: true,
    toolErrors: 1,
    openToolCalls: 0,
    text: 'List the files',
  })
})

test('createStep() counts a call without its result as open', () => {
  expect(stepOf(loop.slice(0, 2))).toMatchObject({ openToolCalls: 1, toolLoop: false })
})

test('createStep() strips what a harness added to the words of a person', () => {
  expect(stepOf('<system-reminder>prove it</system-reminder>\nHello').text).toBe('Hello')
})

test('the plain signals report what stands in the step', async () => {
  const picture: Message[] = [{ role: 'user', content: [{ type: 'image', mediaType: 'image/png', data: '' }] }]

  expect(await readingOf(size, 'x')).toBe(42)
  expect(await readingOf(createSignal('s', { kind: 'turn' }, without), loop)).toBe('continuation')
  expect(await readingOf(createSignal('s', { kind: 'tool_loop' }, without), loop)).toBe(true)
  expect(await readingOf(createSignal('s', { kind: 'modality' }, without), picture)).toBe('image')
  expect(await readingOf(createSignal('s', { kind: 'modality' }, without), 'x')).toBe('text')
})

test.each([
  ['Please PROVE it', true],
  ['prove: why', true],
  ['step   by\nstep', true],
  ['This improves things', false],
  ['C++ is fine', true],
  ['доказать это', true],
])('keyword() finds whole words and phrases in any case: %s', async (text, found) => {
  const signal = createSignal('s', signalSchema.parse({ kind: 'keyword', any: ['prove', 'step by step', 'c++', 'доказать'] }), without)

  expect(await readingOf(signal, text)).toBe(found)
})

/** Each text is a direction of its own: texts that share their first word are near. */
const byFirstWord: Embedder = {
  id: 'by-first-word',
  dimensions: 3,
  runtime: 'test',
  embed: async (texts) =>
    texts.map((text) => {
      const axis = ['code', 'mail', 'other'].indexOf(text.split(' ')[0] ?? '')
      return Float32Array.from([0, 1, 2], (index) => (index === axis ? 1 : 0))
    }),
  close: async () => undefined,
}

test('embedding() names the label whose examples are nearest, and nothing when none is near', async () => {
  const examples = { coding: ['code this', 'code that'], writing: ['mail her'] }
  const signal = createSignal('s', { kind: 'embedding', examples, threshold: 0.5, margin: 0.1 }, { pools: [], embedder: byFirstWord })

  expect(await readingOf(signal, 'code review')).toBe('coding')
  expect(await readingOf(signal, 'mail the team')).toBe('writing')
  expect(await readingOf(signal, 'other things')).toBe('')
})

test('readSignals() reports a signal that failed as unscored and goes on with the others', async () => {
  const broken: Signal = {
    name: 'broken',
    cost: 'embed',
    type: 'string',
    read() {
      throw new Error('no model')
    },
  }

  const { readings, failures } = await readSignals([broken, size], stepOf('x'), context)

  expect(readings.map((one) => one.signal)).toEqual(['size'])
  expect(failures).toMatchObject([{ signal: 'broken', error: 'no model' }])
})

test('readSignals() has the embedder at work before it looks at the text itself', async () => {
  const done: string[] = []
  const read = (name: string, cost: Signal['cost'], before: Promise<unknown> | undefined): Signal => ({
    name,
    cost,
    type: 'bool',
    async read() {
      await before
      done.push(name)
      return { value: true, confidence: 1 }
    },
  })
  const signals = [read('scans', 'scan', undefined), read('embeds', 'embed', Promise.resolve())]

  const { readings } = await readSignals(signals, stepOf('x'), context)

  expect(done).toEqual(['embeds', 'scans'])
  expect(readings.map(({ signal }) => signal)).toEqual(['scans', 'embeds'])
})

test('readSignals() rejects with the reason of the caller when aborted', async () => {
  const reason = new Error('The caller left')

  await expect(readSignals([size], stepOf('x'), { ...context, signal: AbortSignal.abort(reason) })).rejects.toBe(reason)
})

test('createStep() reads a text full of blocks that are never closed in one pass', () => {
  const open = '<system-reminder>'.repeat(60_000)

  const { text } = stepOf(`${open} the words <INSTRUCTIONS>hidden</INSTRUCTIONS> of a person`)

  expect(text).toBe(`${open} the words  of a person`)
})

test('createStep() calls a message that holds an image alone a turn of the user, and one beside a result a continuation', () => {
  const image = { type: 'image' as const, mediaType: 'image/png' as const, data: '' }
  const result = { type: 'tool-result' as const, id: '1', name: 'look', content: [], isError: false }

  expect(stepOf([{ role: 'user', content: [image] }]).kind).toBe('user_turn')
  expect(stepOf([{ role: 'user', content: [] }]).kind).toBe('user_turn')
  expect(stepOf([{ role: 'user', content: [result, image] }]).kind).toBe('continuation')
})
