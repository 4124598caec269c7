// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the configuration
import { createServer, type IncomingHttpHeaders, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import type { Plan } from '../policies/index.ts'
import { openSignalbox } from '../src/box.ts'
import { asOwner } from '../src/caller.ts'
import { createClassify } from '../src/classify.ts'
import { createClassifyTool } from '../src/classify-tool.ts'
import { loadConfig } from '../src/config/load.ts'
import { trustConfig } from '../src/config/trust.ts'
import { createLog, type Log } from '../src/log.ts'
import { runLine } from './support/cli-terminal.ts'
import { type ConfigFolders, createConfigFolders } from './support/config-folders.ts'
import { contextOf } from './support/runs.ts'
import { scriptServer } from './support/servers/host.ts'

const secret = 'a-very-secret-key'
const spam = '{"label":"spam","confidence":0.9}'
const servers: Server[] = []
const silent = () => undefined
const log: Log = { debug: silent, info: silent, warn: silent, error: silent }

afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

interface Heard {
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** A classifier at a port of loopback, and what it was asked. */
async function classifier(answer: RequestListener): Promise<{ url: string; heard: Heard[] }> {
  const heard: Heard[] = []
  const server = createServer(async (request, response) => {
    const chunks = await Array.fromAsync(request)
    heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
    answer(request, response)
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-path`, heard }
}

const saying =
  (body: string): RequestListener =>
  (_, response) =>
    void response.writeHead(200, { 'content-type': 'application/json' }).end(body)

/** What a running Signalbox says of signals in the trace of a plan. */
async function traceOf(
  folders: ConfigFolders,
  {
    signals,
    text = 'buy now',
    env = {},
    tools = {},
    trusted = false,
  }: { signals: object; text?: string; env?: Record<string, string>; tools?: object; trusted?: boolean },
): Promise<Plan['trace']> {
  folders.write('project/mine.yaml', JSON.stringify({ name: 'mine', signals, default: { prefer: 'first' } }))
  const path = folders.write('project/signalbox.yaml', JSON.stringify({ policy: './mine.yaml', tools }))
  if (trusted) await trustConfig(path, folders.data)
  const config = await loadConfig({ ...folders.surroundings, path: trusted ? undefined : path })
  const box = await openSignalbox(config, { log, variables: { env, hide: silent } })
  try {
    await box.settled()
    const plan = box.operations(asOwner()).find(({ name }) => name === 'plan_step')
    const result = await plan?.run({ prompt: text } as never, contextOf())
    return (result as unknown as { structured: Plan }).structured.trace
  } finally {
    await box.close()
  }
}

test('a plan holds what a classifier behind a URL says, which was sent the text and the headers with their variables', async () => {
  using folders = createConfigFolders()
  const { url, heard } = await classifier(saying(spam))
  const headers = { authorization: 'Bearer ${KEY}', 'x-team': '${TEAM:-none}' }

  const trace = await traceOf(folders, { signals: { s: { kind: 'http', url, headers, labels: ['spam'] } }, env: { KEY: secret } })

  expect(trace).toMatchObject([{ signal: 's', value: 'spam', confidence: 0.9 }])
  expect(heard).toMatchObject([{ headers: { authorization: `Bearer ${secret}`, 'x-team': 'none', 'content-type': 'application/json' } }])
  expect(JSON.parse(heard[0]?.body ?? '')).toEqual({ text: 'buy now' })
})

test('a policy beside a trusted ./signalbox.yaml takes no variables: it can change while that stays trusted', async () => {
  using folders = createConfigFolders()
  const { url, heard } = await classifier(saying(spam))
  const signals = { s: { kind: 'http', url, headers: { authorization: '${KEY}' }, labels: ['spam'] } }

  const trace = await traceOf(folders, { signals, env: { KEY: secret }, trusted: true })

  expect(trace).toMatchObject([{ value: 'unscored', error: expect.stringContaining('the header authorization takes a variable') }])
  expect(heard).toEqual([])
})

test('a plan holds what a hosted tool says, if it is there and only reads', async () => {
  using folders = createConfigFolders()
  const { transport } = scriptServer('sample', 'sample-stdio.ts')
  if (transport.kind !== 'stdio') throw new TypeError('a program is wanted')
  const { command, args, env } = transport
  const tool = (name: string) => ({ kind: 'mcp', tool: name, labels: ['spam'], timeout_ms: 20_000 })
  const signals = {
    says: tool('sample_echo'),
    writes: tool('sample_write_note'),
    shape: tool('sample_measure'),
    unknown: tool('sample_none'),
  }

  const trace = await traceOf(folders, { signals, text: spam, tools: { sample: { command, args, env, read_only: ['measure'] } } })

  const errors = Object.fromEntries(trace.map(({ signal, value, error }) => [signal, error ?? value]))
  expect(errors).toEqual({
    says: 'spam',
    writes: 'Cannot ask the tool "sample_write_note": it is not known to be read-only',
    shape: 'Cannot ask the tool "sample_measure": its result must be {"label": text, "confidence": 0 to 1}',
    unknown: 'Cannot ask the tool "sample_none": no hosted tool is called so',
  })
})

test('createClassifyTool() takes the structured result before the text, as the owner, and calls nothing that is held back', async () => {
  const called: unknown[] = []
  const hosted = (quarantined: string | undefined) =>
    createClassifyTool({
      loaded: async () => undefined,
      find: (name) => ({ name, readOnly: true, quarantined }) as never,
      async call(name, args, { principal }) {
        called.push({ name, args, principal })
        return { content: [{ type: 'text', text: 'words' }], structuredContent: JSON.parse(spam) }
      },
    })

  expect(await hosted(undefined)({ tool: 'one', arguments: { text: 'x' } })).toEqual({ label: 'spam', confidence: 0.9 })
  await expect(hosted('changed')({ tool: 'two', arguments: {} })).rejects.toThrow('held back until a person accepts it')
  expect(called).toEqual([{ name: 'one', args: { text: 'x' }, principal: 'local' }])
})

test.each<[string, RequestListener, string]>([
  ['no JSON', saying('spam'), 'its answer must be {"label": text, "confidence": 0 to 1}'],
  ['another shape', saying('{"label":"spam","confidence":2}'), 'its answer must be {"label": text, "confidence": 0 to 1}'],
  ['too much', saying(spam + ' '.repeat(64 * 1024)), 'its answer must have at most 65536 bytes'],
  [
    'a redirect',
    (_, response) => void response.writeHead(307, { location: '/other' }).end(),
    'it answers with a redirect, which is not followed',
  ],
  ['an error', (_, response) => void response.writeHead(500).end(), 'it answers with status 500'],
  [
    'half an answer',
    (_, response) => void response.writeHead(200).write('{', () => response.destroy()),
    'its answer breaks off (UND_ERR_SOCKET)',
  ],
])('createClassify() fails on %s, and names the host alone', async (_, answer, expected) => {
  const { url, heard } = await classifier(answer)
  const classify = createClassify({ env: { KEY: secret }, hide: silent })

  const failed = classify({ url, headers: { authorization: '${KEY}' }, text: 'a private text' })

  await expect(failed).rejects.toThrow(new Error(`Cannot ask the classifier at ${new URL(url).host}: ${expected}`))
  expect(heard).toHaveLength(1)
})

test.each(['http://classifier.example/v1', 'http://127.0.0.1.evil.example/', 'ftp://127.0.0.1/x', 'https://me:word@classifier.example/'])(
  'createClassify() asks nothing at %s',
  async (url) => {
    await expect(createClassify(undefined)({ url, headers: {}, text: 'x' })).rejects.toThrow('must be https without credentials')
  },
)

test('a classifier that begins its answer and does not end it is past its time', async () => {
  using folders = createConfigFolders()
  const { url } = await classifier((_, response) => void response.writeHead(200).write('{"label":'))

  const trace = await traceOf(folders, { signals: { s: { kind: 'http', url, labels: ['spam'], timeout_ms: 100 } } })

  expect(trace).toMatchObject([{ value: 'unscored', error: 'no answer within 100 ms' }])
})

test('createClassify() names what a header lacks or breaks, never its value, and hides values from the log', async () => {
  const { url, heard } = await classifier(saying(spam))
  const written: string[] = []
  const shown = createLog({ stream: { write: (line) => written.push(line) } })
  const classify = createClassify({ env: { KEY: secret, BROKEN: `${secret}\n!` }, hide: shown.hide })
  const ask = (value: string) => classify({ url, headers: { 'x-key': value }, text: 'x' })
  const refusal = (words: string) => new Error(`Cannot ask the classifier at ${new URL(url).host}: the header x-key ${words}`)

  await expect(ask('${KEY} ${MISSING}')).rejects.toThrow(refusal('needs the environment variable MISSING, which is not set'))
  await expect(ask('${BROKEN} x')).rejects.toThrow(refusal('must be one that HTTP allows'))
  expect(heard).toEqual([])
  await ask('Key ${KEY}')
  shown.warn(`it said ${secret}`)

  expect(written.join('')).toContain('it said [hidden]')
})

test('policy test asks a classifier behind a URL, and says that no tool is hosted', async () => {
  using folders = createConfigFolders()
  const { url } = await classifier(saying(spam))
  const policy = {
    name: 'mine',
    test_pools: { quick: { models: ['a/quick'] } },
    signals: { mail: { kind: 'http', url, labels: ['spam'] }, tool: { kind: 'mcp', tool: 'one', labels: ['spam'] } },
    rules: [{ name: 'spam', why: 'it is spam', when: 'signals.mail == "spam"', action: { prefer: 'first' } }],
    default: { prefer: 'first' },
    tests: [{ name: 'mail', given: { text: 'buy now' }, expect: { rule: 'spam' } }],
  }
  folders.write('project/mine.yaml', JSON.stringify(policy))

  expect(await runLine(folders, ['policy', 'test', 'mine.yaml'])).toMatchObject({ code: 0, out: expect.stringContaining('ok    mail') })
  const explained = await runLine(folders, ['--json', 'policy', 'explain', 'buy now', '--policy', 'mine.yaml'])
  expect(JSON.parse(explained.out).plan.trace).toMatchObject([
    { signal: 'mail', value: 'spam' },
    { signal: 'tool', value: 'unscored', error: 'Cannot ask the tool "one": no server is hosted here' },
  ])
})
