import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { openSqliteStore } from '../../memory/index.ts'
import { dispatchStep } from '../../src/dispatch/dispatch.ts'
import type { CacheControl } from '../../src/dispatch/kept-answers.ts'
import { deployment, pool } from '../support/deployments.ts'
import { type ServicesFacts, servicesFor } from '../support/services.ts'
import { standIn, type Turn } from '../support/stand-in-provider.ts'

const pools = [pool('quick', [deployment('a/m')]), pool('deep', [deployment('a/large')])]
const policy = { name: 'keeping', default: { prefer: 'first' }, cache: { answers: 'exact', ttl_s: 60 } }
const numbered: Turn[] = Array.from({ length: 40 }, (_, index) => ({ text: `Answer ${index + 1}` }))

interface Asked {
  text: string
  decision: string
  thread: string
  cost_usd: number
  cached?: { decision: string; age_s: number; match: string }
}

async function setUp(facts: ServicesFacts = {}, turns = numbered) {
  let at = Date.now()
  const store = facts.store ?? (await openSqliteStore({ path: ':memory:', clock: () => at }))
  const provider = standIn('a', ...turns)
  const fixture = await servicesFor({ pools, providers: [provider], policy, ...facts, store })
  const parsed = fixture.services.policy()
  const services = Object.assign(fixture.services, { now: () => at, policy: () => parsed })
  return {
    ...fixture,
    services,
    provider,
    advance(ms: number) {
      at += ms
    },
    async ask(input: Record<string, unknown>, caller = 'local') {
      const { structured } = await fixture.run('ask', input, { principal: caller })
      return structured as unknown as Asked
    },
  }
}

test('an answer is given again to the same request, as a decision of its own that names its source and costs nothing', async () => {
  const { ask, advance, provider, services } = await setUp()

  const first = await ask({ prompt: 'Why is the sky blue?' })
  const before = await services.budget.limits()
  advance(5000)
  const again = await ask({ prompt: 'Why is the sky blue?' })

  expect(first).not.toHaveProperty('cached')
  expect(again).toMatchObject({ text: 'Answer 1', cost_usd: 0, cached: { decision: first.decision, age_s: 5, match: 'exact' } })
  expect(again.decision).not.toBe(first.decision)
  expect(provider.requests).toHaveLength(1)
  expect((await services.budget.limits()).spentTodayUsd).toBe(before.spentTodayUsd)
  const recorded = await services.decisions.get('local', again.decision)
  expect(recorded).toMatchObject({ plan: { cache: { answers: 'exact' } }, outcome: { cached: { decision: first.decision }, costUsd: 0 } })
})

test.each([
  ['another prompt', { prompt: 'Why is the sea blue?' }],
  ['a system text', { system: 'Be short' }],
  ['another length', { max_output_tokens: 50 }],
  ['a schema', { response_schema: { type: 'object' } }],
  ['a pool that was asked for', { pool: 'quick' }],
  ['a model that was asked for', { model: 'a/m' }],
])('an answer is not given to a request that differs: %s', async (_, difference) => {
  const { ask } = await setUp()
  await ask({ prompt: 'Why is the sky blue?' })

  const other = await ask({ prompt: 'Why is the sky blue?', ...difference })

  expect(other).not.toHaveProperty('cached')
  expect(other.text).toBe('Answer 2')
})

const png = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='
const call = (id: string): object[] => [
  { role: 'user', content: { type: 'text', text: 'Look' } },
  { role: 'assistant', content: { type: 'tool_use', id, name: 'look', input: {} } },
  { role: 'user', content: { type: 'tool_result', toolUseId: id, content: [{ type: 'text', text: 'seen' }] } },
]

test.each([
  ['an image', { prompt: 'What is this?', images: [png] }, 'it has more than text'],
  ['a tool loop', { messages: call('1') }, 'it belongs to a tool loop'],
  ['no-store', { prompt: 'Hi', cache: 'no-store' }, 'the caller wants nothing kept'],
])('nothing is kept of a step with %s', async (_, input, why) => {
  const { ask, services } = await setUp({ pools: [pool('quick', [deployment('a/m')], { modalities: ['text', 'image'] })] })
  await ask(input)

  const again = await ask(input)

  expect(again.text).toBe('Answer 2')
  expect(await services.answers.list('local')).toHaveLength(0)
  expect(await services.decisions.get('local', again.decision)).toMatchObject({ plan: { cache: { answers: 'off', why } } })
})

test('nothing is kept of a step that offers tools, or that memory adds something to', async () => {
  const { ask, provider } = await setUp({ tools: [{ name: 'files_read', description: 'Reads the named file', readOnly: true }] })
  await ask({ prompt: 'Read the named file', use_tools: true })
  await ask({ prompt: 'Read the named file', use_tools: true })
  expect(provider.requests).toHaveLength(2)
  expect(provider.requests[0]?.tools).not.toHaveLength(0)

  await ask({ prompt: 'Hello', thread: 'talk' })
  const second = await ask({ prompt: 'Hello', thread: 'talk' })

  expect(second).not.toHaveProperty('cached')
})

test('nothing is kept unless the policy says so, and a rule may say otherwise', async () => {
  const off = await setUp({ policy: { name: 'plain', default: { prefer: 'first' } } })
  await off.ask({ prompt: 'Hi' })
  expect(await off.ask({ prompt: 'Hi' })).toMatchObject({ text: 'Answer 2' })

  const rule = (cache: string) => ({ name: 'own', when: 'step.text.contains("own")', action: { prefer: 'first', cache } })
  const on = await setUp({ policy: { ...policy, cache: undefined, rules: [rule('exact')] } })
  await on.ask({ prompt: 'my own' })
  expect(await on.ask({ prompt: 'my own' })).toHaveProperty('cached')
  const forbidden = await setUp({ policy: { ...policy, rules: [rule('off')] } })
  await forbidden.ask({ prompt: 'my own' })
  expect(await forbidden.ask({ prompt: 'my own' })).not.toHaveProperty('cached')
})

test('a domain has its own limits, where the policy has a signal that tells domains', async () => {
  const signals = { domain: { kind: 'metadata', key: 'area' } }
  const cache = { domains: { law: { answers: 'off' } } }
  const { services, provider } = await setUp({ policy: { ...policy, signals, cache } })
  const signal = new AbortController().signal
  const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'What is a tort?' }] }]
  const ask = async (area: string) => {
    const request = { principal: 'local', client: undefined, thread: undefined, messages, metadata: { area } }
    return (await dispatchStep(services, request, { signal })).outcome.cached
  }

  await ask('law')
  expect(await ask('law')).toBeUndefined()
  await ask('cooking')
  expect(await ask('cooking')).toMatchObject({ match: 'exact' })
  expect(provider.requests).toHaveLength(3)
  await expect(setUp({ policy: { ...policy, cache } })).rejects.toThrow('cache.domains: needs a signal named "domain"')
})

test('no-cache asks again and renews; no-store leaves what was kept', async () => {
  const { ask } = await setUp()
  await ask({ prompt: 'Hi' })

  const renewed = await ask({ prompt: 'Hi', cache: 'no-cache' satisfies CacheControl })
  const unkept = await ask({ prompt: 'Hi', cache: 'no-store' satisfies CacheControl })
  const after = await ask({ prompt: 'Hi' })

  expect([renewed.text, unkept.text, after.text]).toEqual(['Answer 2', 'Answer 3', 'Answer 2'])
})

test('an answer is given no longer than its time, and of all those used last as many as may be kept', async () => {
  const { ask, advance, services } = await setUp({ policy: { ...policy, cache: { ttl_s: 60, entries: 2 } } })
  await ask({ prompt: 'one' })
  advance(1000)
  await ask({ prompt: 'two' })
  advance(1000)
  expect(await ask({ prompt: 'one' })).toHaveProperty('cached')
  advance(1000)
  await ask({ prompt: 'three' })

  expect((await services.answers.list('local')).map(({ text }) => text).toSorted()).toEqual(['Answer 1', 'Answer 3'])
  advance(58_000)
  expect(await ask({ prompt: 'one' })).not.toHaveProperty('cached')
})

test('an answer that was cut, refused, empty, or that calls a tool is not kept', async () => {
  const { ask } = await setUp({}, [{ fails: 'content_filter' }, { text: 'whole' }])

  await expect(ask({ prompt: 'Hi' })).rejects.toThrow()
  const after = await ask({ prompt: 'Hi' })

  expect(after).toMatchObject({ text: 'whole' })
  expect(after).not.toHaveProperty('cached')
})

test('what the policy keeps from models, and keys, are not kept here either: neither in a question nor in an answer', async () => {
  const guarded = { ...policy, default: { prefer: 'first', guards: { privacy: {} } } }
  const { ask, services } = await setUp({ policy: guarded }, [
    { text: 'I see' },
    { text: 'Write to eve.miller@example.com' },
    { text: 'A key' },
  ])

  await ask({ prompt: 'My mail is adam.smith@example.com' })
  await ask({ prompt: 'Whom do I write to?' })
  await ask({
    prompt: 'Is this key right: sk-ant-api03-AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpQrStUvWxYz0123456789AbCdEfGhIjKlMnOpAA',
  })

  expect(await services.answers.list('local')).toHaveLength(0)
})

test('an answer is not given where the plan would ask another pool now, or could not ask the model', async () => {
  const fixture = await setUp({
    pools: [pool('quick', [deployment('a/m')]), pool('deep', [deployment('a/large', { local: true })], { local: true })],
  })
  await fixture.ask({ prompt: 'Hi' })

  const changed = { ...fixture.services.policy(), default: { ...fixture.services.policy().default, require: { local: true as const } } }
  const { structured } = await fixture.run('ask', { prompt: 'Hi' }, {}, { policy: () => changed })

  expect(structured).toMatchObject({ text: 'Answer 2', model: 'a/large' })
})

test('an answer is not given again once memory knows more', async () => {
  const { ask, run } = await setUp()
  await ask({ prompt: 'What is the name of my dog?' })
  expect(await ask({ prompt: 'What is the name of my dog?' })).toHaveProperty('cached')

  await ask({ prompt: 'What is the name of my cat?' })
  expect(await ask({ prompt: 'What is the name of my dog?' })).toHaveProperty('cached')

  await run('remember', { text: 'The name of my dog is Rex' })

  expect(await ask({ prompt: 'What is the name of my dog?' })).not.toHaveProperty('cached')
})

test('an answer is not given again once the caller has said more in another conversation', async () => {
  const { ask } = await setUp()
  await ask({ prompt: 'What is the name of my dog?' })

  await ask({ prompt: 'By the way, the name of my dog is Rex.', thread: 'walk' })

  expect(await ask({ prompt: 'What is the name of my dog?' })).not.toHaveProperty('cached')
})

test('a verdict that an answer is wrong takes it away', async () => {
  const { ask, run } = await setUp()
  await ask({ prompt: 'Hi' })
  const again = await ask({ prompt: 'Hi' })

  await run('rate', { decision: again.decision, outcome: 'wrong' })

  expect(await ask({ prompt: 'Hi' })).toMatchObject({ text: 'Answer 2' })
})

test.each([
  ['its text', () => ({ text: 'Xylomarker' })],
  ['its thread', ({ thread }: Asked) => ({ thread })],
  ['its decision', ({ decision }: Asked) => ({ id: decision })],
  ['everything', () => ({ all: true })],
])('forget takes kept answers along, by %s, and leaves no trace of them in the files', async (_, filter) => {
  const folder = await mkdtemp(join(tmpdir(), 'signalbox-answers-'))
  const store = await openSqliteStore({ path: join(folder, 'memory.db') })
  const { ask, run, services } = await setUp({ store }, [{ text: 'The answer is Xylomarker indeed' }, { text: 'Another' }])
  const first = await ask({ prompt: 'Which word is it?' })
  await services.answers.near('local', { scope: 'none', embedder: 'none', vector: new Float32Array(1) }, { limit: 1 })
  await ask({ prompt: 'Something else' })
  expect(await services.answers.list('local')).toHaveLength(2)

  await run('forget', filter(first))
  // What a decision holds beside goes with the thread.
  if ('id' in filter(first)) await run('forget', { thread: first.thread })

  expect(await ask({ prompt: 'Which word is it?' })).toMatchObject({ text: 'Another' })
  await store.close()
  for (const name of await readdir(folder)) expect(await readFile(join(folder, name), 'latin1')).not.toContain('ylomarker')
  await rm(folder, { recursive: true })
})

test('of many callers nobody is ever given what another one was answered', async () => {
  const { services } = await setUp(
    {},
    Array.from({ length: 2000 }, (_, index) => ({ text: `Answer ${index + 1}` })),
  )
  const owners = new Map<string, string>()
  let hits = 0
  const operation = fc.record({ caller: fc.nat(49), prompt: fc.nat(2), what: fc.nat(19) })
  const signal = new AbortController().signal

  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 150, maxLength: 150 }), async (operations) => {
      for (const { caller, prompt, what } of operations) {
        const principal = `caller ${caller}`
        if (what === 0) {
          await services.answers.remove(principal, () => true)
          continue
        }
        const messages = [{ role: 'user' as const, content: [{ type: 'text' as const, text: `Question ${prompt}` }] }]
        const request = { principal, client: undefined, thread: undefined, messages, cache: what === 1 ? ('no-cache' as const) : undefined }
        const { outcome } = await dispatchStep(services, request, { signal })
        if (outcome.cached === undefined) owners.set(outcome.text, principal)
        else hits += 1
        expect(owners.get(outcome.text)).toBe(principal)
      }
    }),
    { numRuns: 4, seed: 7 },
  )
  expect(hits).toBeGreaterThan(50)
})
