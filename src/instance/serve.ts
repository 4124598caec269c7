import { randomBytes } from 'node:crypto'
import { chmodSync } from 'node:fs'
import { createServer, type Socket } from 'node:net'
import { hostname } from 'node:os'
import type { Log } from '../log.ts'
import { type AdmitOptions, admit } from './admit.ts'
import type { AttachRequest, Identity } from './attach.ts'
import { toControlLine } from './control.ts'
import { type AttachedClient, createAddress, removeRecord, writeRecord } from './place.ts'

export interface InstanceOptions extends Omit<AdmitOptions, 'secret'> {
  readonly folder: string
  readonly id: string
  readonly identity: Identity
  readonly log: Log
  /** How long it stays after its last client, and after it has become of no use to new ones. */
  readonly lingerMs: number
  readonly signal: AbortSignal
  /** Serves one client until it has gone. */
  welcome(client: Client): Promise<void>
  /** Ends what the clients shared: the last one is let go after it. */
  close(): Promise<void>
}

/** A client that was taken. */
export interface Client {
  readonly request: AttachRequest
  readonly socket: Socket
  /** As the client calls itself, once it has. */
  named(name: string): void
}

export interface Instance {
  readonly since: string
  readonly clients: readonly AttachedClient[]
  /** Resolves when it has ended and nothing of it is left. */
  readonly ended: Promise<void>
  /** Lets all clients go, with the reason and the code with which their processes end. */
  end(reason: string, code: number): Promise<void>
}

/** Whoever started the instance attaches at once, unless it has died meanwhile. */
const firstClientMs = 30_000
const tellMs = 50

/** Listens for clients and takes those that may share this process, until the last has been gone for a while. */
export async function serveInstance(options: InstanceOptions): Promise<Instance> {
  const { folder, id, identity, log, lingerMs, signal } = options
  const since = new Date().toISOString()
  const secret = randomBytes(32).toString('base64url')
  const address = createAddress(folder, id)
  const clients = new Map<Socket, AttachedClient>()
  const arriving = new Set<Socket>()
  const { promise: ended, resolve: markEnded } = Promise.withResolvers<void>()
  let timer: NodeJS.Timeout | undefined
  let telling: NodeJS.Timeout | undefined
  let ending: Promise<void> | undefined

  const tell = () => {
    clearTimeout(telling)
    telling = undefined
    if (ending !== undefined) return
    const told = [...clients.values()]
    const { version, workingFolder } = identity
    writeRecord(folder, { id, pid: process.pid, host: hostname(), version, since, workingFolder, address, secret, clients: told })
  }
  const tellSoon = () => {
    telling ??= setTimeout(tell, tellMs)
  }
  const endAfter = (ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      if (clients.size === 0 && arriving.size === 0) void end('nobody is there', 0)
      else if (clients.size === 0) endAfter(ms)
    }, ms)
  }

  async function take(socket: Socket): Promise<void> {
    arriving.add(socket)
    let request: AttachRequest | undefined
    try {
      request = await admit(socket, { ...options, secret })
    } catch (error) {
      log.warn('A client was not taken', { error })
    } finally {
      arriving.delete(socket)
    }
    if (request === undefined || ending !== undefined) {
      socket.end()
      socket.resume()
      return
    }
    await serve(socket, request)
  }

  async function serve(socket: Socket, request: AttachRequest): Promise<void> {
    clearTimeout(timer)
    const { pid, profile, apart } = request
    let client: AttachedClient = { pid, since: new Date().toISOString(), profile, apart }
    clients.set(socket, client)
    tellSoon()
    const named = (name: string) => {
      if (client.name === name) return
      client = { ...client, name }
      clients.set(socket, client)
      tellSoon()
    }
    try {
      await options.welcome({ request, socket, named })
    } catch (error) {
      log.error('Cannot serve a client', { error })
    }
    // Who is on the way in keeps it.
    const isLast = clients.size === 1 && arriving.size === 0
    // A process in front of a client ends when its connection does: by then nothing of an instance without linger is left.
    if (isLast && lingerMs === 0 && ending === undefined) await end('its last client has gone', 0)
    clients.delete(socket)
    socket.end()
    if (ending !== undefined) return
    tellSoon()
    if (clients.size === 0) endAfter(lingerMs)
  }

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    void take(socket)
  })

  function end(reason: string, code: number): Promise<void> {
    ending ??= finish(reason, code)
    return ending
  }
  async function finish(reason: string, code: number): Promise<void> {
    clearTimeout(timer)
    clearTimeout(telling)
    signal.removeEventListener('abort', onAbort)
    // Nobody finds it from here on; who has found it already is turned away, and looks again.
    removeRecord(folder, { id, address })
    server.close()
    for (const socket of arriving) socket.destroy()
    for (const socket of clients.keys()) if (socket.writable) socket.write(toControlLine({ kind: 'exit', code, reason }))
    try {
      await options.close()
    } finally {
      for (const socket of clients.keys()) {
        socket.end()
        setTimeout(() => socket.destroy(), 1000).unref()
      }
      markEnded()
    }
  }
  const onAbort = () => void end('this instance of Signalbox was asked to end', 1)

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, resolve)
  })
  if (process.platform !== 'win32') chmodSync(address, 0o600)
  tell()
  endAfter(Math.max(lingerMs, firstClientMs))
  signal.addEventListener('abort', onAbort, { once: true })
  if (signal.aborted) onAbort()

  return {
    since,
    get clients() {
      return [...clients.values()]
    },
    ended,
    end,
  }
}
