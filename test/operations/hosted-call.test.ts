import { expect, test } from 'vitest'
import { anyPrincipal, MemoryError } from '../../memory/index.ts'
import type { Permission } from '../../policies/index.ts'
import { readAudit } from '../../src/audit.ts'
import { asOwner } from '../../src/caller.ts'
import { createDirectTools } from '../../src/direct-tools.ts'
import { createCallTool } from '../../src/operations/call-tool.ts'
import type { CallOptions } from '../../tools/tool.ts'
import { contextOf, wordsOf } from '../support/runs.ts'
import { type ServicesFacts, type ServicesFixture, servicesFor } from '../support/services.ts'

const broken = () => Promise.reject(new MemoryError('the disk is full', { code: 'memory_unavailable', operation: 'test' }))
const read = { name: 'files_read', readOnly: true }
const write = { name: 'files_write' }
const remove = { name: 'files_remove', annotations: { destructiveHint: true } }
const hidden = { name: 'files_hidden', readOnly: true, quarantined: 'its definition changed' }

function policyOf(call: Permission, loop: Permission = call) {
  const all = (permission: Permission) => ({ read: permission, write: permission, destructive: permission })
  return { name: 'strict', default: { prefer: 'first' }, tools: { call: all(call), loop: all(loop) } }
}

/** What a run gives beside its context, where nobody answers. */
const quiet = {
  handle: 'ha_1',
  text: () => undefined,
  ask: async () => ({}),
  confirm: async () => 'denied' as const,
  spend: () => undefined,
}

const setUp = (facts: ServicesFacts = {}) => servicesFor({ tools: [read, write, remove, hidden], ...facts })

async function accept({ services }: ServicesFixture): Promise<void> {
  const [approval] = await services.approvals.list(anyPrincipal)
  await services.approvals.decide(anyPrincipal, approval?.id ?? '', 'accepted', 'command line')
}

/** Calls, and gives the words of the end, after `meanwhile` where a person is waited for. */
async function callWithYes(fixture: ServicesFixture, name: string, meanwhile: () => Promise<void> | void = () => undefined, args = {}) {
  const first = await fixture.run('call_tool_write', { name, arguments: args })
  await meanwhile()
  await accept(fixture)
  const handle = /ha_[0-9a-f]{32}/.exec(wordsOf(first))?.[0] ?? ''
  return { first: wordsOf(first), last: wordsOf(await fixture.services.runs.wait(handle, 60_000, contextOf())) }
}

test('call_tool runs what reads, and sends what may write to call_tool_write', async () => {
  const { run, ran } = await setUp()

  expect(wordsOf(await run('call_tool', { name: 'files_read' }))).toBe('files_read ran')
  expect(await run('call_tool', { name: 'files_write' })).toMatchObject({
    isError: true,
    content: [{ text: expect.stringContaining('call_tool_write') }],
  })
  expect(wordsOf(await run('call_tool_write', { name: 'files_write' }))).toBe('files_write ran')
  expect(ran).toEqual(['files_read', 'files_write'])
})

test('call_tool names the nearest allowed tools for an unknown one, and says of one that is quarantined that it is', async () => {
  const { run, ran } = await setUp()

  expect(wordsOf(await run('call_tool', { name: 'file_read' }))).toMatch(/no such tool; the nearest are files_read/)
  expect(wordsOf(await run('call_tool', { name: 'files_hidden' }))).toContain('it is quarantined, its definition changed')
  expect(wordsOf(await run('call_tool', { name: 'files_hiden' }))).not.toContain('files_hidden')
  expect(ran).toEqual([])
})

test.each(['constructor', '__proto__', 'narrow', 'unknown'])(
  'a caller of profile %s sees and calls no more than the profile has',
  async (profile) => {
    const profiles = { narrow: { servers: ['files'], tools: ['files_r?a*'] } }
    const starting = { name: 'other', transport: 'stdio' as const, phase: 'starting' as const, tools: 0, fromSnapshot: false, restarts: 0 }
    const { run, ran, services } = await setUp({ profiles, servers: [starting] })
    const caller = { profile }
    const allowed = profile === 'narrow' ? ['files_read'] : []

    const found = await run('find_tools', { need: 'The tool files' }, caller)
    const named = await run('find_tools', { names: ['files_write', 'files_hidden'] }, caller)
    await run('call_tool_write', { name: 'files_write' }, caller)
    await run('call_tool', { name: 'files_read' }, caller)

    expect(((found.structured?.['tools'] ?? []) as { name: string }[]).map((tool) => tool.name)).toEqual(allowed)
    expect(wordsOf(found)).not.toContain('other')
    expect(named.structured?.['tools']).toEqual([])
    expect(wordsOf(named)).not.toMatch(/nearest.*files_(write|remove|hidden)/)
    expect(ran).toEqual(allowed)
    expect(
      services.host
        .catalogue()
        .tools.filter((tool) => createDirectTools(services).shows(tool, asOwner(profile)))
        .map(({ name }) => name),
    ).toEqual(allowed)
  },
)

test.each(['call_tool', 'call_tool_write'])('%s runs nothing that the policy denies, and does not know of it', async (name) => {
  const { run, ran } = await setUp({ policy: policyOf('deny') })

  expect(wordsOf(await run(name, { name: 'files_read' }))).toMatch(/there is no such tool; find_tools finds/)
  expect(ran).toEqual([])
})

test('a direct tool is denied and confirmed as the same tool behind call_tool is', async () => {
  const { services, ran } = await setUp({ policy: policyOf('deny') })
  const tool = services.host.find('files_read')
  if (tool === undefined) throw new TypeError('no tool')
  const scope = { ...contextOf(), ...quiet }

  await expect(createDirectTools(services).call(tool, {}, scope)).rejects.toThrow('denies that')
  const confirming = (await setUp({ policy: policyOf('confirm') })).services
  await expect(createDirectTools(confirming).call(tool, {}, scope)).rejects.toThrow('the person said no')
  expect(ran).toEqual([])
})

test('what may destroy runs after a yes, once, with the values that were shown', async () => {
  const fixture = await setUp()

  const { first, last } = await callWithYes(fixture, 'files_remove', undefined, { path: 'a', deep: { b: 1, a: '\u202eb' } })

  expect(first).toContain('with exactly {"deep":{"a":"\\u202eb","b":1},"path":"a"}')
  expect(last).toBe('files_remove ran')
  expect(fixture.ran).toEqual(['files_remove'])
})

test('a person is not asked to read more than can be read: the rest is named by its hash', async () => {
  const fixture = await setUp()

  const text = wordsOf(await fixture.run('call_tool_write', { name: 'files_remove', arguments: { text: 'x'.repeat(1_000_000) } }))

  expect(text.length).toBeLessThan(10_000)
  expect(text).toMatch(/… \(1000011 characters in all, SHA-256 [0-9a-f]{64}\)/)
})

test.each<[string, (fixture: ServicesFixture) => void]>([
  ['has changed', ({ host }) => host([{ ...remove, hash: 'another' }])],
  ['is quarantined', ({ host }) => host([{ ...remove, quarantined: 'its definition changed' }])],
  ['is of another server', ({ host }) => host([{ ...remove, server: 'other' }])],
  ['is gone', ({ host }) => host([])],
])('a yes does not count for a tool that %s meanwhile', async (_name, meanwhile) => {
  const fixture = await setUp()

  const { last } = await callWithYes(fixture, 'files_remove', () => meanwhile(fixture))

  expect(last).toContain('it is not any more what was confirmed')
  expect(fixture.ran).toEqual([])
})

test('what a tool has answered is not lost when it cannot be noted or remembered', async () => {
  const { run, services } = await setUp()
  const logs = { ...services.store.logs, append: broken }
  const own = { store: { ...services.store, logs }, threads: { ...services.threads, append: broken } }

  const noted = await run('call_tool', { name: 'files_read' }, {}, own)
  const remembered = await run('call_tool', { name: 'files_read', thread: 'log' }, {}, own)
  const opened = await run('call_tool', { name: 'files_read', thread: 'log' }, {}, { threads: { ...services.threads, open: broken } })

  expect(noted.content.map((block) => block['text'])).toEqual(['files_read ran'])
  expect(remembered.content.map((block) => block['text'])).toEqual(['files_read ran', '[warning: this call could not be remembered]'])
  expect(opened.content.at(-1)?.['text']).toContain('no thread could be opened')
})

test('how calls ended is kept without what they were given or answered', async () => {
  const { run, store } = await setUp()

  await run('call_tool', { name: 'files_read', arguments: { path: 'secret' } })

  const [entry] = await store.logs.read<Record<string, unknown>>('local', 'tool-outcomes')
  expect(entry?.value).toMatchObject({ tool: 'files_read', server: 'files', door: 'call', outcome: 'accepted' })
  expect(JSON.stringify(entry)).not.toMatch(/secret|ran/)
})

test.each(['shape', 'values'] as const)('each call is recorded for the owner, its arguments by their %s', async (how) => {
  const { run, services, store } = await setUp({ policy: policyOf('allow') })
  const config = () => ({ ...services.config(), audit: { arguments: how } })
  const caller = { principal: 'key:1', roles: ['owner'], door: 'http' as const }

  await run('call_tool_write', { name: 'files_write', arguments: { path: 'secret', deep: { list: [1, 2] } }, thread: 'log' }, caller, {
    config,
  })

  const [entry, ...others] = await readAudit(store, 10)
  expect(others).toEqual([])
  expect(entry?.value).toMatchObject({
    principal: 'key:1',
    roles: ['owner'],
    door: 'http',
    tool: 'files_write',
    operation: 'call',
    thread: expect.stringMatching(/^th_/),
    verdict: 'allow',
    rule: 'tools.call.write',
    outcome: 'accepted',
    arguments: how === 'values' ? { path: 'secret', deep: { list: [1, 2] } } : { path: 'text of 6', deep: { list: 'list of 2' } },
  })
})

test('what the policy denies, and what it does not show, is recorded as well', async () => {
  const rules = [
    { name: 'no_secrets', when: 'has(arguments.path) && arguments.path == "secret"', do: 'deny' },
    { name: 'no_removal', when: 'tool.name == "files_remove"', do: 'deny' },
  ]
  const { run, ran, store } = await setUp({ policy: { ...policyOf('allow'), permissions: rules } })

  const denied = wordsOf(await run('call_tool', { name: 'files_read', arguments: { path: 'secret' } }))
  await run('call_tool_write', { name: 'files_remove' })

  expect(denied).toContain('the policy strict denies that (no_secrets)')
  expect((await readAudit(store, 10)).map(({ value }) => [value.tool, value.verdict, value.rule, value.outcome])).toEqual([
    ['files_read', 'deny', 'no_secrets', 'denied'],
    ['files_remove', 'none', undefined, 'not open'],
  ])
  expect(ran).toEqual([])
})

test('a large result that cannot be kept is cut all the same, and says that the rest is gone', async () => {
  const answer = () => ({ content: [{ type: 'text', text: 'x'.repeat(2_000_000) }] })
  const { run, services } = await setUp({ tools: [{ ...read, answer }] })

  const result = await run('call_tool', { name: 'files_read' }, {}, { results: { ...services.results, keep: broken } })

  expect(wordsOf(result)).toContain('The rest could not be kept')
  expect(wordsOf(result).length).toBeLessThan(30_000)
})

test('call_tool takes arguments that a model wrote as a JSON text, and no other text', async () => {
  const given: unknown[] = []
  const answer = (args: Record<string, unknown>) => {
    given.push(args)
    return { content: [{ type: 'text', text: 'read' }] }
  }
  const { run, services } = await setUp({ tools: [{ ...read, answer }] })
  const operation = createCallTool(services, false)

  await run('call_tool', { name: 'files_read', arguments: '{"path":"a"}' })

  expect(given).toEqual([{ path: 'a' }])
  for (const text of ['path a', '[1]', 'null']) {
    expect(operation.input.safeParse({ name: 'files_read', arguments: text }).error?.message).toContain('must be an object')
  }
})

test('a result that is not as declared comes with a warning, and is recorded as drift', async () => {
  const outputSchema = { type: 'object', properties: { n: { type: 'number' } } }
  const { run, services, store } = await setUp({ tools: [{ ...read, outputSchema }] })
  const raw = { content: [], structuredContent: { n: 'x' } }
  const host = {
    ...services.host,
    call: async (_name: string, _args: unknown, { onDrift }: CallOptions) => {
      onDrift?.('structuredContent/n must be number')
      return raw
    },
  }

  const result = await run('call_tool', { name: 'files_read' }, {}, { host })

  expect(result.structured).toEqual({ n: 'x' })
  expect(wordsOf(result)).toContain('[warning: the result is not what files_read has declared: structuredContent/n must be number]')
  const [entry] = await store.logs.read<Record<string, unknown>>('local', 'tool-outcomes')
  expect(JSON.stringify(entry?.value)).toContain('"drift"')
  const tool = services.host.find('files_read')
  if (tool === undefined) throw new TypeError('no tool')
  const direct = await createDirectTools({ ...services, host }).call(tool, {}, { ...contextOf(), ...quiet })
  expect(direct).toMatchObject({ isError: true, structured: undefined, content: [{ text: '{"n":"x"}' }, {}] })
})

test('call_tool takes arguments as a JSON text, and says what is wrong with one that holds no object', async () => {
  const { services } = await servicesFor({ tools: [read] })
  const { input } = createCallTool(services, false)

  expect(input.parse({ name: 'files_read', arguments: '{"path": "a"}' })).toMatchObject({ arguments: { path: 'a' } })
  for (const text of ['{"path"', '[1]']) {
    const refused = input.safeParse({ name: 'files_read', arguments: text })
    expect(refused.error?.issues.map(({ message }) => message)).toEqual(['must be an object, received a text that is not the JSON of one'])
  }
})
