import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { answerOf, modernRequest } from '../support/mcp-http.ts'
import { type HttpHere, serveHere } from '../support/product/here.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { published, scriptedProvider } from '../support/product/servers.ts'
import { until } from '../support/product/until.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

/**
 * What one principal has made answers to every other one exactly as if it were not there.
 *
 * The probes are generated: every tool, every argument that can carry an id, every kind of id that fits it; every
 * resource template, completion, task method and plain path. A new tool or argument fails here until it is sorted in.
 * Each probe is sent by two principals that nobody has been before: with what is Ada's, and with what is nobody's.
 */

type Json = Record<string, unknown>
type Kind = 'thread' | 'threadName' | 'decision' | 'running' | 'finished' | 'waiting' | 'large' | 'memory' | 'turn' | 'frame' | 'approval'

const ada = 'ada-has-this-key'
const adasThread = 'adas harbour log'
const secret = 'periwinkle'
let cloud: ScriptedProvider
let home: Home
let http: HttpHere
let things: Record<Kind, string>
let principals = 0

beforeAll(async () => {
  cloud = await startScriptedProvider()
  home = createHome((one) => ({
    tools: { files: published('filesystem', one.files) },
    providers: scriptedProvider(cloud),
    pools: { cloud: { models: ['scripted/large'], expose: true } },
    clients: { default: { result_bytes: 20_000 } },
  }))
  http = await serveHere(home)
  const isThere = async () => (await call('nobody', 'find_tools', { names: ['files_read_text_file'] })).structured['none_fits'] === false
  await until(isThere, 'the file server is there')
  things = await makeThings()
  cloud.answer(() => ({ text: 'Something.' }))
}, 60_000)

afterAll(async () => {
  await http?.stop()
  await cloud?.close()
  home?.remove()
})

const tasks = { extensions: { 'io.modelcontextprotocol/tasks': {} } }

/** The whole answer to one request, its result or its error. */
async function send(key: string, method: string, params: Json, capabilities: object = {}): Promise<Json> {
  const response = await modernRequest(http.mcp, method, params, { headers: { 'x-api-key': key }, capabilities })
  const { result, error } = await answerOf(response)
  return (result ?? { error }) as unknown as Json
}

async function call(key: string, name: string, args: Json) {
  const result = await send(key, 'tools/call', { name, arguments: args })
  const content = (result['content'] ?? []) as { type: string; text?: string }[]
  return {
    result,
    structured: (result['structuredContent'] ?? {}) as Json,
    text: content.map((block) => block.text ?? '').join('\n'),
  }
}

/** One of everything that a principal can make. */
async function makeThings(): Promise<Record<Kind, string>> {
  const idIn = (text: string, prefix: string) => new RegExp(`${prefix}_[0-9a-f]{32}`).exec(text)?.[0] ?? `no ${prefix} in ${text}`
  const asked = await call(ada, 'ask', { prompt: `Where does the ${secret} grow?`, thread: adasThread, pool: 'extractive' })
  const thread = String(asked.structured['thread'])
  const turns = await call(ada, 'threads', { op: 'get', thread })
  const remembered = await call(ada, 'remember', { text: `The code word is ${secret}` })
  cloud.script([
    { text: `Finished, ${secret}.`, delays: { headers: 50 } },
    { text: 'never', interrupt: { after: 'headers', how: 'stall' } },
  ])
  const finished = await call(ada, 'ask_cloud', { prompt: 'Quickly', wait_s: 0 })
  await call(ada, 'get_answer', { handle: finished.structured['handle'] })
  const running = await call(ada, 'ask', { prompt: 'For ever', wait_s: 0, pool: 'cloud' })
  const image = await sharp({ create: { width: 40, height: 30, channels: 3, background: '#123456' } })
    .png()
    .toBuffer()
  const fitted = await call(ada, 'fit_image', { image: `data:image/png;base64,${image.toString('base64')}`, target: 'claude-desktop' })
  const path = home.write('large.txt', `${`${secret} `.repeat(20_000)}`)
  const large = await call(ada, 'call_tool', { name: 'files_read_text_file', arguments: { path } })
  const written = { name: 'files_write_file', arguments: { path: join(home.files, 'written.txt'), content: secret } }
  const waiting = await call(ada, 'call_tool_write', written)
  return {
    thread,
    threadName: adasThread,
    decision: String(asked.structured['decision']),
    finished: String(finished.structured['handle']),
    running: String(running.structured['handle']),
    waiting: idIn(waiting.text, 'ha'),
    approval: idIn(waiting.text, 'ap'),
    large: idIn(large.text, 're'),
    frame: idIn(fitted.text, 'fr'),
    memory: idIn(remembered.text, 'me'),
    turn: (turns.structured['turns_shown'] as { id: string }[])[0]?.id ?? '',
  }
}

/** Something of the same form that nobody has made. */
function unknownLike(id: string): string {
  return id === adasThread ? 'nobodys harbour log' : `${id.slice(0, 3)}${randomBytes(16).toString('hex')}`
}

/** An answer without what differs between any two answers: ids, moments, how long something took, and what was asked for. */
function comparable(answer: unknown, id: string): string {
  return JSON.stringify(answer)
    .replaceAll(id, '(the id)')
    .replaceAll(encodeURIComponent(id), '(the id)')
    .replaceAll(/\b([a-z]{2})_[0-9a-f]{32}/g, '$1_(any)')
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '(time)')
    .replaceAll(/\\?"(ms|age_s|first_content_ms)\\?":[\d.]+/g, '$1')
}

interface Probe {
  readonly what: string
  readonly id: string
  send(key: string, id: string): Promise<unknown>
}

/** What answered to another principal otherwise than the unknown would have. */
async function differences(probes: readonly Probe[]): Promise<unknown[]> {
  const found: unknown[] = []
  for (const { what, id, send: ask } of probes) {
    const other = unknownLike(id)
    principals += 1
    const hers = await ask(`stranger-${principals}-a`, id)
    const nobodys = await ask(`stranger-${principals}-b`, other)
    const [left, right] = [comparable(hers, id), comparable(nobodys, other)]
    if (left !== right) found.push({ what, hers: left, nobodys: right })
    if (JSON.stringify(hers).includes(secret)) found.push({ what, leaked: hers })
  }
  return found
}

const handles: Kind[] = ['running', 'finished', 'waiting', 'large']
const threads: Kind[] = ['thread', 'threadName']
const everyId: Kind[] = ['thread', 'decision', 'running', 'large', 'memory', 'turn', 'frame', 'approval']

/** Arguments that can name a thing, with what they can name and how it is written. */
const carriers: Record<string, { kinds: readonly Kind[]; write?: (id: string) => unknown }> = {
  thread: { kinds: threads },
  handle: { kinds: [...handles, 'approval'] },
  decision: { kinds: ['decision'] },
  id: { kinds: everyId },
  image: { kinds: ['frame'], write: (id) => `signalbox://frame/${id}` },
  images: { kinds: ['frame'], write: (id) => [`signalbox://frame/${id}`] },
  files: { kinds: ['frame'], write: (id) => [`signalbox://frame/${id}`] },
  screenshot: { kinds: ['frame'], write: (id) => `signalbox://frame/${id}` },
  decided_on: { kinds: ['frame'] },
  approval: { kinds: ['approval'] },
}

/** Arguments that name nothing which a principal has made. */
const plain = new Set(
  [
    [
      'prompt',
      'messages',
      'system',
      'model',
      'pool',
      'max_output_tokens',
      'response_schema',
      'max_cost_usd',
      'use_tools',
      'cache',
      'wait_s',
    ],
    ['offset', 'find', 'cancel', 'offered_tools', 'need', 'limit', 'detail', 'names', 'cursor', 'name', 'arguments', 'target'],
    ['text', 'scope', 'query', 'op', 'up_to', 'all', 'outcome', 'note', 'redact'],
    ['goal', 'environment', 'results', 'action', 'claim', 'url', 'window'],
  ].flat(),
)

const asking = [{ prompt: 'What is it?', pool: 'extractive' }]
/** The smallest picture. */
const pixel = 'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
const read = { name: 'files_list_allowed_directories', arguments: {} }

/** Every tool with the other arguments that it is called with, in each of its ways. */
const ways: Record<string, readonly Json[]> = {
  ask: asking,
  ask_cloud: [{ prompt: 'What is it?', max_cost_usd: 0 }],
  get_answer: [{ wait_s: 0 }, { cancel: true }, { find: 'a', wait_s: 0 }, { offset: 3, wait_s: 0 }],
  plan_step: asking,
  find_tools: [{ need: 'read a text file' }],
  call_tool: [read],
  call_tool_write: [read],
  next_action: [{ goal: 'Look', screenshot: pixel, environment: 'browser' }],
  check_action: [{ action: { type: 'click', at: { x: 0, y: 0 } }, screenshot: pixel }],
  fit_image: [{ target: 'claude-desktop' }],
  remember: [{ text: 'mine', scope: 'thread' }, { text: 'mine' }],
  recall: [{ query: secret, scope: 'thread' }, { query: secret, scope: 'caller' }, { query: secret }],
  threads: [{ op: 'list' }, { op: 'search', query: secret }, { op: 'get' }, { op: 'export' }],
  fork_thread: [{}, { name: 'a fork' }],
  forget: [{}],
  rate: [{ outcome: 'wrong' }],
  status: [{}],
}

test('every tool answers to an id of another principal as it does to an unknown one', { timeout: 60_000 }, async () => {
  const { tools } = (await send('nobody', 'tools/list', {})) as { tools: { name: string; inputSchema: { properties?: Json } }[] }
  const probes: Probe[] = []
  const unsorted: string[] = []
  for (const { name, inputSchema } of tools) {
    if (ways[name] === undefined) unsorted.push(name)
    for (const argument of Object.keys(inputSchema.properties ?? {})) {
      const carrier = carriers[argument]
      if (carrier === undefined && !plain.has(argument)) unsorted.push(`${name} ${argument}`)
      for (const kind of carrier?.kinds ?? []) {
        for (const way of ways[name] ?? []) {
          const write = carrier?.write ?? ((id: string) => id)
          probes.push({
            what: `${name} ${JSON.stringify({ ...way, [argument]: kind })}`,
            id: things[kind],
            send: async (key, id) => (await call(key, name, { ...way, [argument]: write(id) })).result,
          })
        }
      }
    }
  }

  expect(unsorted).toEqual([])
  expect(probes.length).toBeGreaterThan(50)
  expect(await differences(probes)).toEqual([])
})

test('every resource template answers to an id of another principal as it does to an unknown one', async () => {
  const { resourceTemplates } = (await send('nobody', 'resources/templates/list', {})) as { resourceTemplates: { uriTemplate: string }[] }
  const own = resourceTemplates.filter(({ uriTemplate }) => uriTemplate.startsWith('signalbox://'))
  const probes = own.flatMap(({ uriTemplate }) =>
    [...everyId, 'threadName' as const].map(
      (kind): Probe => ({
        what: `${uriTemplate} with ${kind}`,
        id: things[kind],
        send: (key, id) => send(key, 'resources/read', { uri: uriTemplate.replace('{id}', encodeURIComponent(id)) }),
      }),
    ),
  )

  expect(own).toHaveLength(3)
  expect(await differences(probes)).toEqual([])
})

test('no completion spells what another principal has', async () => {
  const { prompts } = (await send('nobody', 'prompts/list', {})) as { prompts: { name: string; arguments?: { name: string }[] }[] }
  const { resourceTemplates } = (await send('nobody', 'resources/templates/list', {})) as { resourceTemplates: { uriTemplate: string }[] }
  const references = [
    ...prompts.flatMap(({ name, arguments: args = [] }) => args.map((one) => ({ ref: { type: 'ref/prompt', name }, argument: one.name }))),
    ...resourceTemplates.map(({ uriTemplate }) => ({ ref: { type: 'ref/resource', uri: uriTemplate }, argument: 'id' })),
  ]
  const complete = async (key: string, { ref, argument }: (typeof references)[number], value: string) => {
    const { completion } = (await send(key, 'completion/complete', { ref, argument: { name: argument, value } })) as {
      completion: { values: string[] }
    }
    return completion.values
  }

  const hers: string[] = []
  const strangers: string[] = []
  for (const reference of references) {
    for (const value of ['', 'adas', 'th_', things.thread.slice(0, 12), things.decision.slice(0, 12), things.frame.slice(0, 12)]) {
      hers.push(...(await complete(ada, reference, value)))
      strangers.push(...(await complete('a-stranger', reference, value)))
    }
  }

  expect(references.length).toBeGreaterThan(10)
  expect(hers).toContain(adasThread)
  expect(strangers).not.toHaveLength(0)
  for (const id of Object.values(things)) expect(strangers).not.toContain(id)
})

test('no task method answers to a handle of another principal', async () => {
  const methods = [
    { method: 'tasks/get' },
    { method: 'tasks/update', inputResponses: { confirmation: { action: 'accept', content: { confirm: true } } } },
    { method: 'tasks/cancel' },
  ]
  const probes = methods.flatMap(({ method, ...rest }) =>
    (['running', 'finished', 'waiting'] as const).map(
      (kind): Probe => ({
        what: `${method} of ${kind}`,
        id: things[kind],
        send: (key, id) => send(key, method, { taskId: id, ...rest }, tasks),
      }),
    ),
  )

  expect(await send(ada, 'tasks/get', { taskId: things.running }, tasks)).toMatchObject({ status: 'working' })
  expect(await differences(probes)).toEqual([])
})

test('no plain path answers to an id of another principal', async () => {
  const post = async (key: string, path: string, body: Json) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` }
    const response = await fetch(`${http.url}${path}`, { method: 'POST', headers, body: JSON.stringify(body) })
    return { status: response.status, body: await response.json() }
  }
  const probes = [
    ...threads.map((kind) => ({ path: '/v1/plan', kind, body: (id: string) => ({ prompt: 'What is it?', thread: id }) })),
    { path: '/v1/plan', kind: 'frame' as const, body: (id: string) => ({ prompt: 'What is it?', images: [`signalbox://frame/${id}`] }) },
    { path: '/v1/outcomes', kind: 'decision' as const, body: (id: string) => ({ decision: id, outcome: 'good' }) },
  ].map(
    ({ path, kind, body }): Probe => ({
      what: `${path} with ${kind}`,
      id: things[kind],
      send: (key, id) => post(key, path, body(id)),
    }),
  )

  expect(await post(ada, '/v1/outcomes', { decision: things.decision, outcome: 'good' })).toMatchObject({ status: 200 })
  expect(await differences(probes)).toEqual([])
})

test('status tells a key nothing of what others keep and do, and the owner of the machine all', async () => {
  const kept = ['counts', 'runs', 'calls', 'usd', 'reserved_usd']
  const factsOf = ({ memory, runs, spend_today }: Json): Json => ({ ...(memory as Json), runs, ...(spend_today as Json) })
  const stranger = factsOf((await call('a-new-stranger', 'status', {})).structured)
  const { result } = await answerOf(await modernRequest(http.mcp, 'tools/call', { name: 'status', arguments: {} }))
  const owner = factsOf(result.structuredContent as unknown as Json)

  expect(Object.fromEntries(kept.map((key) => [key, stranger[key]]))).toEqual({
    counts: undefined,
    runs: undefined,
    calls: 0,
    usd: 0,
    reserved_usd: 0,
  })
  expect(owner).toMatchObject({ counts: { threads: expect.any(Number) }, runs: expect.any(Number) })
})

test('what Ada made is hers as before, after all that', async () => {
  const decision = await send(ada, 'resources/read', { uri: `signalbox://decision/${things.decision}` })
  const stored = JSON.parse((decision['contents'] as { text: string }[])[0]?.text ?? '') as { verdicts: { outcome: string }[] }

  expect((await call(ada, 'threads', { op: 'get', thread: adasThread })).structured).toMatchObject({ thread: things.thread, turns: 2 })
  expect((await call(ada, 'recall', { query: `code word ${secret}` })).text).toContain(things.memory)
  expect(await send(ada, 'resources/read', { uri: `signalbox://frame/${things.frame}` })).toHaveProperty('contents')
  expect((await call(ada, 'get_answer', { handle: things.running, wait_s: 0 })).structured).toMatchObject({ status: 'working' })
  expect((await call(ada, 'get_answer', { handle: things.finished })).structured).toMatchObject({
    status: 'done',
    text: `Finished, ${secret}.`,
  })
  expect((await call(ada, 'get_answer', { handle: things.large })).text).toContain(secret)
  expect((await call(ada, 'get_answer', { handle: things.waiting, wait_s: 0 })).text).toContain(things.approval)
  expect(stored.verdicts.map(({ outcome }) => outcome)).toEqual(['good'])
  expect((await call(ada, 'get_answer', { handle: things.running, cancel: true })).structured).toMatchObject({ status: 'cancelled' })
})
