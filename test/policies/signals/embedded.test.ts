import { expect, test } from 'vitest'
import type { Embedder } from '../../../models/embedder.ts'
import type { Message } from '../../../models/message.ts'
import { createStep, type PolicyError, parsePolicy, readSignals } from '../../../policies/index.ts'
import { nearestLabel, prototypesOf } from '../../../policies/signals/aggregate.ts'
import { encodeHead } from '../../../policies/signals/heads/file.ts'
import { fitHead } from '../../../policies/signals/heads/fit.ts'
import { createSignal, type SignalOptions, signalSchema } from '../../../policies/signals/kinds.ts'
import type { ReadContext, SignalSurroundings } from '../../../policies/signals/signal.ts'

const context: ReadContext = {
  live: { now: 0, budget: { usdPerDay: undefined, spentTodayUsd: undefined }, pools: [], state: () => undefined },
}

function said(role: 'user' | 'assistant', text: string): Message {
  return { role, content: [{ type: 'text', text }] }
}

function stepOf(...messages: readonly Message[]) {
  return createStep({ messages, inputTokens: 42, maxOutputTokens: 100, principal: 'local' })
}

/** A direction for each known word; a text is the mean of its words. Counts the texts it was asked for. */
function byWords(id = 'by-words') {
  const axes = ['code', 'mail', 'cook', 'blue', 'loud', 'tax']
  const asked: string[] = []
  const embedder: Embedder = {
    id,
    dimensions: axes.length + 1,
    runtime: 'test',
    async embed(texts) {
      asked.push(...texts)
      return texts.map((text) => {
        const counts = [...axes.map((axis) => text.split(/\s+/).filter((word) => word === axis).length), 0.3]
        const norm = Math.hypot(...counts)
        return Float32Array.from(counts, (count) => count / norm)
      })
    },
    close: async () => undefined,
  }
  return { embedder, asked }
}

async function read(options: unknown, text: string, surroundings: Partial<SignalSurroundings> = {}) {
  const given = { pools: [], embedder: byWords().embedder, ...surroundings }
  const signal = createSignal('s', signalSchema.parse(options) as SignalOptions, given)
  const { readings, failures } = await readSignals([signal], stepOf(said('user', text)), context)
  return readings[0]?.value ?? failures[0]?.error
}

test('ten embedding signals of a step and its continuation cost one vector of its text', async () => {
  const { embedder, asked } = byWords()
  const signals = Array.from({ length: 10 }, (_, index) =>
    createSignal(`s${index}`, signalSchema.parse({ kind: 'embedding', examples: { [`l${index}`]: ['code'] } }), { pools: [], embedder }),
  )
  const question = said('user', 'please code this')
  const call: Message = { role: 'assistant', content: [{ type: 'tool-call', id: '1', name: 'list', input: {} }] }
  const result: Message = { role: 'user', content: [{ type: 'tool-result', id: '1', name: 'list', content: [], isError: false }] }

  await readSignals(signals, stepOf(question), context)
  await readSignals(signals, stepOf(question, call, result), context)

  expect(asked.filter((text) => text === 'please code this')).toHaveLength(1)
})

test('a vector that could not be made is tried again at the next step', async () => {
  const { embedder } = byWords()
  let isDown = true
  const unsure: Embedder = {
    ...embedder,
    embed: (texts, options) => (isDown ? Promise.reject(new Error('down')) : embedder.embed(texts, options)),
  }
  const signal = createSignal('s', signalSchema.parse({ kind: 'embedding', examples: { work: ['code'] } }), { pools: [], embedder: unsure })

  const first = await readSignals([signal], stepOf(said('user', 'code')), context)
  isDown = false
  const second = await readSignals([signal], stepOf(said('user', 'code')), context)

  expect(first.failures).toMatchObject([{ error: 'down' }])
  expect(second.readings).toMatchObject([{ value: 'work' }])
})

const few = { work: ['code', 'code mail'], home: ['cook', 'cook blue'] }

test.each(['max', 'top_k', 'prototypes'] as const)(
  'embedding() with %s names the nearest label, and nothing below its threshold',
  async (aggregation) => {
    const options = { kind: 'embedding', examples: few, aggregation, threshold: 0.7 }

    expect(await read(options, 'code')).toBe('work')
    expect(await read(options, 'cook')).toBe('home')
    expect(await read(options, 'tax')).toBe('')
  },
)

test('embedding() learns by itself from eight examples of each label, and says nothing of what is like none', async () => {
  const many = (word: string) =>
    Array.from({ length: 8 }, (_, index) => `${word} ${word} ${['blue', 'loud'][index % 2]} ${'filler '.repeat(index)}`)
  const examples = { work: many('code'), post: many('mail'), home: many('cook') }

  expect(await read({ kind: 'embedding', examples }, 'code blue')).toBe('work')
  expect(await read({ kind: 'embedding', examples }, 'cook cook')).toBe('home')
  expect(await read({ kind: 'embedding', examples }, 'tax tax tax tax')).toBe('')
})

test('nearestLabel() wants the lead that the margin says', () => {
  const vectors = [Float32Array.from([1, 0]), Float32Array.from([0.8, 0.6])]
  const examples = [
    { label: 'a', text: '' },
    { label: 'b', text: '' },
  ]
  const query = Float32Array.from([0.9, Math.sqrt(1 - 0.9 ** 2)])
  const of = (margin: number) => nearestLabel(query, vectors, examples, { aggregation: 'max', threshold: 0, margin }).value

  expect(of(0)).toBe('b')
  expect(of(0.2)).toBe('')
})

test('prototypesOf() draws near examples together and never has more than eight', () => {
  const around = (angle: number) => Float32Array.from([Math.cos(angle), Math.sin(angle)])
  const near = Array.from({ length: 10 }, (_, index) => around(index / 100))
  const far = Array.from({ length: 12 }, (_, index) => around((index * Math.PI) / 6))

  expect(prototypesOf(near)).toHaveLength(1)
  expect(prototypesOf(far)).toHaveLength(8)
})

test('preference() names the style whose contrast is clear', async () => {
  const styles = { short: { like: ['code'], unlike: ['loud'] }, kind: { like: ['mail'], unlike: ['tax'] } }

  expect(await read({ kind: 'preference', styles }, 'code')).toBe('short')
  expect(await read({ kind: 'preference', styles }, 'mail blue')).toBe('kind')
  expect(await read({ kind: 'preference', styles }, 'code loud')).toBe('')
})

test('complexity() compares hard examples with easy ones', async () => {
  const options = { kind: 'complexity', hard: ['tax'], easy: ['cook'] }

  expect(await read(options, 'tax tax')).toBe('hard')
  expect(await read(options, 'cook')).toBe('easy')
  expect(await read(options, 'cook tax')).toBe('medium')
})

const base = [
  { label: 'vat', text: 'tax blue', group: 'money' },
  { label: 'income', text: 'tax loud', group: 'money' },
  { label: 'soup', text: 'cook', group: 'kitchen' },
]

function baseFile(rows: readonly unknown[]) {
  return () => Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'))
}

test('kb() names the nearest label: the group must lead, not the label within it', async () => {
  const options = { kind: 'kb', file: 'base.jsonl', margin: 0.3 }
  const surroundings = { readFile: baseFile(base) }

  expect(await read(options, 'tax loud blue blue', surroundings)).toBe('vat')
  expect(await read(options, 'cook', surroundings)).toBe('soup')
  expect(await read(options, 'tax cook', surroundings)).toBe('')
})

test('parsePolicy() names a knowledge base or head that cannot be used, with its signal', () => {
  const parse = (signals: unknown, readFile?: SignalSurroundings['readFile']) =>
    parsePolicy(
      { name: 'p', signals, rules: [{ name: 'r', when: 'signals.s == "x"', action: { prefer: 'first' } }], default: { prefer: 'first' } },
      { source: 'test', pools: [], embedder: undefined, readFile },
    )
  const issuesOf = (...given: Parameters<typeof parse>) => {
    try {
      parse(...given)
    } catch (error) {
      return (error as PolicyError).issues
    }
    return []
  }

  expect(issuesOf({ s: { kind: 'kb', file: 'b' } }, baseFile([{ label: 'x' }]))).toMatchObject([
    { path: 'signals.s', message: expect.stringContaining('line 1') },
  ])
  expect(issuesOf({ s: { kind: 'head', file: 'h' } }, () => Buffer.from('no'))).toMatchObject([
    { path: 'signals.s', message: expect.stringContaining('head in h') },
  ])
  expect(issuesOf({ s: { kind: 'kb', file: 'b' } })).toEqual([])
})

test('head() says what a trained head says, and refuses one of another embedder', async () => {
  const { embedder } = byWords()
  const texts = ['code', 'code mail', 'code blue', 'cook', 'cook loud', 'cook blue']
  const vectors = await embedder.embed(texts)
  const examples = texts.map((text, place) => ({
    text,
    label: text.startsWith('code') ? 'work' : 'home',
    vector: vectors[place] as Float32Array,
  }))
  const fileOf = async (id: string) =>
    encodeHead({ head: await fitHead(examples, { embedder: id }), signal: 's', trained_on: '', measured: {} })
  const [own, other] = [await fileOf('by-words'), await fileOf('another')]
  const options = { kind: 'head', file: 'x.head' }

  expect(await read(options, 'code code', { readFile: () => own })).toBe('work')
  expect(await read(options, 'code code', { readFile: () => other })).toMatch(/trained on vectors of another/)
})
