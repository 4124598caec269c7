import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { defineProvider } from '../../src/library/provider.ts'
import { defineSelector, z } from '../../src/library/selector.ts'
import { defineSignal } from '../../src/library/signal.ts'
import { createSignalbox, type EmbeddedSignalbox, type SignalboxOptions } from '../../src/library/signalbox.ts'

const echo = defineProvider({
  name: 'echo',
  price: { inputPerMillion: 1, outputPerMillion: 2 },
  models: { one: { contextTokens: 5000 } },
  async *send({ messages }) {
    yield { type: 'text-delta', text: `You said ${messages.length} thing` }
    yield { type: 'finish', finishReason: 'stop', usage: { inputTokens: 1_000_000 } }
  },
})
const even = defineSignal({
  schema: z.strictObject({ kind: z.literal('even-length'), of: z.enum(['text', 'turns']).default('text') }),
  create: (name, { of }) => ({
    name,
    cost: 'read',
    type: 'bool',
    read: ({ text, messages }) => ({ value: (of === 'text' ? text.length : messages) % 2 === 0, confidence: 1 }),
  }),
})
const backwards = defineSelector({
  schema: z.strictObject({ kind: z.literal('backwards') }),
  create: () => ({ name: 'backwards', order: (_step, deployments) => ({ order: deployments.toReversed(), propensity: 1 }) }),
})

let folder: string
let signalbox: EmbeddedSignalbox

const write = (name: string, text: string) => {
  writeFileSync(join(folder, name), text)
  return `./${name}`
}
const open = (options: SignalboxOptions) =>
  createSignalbox({ folder, dataFolder: join(folder, 'data'), env: {}, log: { level: 'silent' }, ...options })

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-library-'))
  const policy = write(
    'own.yaml',
    `name: own
signals: { even: { kind: even-length } }
rules:
  - { name: even_text, when: signals.even, action: { prefer: first } }
default: { prefer: first, selector: backwards }
tests:
  - { name: fixed, given: { text: "abc", signals: { even: true } }, expect: { rule: even_text } }
`,
  )
  signalbox = await open({
    config: {
      pools: { mine: { models: ['echo/one', 'echo/two'] } },
      policy,
      roles: { poolless: { pools: [] } },
      http: { port: 0 },
    },
    providers: [echo],
    signals: [even],
    selectors: [backwards],
  })
})
afterAll(async () => {
  await signalbox.close()
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
})

test('createSignalbox() routes by a signal and a selector of its own to a provider of its own, at its price', async () => {
  const shown: string[] = []

  const even = await signalbox.call('ask', { prompt: 'even' }, { onText: (delta) => shown.push(delta) })
  const odd = await signalbox.call('plan_step', { prompt: 'odd' })

  expect(even.structured).toMatchObject({ text: 'You said 1 thing', model: 'echo/one', cost_usd: 1, status: 'done' })
  expect(shown).toEqual(['You said 1 thing'])
  expect(odd.structured).toMatchObject({ rule: 'default', candidates: [{ model: 'echo/two' }, { model: 'echo/one' }] })
})

test('createSignalbox() names what can be called, and refuses what is not there or does not fit', async () => {
  expect(signalbox.operations().map(({ name }) => name)).toEqual(expect.arrayContaining(['ask', 'find_tools', 'status']))
  expect(signalbox.operations().find(({ name }) => name === 'recall')?.inputSchema).toMatchObject({ properties: { query: {} } })
  await expect(signalbox.call('askk')).rejects.toThrow(new RangeError('Cannot call "askk": there is no such operation'))
  await expect(signalbox.call('recall', { query: 3 })).rejects.toThrow(/^Cannot call recall: query: /)
})

test('createSignalbox() bounds a caller by roles of the configuration, and keeps principals apart', async () => {
  const bounded = await signalbox.call('ask', { prompt: 'even' }, { principal: 'bob', roles: ['poolless'] })
  await signalbox.call('remember', { text: 'The code word is periwinkle.' }, { principal: 'ada' })

  const recalled = async (principal: string) => (await signalbox.call('recall', { query: 'code word' }, { principal })).text

  expect(bounded.structured).toMatchObject({ pool: 'extractive' })
  expect(await recalled('ada')).toContain('periwinkle')
  expect(await recalled('bob')).not.toContain('periwinkle')
})

test('createSignalbox() serves over HTTP until its door, or all of it, is closed', async () => {
  const door = await signalbox.serveHttp()
  const health = async () => (await fetch(`${door.url}/readyz`)).status

  expect(await health()).toBe(200)
  await door.close()
  await expect(health()).rejects.toThrow()
})

test('createSignalbox() refuses names that are taken, and pools that name nobody', async () => {
  const named = (name: string) => ({ ...echo, name })
  const kind = (name: string) => defineSelector({ schema: z.strictObject({ kind: z.literal(name) }), create: backwards.create as never })

  await expect(open({ providers: [named('openai')] })).rejects.toThrow(/providers\.openai/)
  await expect(open({ providers: [named('Mine')] })).rejects.toThrow(/must be named like a provider/)
  await expect(open({ selectors: [kind('in-order')] })).rejects.toThrow(/"in-order": one of that name comes with Signalbox/)
  await expect(open({ selectors: [kind('a'), kind('a')] })).rejects.toThrow(/"a": it must be given once/)
  await expect(open({ config: { pools: { mine: { models: ['echo/one'] } } } })).rejects.toThrow(/pools\.mine\.models\[0\]/)
  await expect(open({ config: { pools: { mine: { models: ['echo/one'], local: true } } }, providers: [echo] })).rejects.toThrow(
    /must run on this machine/,
  )
  await expect(open({ config: { policy: './own.yaml' } })).rejects.toThrow(/signals\.even/)
  await expect(open({ config: './absent.yaml' })).rejects.toThrow(/there is no such file/)
})
