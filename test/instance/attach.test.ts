import { chmodSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Resolved } from '../../src/instance/admit.ts'
import { type AttachRequest, attach, type Identity } from '../../src/instance/attach.ts'
import { converse } from '../../src/instance/conversation.ts'
import { createAddress, type InstanceRecord, liveRecords, openRunFolder, writeRecord } from '../../src/instance/place.ts'
import { proofOf } from '../../src/instance/proof.ts'
import { type Instance, type InstanceOptions, serveInstance } from '../../src/instance/serve.ts'
import { silent } from '../support/silent-log.ts'

let root: string
let folder: string
const closing: (() => unknown)[] = []

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'signalbox-instance-')))
  folder = openRunFolder(join(root, 'data'))
})

afterEach(async () => {
  for (const close of closing.splice(0)) await close()
  rmSync(root, { recursive: true, force: true, maxRetries: 3 })
})

const identity = (): Identity => ({ user: '1 /home/ada', version: '1.0.0', dataFolder: join(root, 'data'), workingFolder: '/work' })
const request = (more: Partial<AttachRequest> = {}): AttachRequest => ({
  ...identity(),
  ...{ config: undefined, profile: undefined, project: undefined, logLevel: undefined, logFormat: undefined, apart: undefined },
  pid: process.pid,
  ...more,
})
const resolved: Resolved = { variables: ['TOKEN', 'UNSET'], hash: 'as it runs', profiles: ['narrow'] }

/** An instance whose clients are let go as soon as they leave, and its record. */
async function startInstance({
  resolve = async () => resolved,
  running = async () => 'as it runs',
  lingerMs = 60_000,
}: Partial<Pick<InstanceOptions, 'resolve' | 'running' | 'lingerMs'>> = {}): Promise<{
  instance: Instance
  record: InstanceRecord
  warn: ReturnType<typeof vi.fn>
}> {
  const warn = vi.fn()
  const instance = await serveInstance({
    folder,
    id: '0123456789abcdef',
    identity: identity(),
    env,
    log: { ...silent, warn },
    lingerMs,
    signal: new AbortController().signal,
    resolve,
    running,
    welcome: ({ socket }) => new Promise((done) => socket.resume().once('end', done)),
    close: async () => undefined,
  })
  closing.push(() => instance.end('the test is over', 0))
  const [record] = liveRecords(folder)
  if (record === undefined) throw new Error('it has no record')
  return { instance, record, warn }
}

const env = { TOKEN: 'secret' }

test('attach() is taken when everything agrees', async () => {
  const { instance, record } = await startInstance()

  const answer = await attach(record, request(), env)

  expect(answer.kind).toBe('attached')
  await vi.waitFor(() => expect(instance.clients).toMatchObject([{ pid: process.pid }]))
  if (answer.kind === 'attached') answer.socket.destroy()
})

test.each([
  ['user', { user: '2 /home/ada' }],
  ['user', { user: '1 /home/bob' }],
  ['version', { version: '1.0.1' }],
  ['dataFolder', { dataFolder: '/elsewhere' }],
  ['workingFolder', { workingFolder: '/home' }],
  ['profile', { profile: 'wide' }],
])('attach() is refused for another %s', async (difference, more) => {
  const { instance, record } = await startInstance()

  expect(await attach(record, request(more), env)).toMatchObject({ kind: 'refused', difference })
  expect(instance.clients).toEqual([])
})

test.each([
  ['another value', { TOKEN: 'other' }],
  ['no value', {}],
  ['an empty value', { TOKEN: '' }],
  ['one where the instance has none', { TOKEN: 'secret', UNSET: '' }],
])('attach() is refused for a variable with %s, which is named and not shown', async (_, own) => {
  const { record } = await startInstance()

  const answer = await attach(record, request(), own)

  expect(answer).toEqual({ kind: 'refused', difference: 'variables', detail: 'TOKEN' in own && own.TOKEN === 'secret' ? 'UNSET' : 'TOKEN' })
})

test('attach() is refused for another configuration, for one that cannot be used, and by an instance that is out of date', async () => {
  const hashes = ['other', 'as it runs', 'as it runs']
  const { record } = await startInstance({
    async resolve(config) {
      if (config === '/broken.yaml') throw new Error('not valid')
      return { ...resolved, hash: hashes.shift() ?? '' }
    },
    running: async () => (hashes.length === 1 ? undefined : 'as it runs'),
  })

  expect(await attach(record, request(), env)).toMatchObject({ kind: 'refused', difference: 'configuration' })
  expect(await attach(record, request({ config: '/broken.yaml' }), env)).toMatchObject({ kind: 'refused', difference: 'configuration' })
  expect(await attach(record, request(), env)).toMatchObject({ kind: 'refused', difference: 'configuration' })
})

test('a client that does not know the secret is told nothing and is not taken', async () => {
  const { instance, record, warn } = await startInstance()
  const wrong = 'x'.repeat(43)
  // The attacker's side: it does not check the instance, and proves with what it has.
  const { connect } = await import('node:net')
  const socket = connect(record.address)
  const talk = converse(socket, { timeoutMs: 5000 })
  talk.say({ nonce: 'own' })
  const hello = await talk.next()
  talk.say({ proof: proofOf('client', wrong, { client: 'own', instance: String(hello['nonce']) }), request: request() })

  await expect(talk.next()).rejects.toThrow('gone')
  expect(instance.clients).toEqual([])
  expect(warn).toHaveBeenCalledOnce()
})

test("a client cannot send the instance's own proof back", async () => {
  const { record, warn } = await startInstance()
  const { connect } = await import('node:net')
  const talk = converse(connect(record.address), { timeoutMs: 5000 })
  talk.say({ nonce: 'own' })
  const hello = await talk.next()
  talk.say({ proof: hello['proof'], request: request() })

  await expect(talk.next()).rejects.toThrow('gone')
  expect(warn).toHaveBeenCalledOnce()
})

test('attach() tells an impostor nothing', async () => {
  const heard: string[] = []
  const address = createAddress(folder, 'impostor')
  const server = await listen(address, (socket) => {
    socket.setEncoding('utf8').on('data', (text) => heard.push(String(text)))
    socket.write(`${JSON.stringify({ nonce: 'mine', proof: 'made up' })}\n`)
  })

  const answer = await attach({ address, secret: 'x'.repeat(43) }, request(), env)

  expect(answer).toMatchObject({ kind: 'failed', reason: expect.stringContaining('secret') })
  await vi.waitFor(() => expect(JSON.parse(heard.join(''))).toEqual({ nonce: expect.any(String) }))
  server.close()
})

test.skipIf(process.platform === 'win32')('attach() goes to no socket in a folder that others can enter', async () => {
  const { record } = await startInstance()
  chmodSync(folder, 0o711)

  expect(await attach(record, request(), env)).toMatchObject({ kind: 'failed', reason: expect.stringContaining('mode 0711') })
})

test.skipIf(process.platform === 'win32')(
  'openRunFolder() refuses a folder that is open to others, a link, or a data folder that others can write to',
  () => {
    chmodSync(folder, 0o750)
    expect(() => openRunFolder(join(root, 'data'))).toThrow('must be closed to others, and has mode 0750')

    mkdirSync(join(root, 'linked'), { mode: 0o700 })
    symlinkSync(join(root, 'elsewhere'), join(root, 'linked', 'run'))
    mkdirSync(join(root, 'elsewhere'), { mode: 0o700 })
    expect(() => openRunFolder(join(root, 'linked'))).toThrow('must be a directory')

    mkdirSync(join(root, 'open'))
    chmodSync(join(root, 'open'), 0o777)
    expect(() => openRunFolder(join(root, 'open'))).toThrow('must be closed to others')
  },
)

test.skipIf(process.platform === 'win32')('openRunFolder() refuses a folder of another user', () => {
  const getuid = process.getuid as () => number
  process.getuid = () => getuid() + 1
  closing.push(() => {
    process.getuid = getuid
  })

  expect(() => openRunFolder(join(root, 'data'))).toThrow('must belong to the user who starts this')
})

test.skipIf(process.platform === 'win32')(
  'liveRecords() passes over a record that others could have written, and removes those of the dead',
  async () => {
    const { record } = await startInstance()
    const own = join(folder, `${record.id}.json`)
    writeRecord(folder, { ...record, id: 'dead', pid: 2 ** 22 + 1, address: join(folder, 'dead.sock') })
    writeFileSync(join(folder, 'dead.log'), 'last words')
    writeFileSync(join(folder, 'loose.json'), readFileSync(own, 'utf8').replace(record.id, 'loose'))
    chmodSync(join(folder, 'loose.json'), 0o644)
    writeFileSync(join(folder, 'broken.json'), '{', { mode: 0o600 })

    expect(liveRecords(folder).map(({ id }) => id)).toEqual([record.id])
    expect(() => readFileSync(join(folder, 'dead.json'))).toThrow('ENOENT')
    expect(() => readFileSync(join(folder, 'dead.log'))).toThrow('ENOENT')
  },
)

test.skipIf(process.platform === 'win32')(
  'createAddress() stays within what a socket path may have, in a folder of its own if need be',
  async () => {
    const long = join(root, 'a'.repeat(120))
    const longFolder = openRunFolder(long)

    const address = createAddress(longFolder, '0123456789abcdef')

    expect(Buffer.byteLength(address)).toBeLessThanOrEqual(103)
    const server = await listen(address, (socket) => socket.destroy())
    expect(await attach({ address, secret: 'x'.repeat(43) }, request(), env).then(({ kind }) => kind)).toBe('failed')
    server.close()
    rmSync(join(address, '..'), { recursive: true })
  },
)

test('an instance ends when its last client has been gone for a while, and leaves nothing', async () => {
  const { instance, record } = await startInstance({ lingerMs: 50 })
  const first = await attach(record, request(), env)
  const second = await attach(record, request(), env)

  for (const answer of [first, second]) if (answer.kind === 'attached') answer.socket.end()
  await instance.ended

  expect(liveRecords(folder)).toEqual([])
  expect(await attach(record, request(), env)).toEqual({ kind: 'gone' })
})

async function listen(address: string, onConnection: (socket: Socket) => void): Promise<Server> {
  const sockets: Socket[] = []
  const server = createServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
    onConnection(socket)
  })
  await new Promise<void>((resolve) => server.listen(address, resolve))
  closing.push(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return server
}
