import { fileURLToPath } from 'node:url'
import { createToolHost, type ToolHostOptions } from '../../../tools/host.ts'
import type { Log } from '../../../tools/log.ts'
import type { CatalogueKeeper, ServerOptions, ToolHost } from '../../../tools/tool.ts'
import { compiled } from '../compiled.ts'

const folder = new URL('./', import.meta.url)
const modules = new URL('../../../node_modules/@modelcontextprotocol/', import.meta.url)

type Changes = Partial<Omit<ServerOptions, 'name' | 'transport'>> & { env?: Record<string, string> }

/** Options with the defaults that the configuration gives, and what the test changes. */
export function serverOptions(name: string, transport: ServerOptions['transport'], { env: _env, ...changes }: Changes = {}): ServerOptions {
  return {
    name,
    transport,
    allow: [],
    block: [],
    readOnly: [],
    timeoutMs: 10_000,
    concurrency: 8,
    idleMs: 0,
    expose: 'search',
    prefix: true,
    pin: 'first-sight',
    trustAnnotations: true,
    ...changes,
  }
}

/** A script of this folder, with its arguments. */
export function scriptServer(name: string, script: string, args: readonly string[] = [], changes: Changes = {}): ServerOptions {
  const file = fileURLToPath(new URL(script, folder))
  return serverOptions(
    name,
    { kind: 'stdio', command: process.execPath, args: [file, ...args], env: { ...compiled, ...changes.env } },
    changes,
  )
}

/** One of the published servers. */
export function publishedServer(name: string, server: string, args: readonly string[] = [], changes: Changes = {}): ServerOptions {
  const file = fileURLToPath(new URL(`server-${server}/dist/index.js`, modules))
  return serverOptions(
    name,
    { kind: 'stdio', command: process.execPath, args: [file, ...args], env: { ...compiled, ...changes.env } },
    changes,
  )
}

export function httpServer(name: string, url: string, changes: Changes & { headers?: Record<string, string> } = {}): ServerOptions {
  const { headers = {}, ...rest } = changes
  return serverOptions(name, { kind: 'http', url, headers }, rest)
}

export interface LogLine {
  readonly level: string
  readonly message: string
  readonly facts?: Readonly<Record<string, unknown>> | undefined
}

export function recordingLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = []
  const at = (level: string) => (message: string, facts?: Readonly<Record<string, unknown>>) => void lines.push({ level, message, facts })
  return { lines, debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') }
}

/** Keeps what is saved as it would come back from a store. */
export function memoryKeeper(): CatalogueKeeper & { readonly stored: Map<string, string> } {
  const stored = new Map<string, string>()
  return {
    stored,
    load: async (key) => JSON.parse(stored.get(key) ?? 'null'),
    save: async (key, value) => void stored.set(key, JSON.stringify(value)),
  }
}

export type TestHost = ToolHost & { readonly log: ReturnType<typeof recordingLog>; readonly keeper: CatalogueKeeper }

/** Short limits: a test that waits for one waits for a second. */
export function testHost(servers: readonly ServerOptions[], options: Partial<ToolHostOptions> = {}): TestHost {
  const log = recordingLog()
  const keeper = options.keeper ?? memoryKeeper()
  const limits = { startMs: 10_000, probeMs: 4000, ...options.limits }
  return Object.assign(createToolHost({ servers, log, keeper, ...options, limits }), { log, keeper })
}
