import { type Readable, Writable } from 'node:stream'
import type { RequestId, Server } from '@modelcontextprotocol/server'
import { StdioServerTransport, serveStdio as serve } from '@modelcontextprotocol/server/stdio'
import { asOwner } from '../caller.ts'
import type { Signalbox } from '../signalbox.ts'
import type { McpOptions } from './connection.ts'
import { watchDirectLists } from './direct.ts'
import { maxMessageBytes } from './limits.ts'
import { ListenTap, type MessageWatch } from './listen-tap.ts'
import { createMcpServerFactory } from './server.ts'
import { createSubscriptions, type Subscriptions } from './subscriptions.ts'

export interface ServeStdioOptions extends Omit<McpOptions, 'signalbox' | 'door'> {
  readonly signal?: AbortSignal | undefined
  readonly stdin?: Readable | undefined
  readonly stdout?: Writable | undefined
  /** The handshake that the client has its answer to already. */
  readonly answered?: RequestId | undefined
  /** Sees each message that came from the client, and each that goes to it. */
  readonly watch?: MessageWatch | undefined
}

export interface StdioDoor {
  /** Resolves when the client has gone, or the door was closed: the caller then closes the box. */
  readonly closed: Promise<void>
  close(): Promise<void>
}

/**
 * Serves one client over stdin and stdout, in the era with which it opens.
 *
 * The handshake is answered while the box is still opening. While the door is open, standard output belongs to the
 * protocol: whatever else is written to it comes out on standard error. A client that goes takes the work with it
 * that it has no handle for.
 */
export function serveStdio(signalbox: Signalbox | Promise<Signalbox>, options: ServeStdioOptions): StdioDoor {
  const { log, signal, stdin = process.stdin } = options
  const output = options.stdout === undefined ? claimStandardOutput() : { stream: options.stdout, release: () => undefined }
  const makeServer = createMcpServerFactory({ ...options, signalbox, door: 'stdio' })
  const { promise: closed, resolve: markClosed } = Promise.withResolvers<void>()
  const listening = new Map<RequestId, Subscriptions>()
  let current: Server | undefined
  let stopWatching: (() => void) | undefined
  let gone = false

  const tell = (send: (server: Server) => Promise<void>) => {
    if (current?.transport === undefined || current.getNegotiatedProtocolVersion() === undefined) return
    send(current).catch((error: unknown) => log.debug('Cannot tell the client of a change', { error }))
  }

  const wire = new ListenTap(new StdioServerTransport(stdin, output.stream, { maxBufferSize: maxMessageBytes }), {
    ...options.watch,
    answered: options.answered,
    onListen(id, { uris, capabilities }) {
      if (uris.length === 0) return
      const subscriptions = createSubscriptions({ ...options, signalbox })
      listening.set(id, subscriptions)
      for (const uri of uris) {
        const told = () => tell((server) => server.sendResourceUpdated({ uri }))
        subscriptions
          .add(uri, told, { principal: 'local', ...asOwner(options.profile), capabilities })
          .catch((error: unknown) => log.info('Cannot subscribe', { uri, error }))
      }
    },
    onCancelled(id) {
      void listening.get(id)?.close()
      listening.delete(id)
    },
    onClosed() {
      gone = true
      stopWatching?.()
      for (const subscriptions of listening.values()) void subscriptions.close()
      signal?.removeEventListener('abort', close)
      output.release()
      markClosed()
    },
  })

  const door = serve(
    ({ era }) => {
      current = makeServer({ era })
      return current
    },
    { transport: wire, onerror: (error) => log.debug('MCP over stdio', { error: error.message }) },
  )

  void Promise.resolve(signalbox).then(
    (box) => {
      if (gone) return
      stopWatching = watchDirectLists(box, options.profile, {
        toolsChanged: () => tell((server) => server.sendToolListChanged()),
        promptsChanged: () => tell((server) => server.sendPromptListChanged()),
        resourcesChanged: () => tell((server) => server.sendResourceListChanged()),
      })
    },
    () => undefined,
  )

  function close(): Promise<void> {
    return door.close()
  }
  if (signal?.aborted === true) void close()
  signal?.addEventListener('abort', close, { once: true })

  return {
    closed,
    async close() {
      await close()
      await closed
    },
  }
}

/** Takes standard output for the protocol; others' writes go to standard error until it is released. */
function claimStandardOutput(): { stream: Writable; release: () => void } {
  const { stdout, stderr } = process
  const write = stdout.write.bind(stdout)
  const stream = new Writable({
    write: (chunk, _encoding, done) => void write(chunk, done),
  })
  // Stays: a pipe may break as late as the end of the process.
  stdout.on('error', (error) => stream.destroy(error))
  stdout.write = stderr.write.bind(stderr) as typeof stdout.write
  return {
    stream,
    release() {
      stdout.write = write as typeof stdout.write
    },
  }
}
