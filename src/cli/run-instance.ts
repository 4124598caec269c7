import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import type { Config } from '../config/config.ts'
import { dataFolder } from '../config/folders.ts'
import { instanceKey } from '../config/instance-token.ts'
import { loadConfig } from '../config/load.ts'
import { secretsOf } from '../config/secrets.ts'
import { giveBackMemoryWhenIdle } from '../idle-memory.ts'
import type { Resolved } from '../instance/admit.ts'
import { toControlLine } from '../instance/control.ts'
import { releaseLock } from '../instance/find.ts'
import { openRunFolder } from '../instance/place.ts'
import { type Client, type Instance, serveInstance } from '../instance/serve.ts'
import { createSharedLog } from '../instance/shared-log.ts'
import { createLog, type LogLevel } from '../log.ts'
import type { MessageWatch } from '../mcp/listen-tap.ts'
import type { StdioDoor } from '../mcp/stdio.ts'
import { exitCodeOf } from './exit.ts'
import { followConfig } from './follow-config.ts'
import { surroundingsOf } from './open-box.ts'
import { identityOf, lingerMsOf } from './share.ts'
import type { InstanceStart } from './stdio-start.ts'
import type { Terminal } from './terminal.ts'

/** What an instance may write to the file of its last words. */
const mostLogBytes = 1_000_000
/** A client that reads nothing misses log lines before it costs memory. */
const mostWaitingBytes = 1_000_000
/** The handshake of the first client is answered before the rest is loaded, which would keep this thread from it. */
const firstAnswerMs = 100
/** Whatever still holds the process after its end holds it no longer than this. */
const exitMs = 5000

/** The process behind the clients of a user: one Signalbox, with a connection of its own for each of them. */
export async function runInstance({ id, config: path }: InstanceStart, terminal: Terminal): Promise<void> {
  const folder = openRunFolder(dataFolder(terminal))
  const log = createSharedLog(createLog({ level: 'warn', stream: upTo(mostLogBytes, terminal.stderr) }))
  const [{ serveStdio }, config] = await Promise.all([import('../mcp/stdio.ts'), loadConfig({ ...surroundingsOf(terminal), path })])
  log.hide(secretsOf(config))
  const { ignored } = config.origin
  const stateKey = await instanceKey(config.dataFolder, 'request-state')

  const begin = Promise.withResolvers<void>()
  const opening = begin.promise.then(() => terminal.openSignalbox(config, { log, instance: () => viewOf(instance) }))
  const doors = new Set<StdioDoor>()
  let running: string | undefined = await hashOf(config)
  let stop = () => {}

  const instance = await serveInstance({
    folder,
    id,
    identity: identityOf(terminal),
    env: terminal.env,
    log,
    lingerMs: lingerMsOf(terminal.env),
    signal: terminal.signal,
    resolve: (given) => resolveWith(terminal, given),
    running: async () => running,

    async welcome({ request, socket, named }) {
      const own = createLog({
        level: (request.logLevel as LogLevel | undefined) ?? config.log.level,
        format: (request.logFormat as 'text' | 'json' | undefined) ?? config.log.format,
        stream: {
          write: (line: string) =>
            socket.writableLength > mostWaitingBytes || socket.write(toControlLine({ kind: 'log', line: line.trimEnd() })),
        },
      })
      const remove = log.add(own)
      if (ignored !== undefined) own.warn(`Ignored ${ignored.path}: ${ignored.reason}`)
      const door = serveStdio(opening, {
        log: own,
        profile: request.profile,
        project: request.project,
        stateKey,
        stdin: socket,
        stdout: socket,
        answered: request.answered,
        watch: watching(socket, named, begin.resolve),
      })
      doors.add(door)
      void pause(firstAnswerMs).then(begin.resolve)
      await door.closed
      doors.delete(door)
      remove()
    },

    async close() {
      stop()
      await Promise.all([...doors].map((door) => door.close()))
      begin.reject(new Error('it ended before it was opened'))
      await opening.then((signalbox) => signalbox.close()).catch(() => undefined)
    },
  })

  // Whoever started it may have gone.
  releaseLock(folder)
  opening.then(
    (signalbox) => {
      const watch = followConfig(signalbox, config, {
        path,
        log,
        terminal,
        async onTaken(changed, late) {
          // What still runs as it was before the change is for nobody who comes after it.
          running = late.length > 0 || running === undefined ? undefined : await hashOf(changed)
        },
      })
      const stopGivingBack = giveBackMemoryWhenIdle({ log })
      stop = () => {
        watch.close()
        stopGivingBack()
      }
    },
    (error: unknown) => void instance.end(error instanceof Error ? error.message : String(error), exitCodeOf(error)),
  )

  await instance.ended
  setTimeout(() => process.exit(), exitMs).unref()
}

function viewOf({ since, clients }: Instance) {
  return { pid: process.pid, since, shared: true, why: undefined, clients }
}

/** Tells the client's process which requests are answered, and notes who the client says it is. */
function watching(socket: Client['socket'], named: Client['named'], onAnswer: () => void): MessageWatch {
  return {
    received(message) {
      if (!('method' in message) || !('id' in message)) return
      const name = clientNameIn(message.params)
      if (name !== undefined) named(name)
    },
    async sending(message, write) {
      // Both at once, since each write wakes the other process.
      socket.cork()
      const written = write()
      if (!('method' in message) && message.id !== undefined && socket.writable)
        socket.write(toControlLine({ kind: 'answer', id: JSON.stringify(message.id) }))
      socket.uncork()
      await written
      onAnswer()
    },
  }
}

function clientNameIn(params: Record<string, unknown> | undefined): string | undefined {
  const meta = params?.['_meta'] as Record<string, unknown> | undefined
  const info = (params?.['clientInfo'] ?? meta?.['io.modelcontextprotocol/clientInfo']) as { name?: unknown } | undefined
  return typeof info?.name === 'string' ? info.name.slice(0, 100) : undefined
}

/** What a start with this `--config` would run, and every variable that was looked at to find out. */
async function resolveWith(terminal: Terminal, path: string | undefined): Promise<Resolved> {
  const read = new Set<string>()
  const note = (name: string | symbol) => typeof name === 'string' && read.add(name)
  const env = new Proxy(terminal.env, {
    get(target, name) {
      note(name)
      return Reflect.get(target, name)
    },
    has(target, name) {
      note(name)
      return Reflect.has(target, name)
    },
    getOwnPropertyDescriptor(target, name) {
      note(name)
      return Reflect.getOwnPropertyDescriptor(target, name)
    },
  })
  const config = await loadConfig({ ...surroundingsOf(terminal), env, path })
  return { variables: [...read], hash: await hashOf(config), profiles: Object.keys(config.profiles) }
}

/** Of all that is resolved, and of the policy file that it names. */
async function hashOf(config: Config): Promise<string> {
  const hash = createHash('sha256').update(JSON.stringify(config))
  if (config.policy.kind === 'file') hash.update(await readFile(config.policy.path).catch(() => ''))
  return hash.digest('hex')
}

function upTo(bytes: number, stream: { write(text: string): unknown }): Parameters<typeof createLog>[0]['stream'] {
  let left = bytes
  return {
    write(line) {
      left -= line.length
      return left > 0 && stream.write(line)
    },
  }
}
