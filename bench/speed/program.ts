import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'

/** The built program, as a client starts it. */
export const program = fileURLToPath(new URL('../../bin/signalbox.js', import.meta.url))
export const hostedServer = fileURLToPath(new URL('./hosted-server.js', import.meta.url))
export const bareProxy = fileURLToPath(new URL('./bare-proxy.js', import.meta.url))

/** A home and data of its own, gone afterwards. */
export interface Home extends Disposable {
  readonly folder: string
  readonly env: Record<string, string>
  /** Writes a configuration and returns its path. JSON is YAML. */
  configure(config: Record<string, unknown>): string
}

export function createHome(): Home {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-speed-'))
  const { PATH = '', SYSTEMROOT = '' } = process.env
  return {
    folder,
    env: {
      PATH,
      ...(SYSTEMROOT !== '' && { SYSTEMROOT }),
      HOME: folder,
      USERPROFILE: folder,
      APPDATA: join(folder, 'AppData'),
      LOCALAPPDATA: join(folder, 'Local'),
      SIGNALBOX_HOME: join(folder, 'data'),
      // Nothing that was measured outlives its measurement.
      SIGNALBOX_LINGER_S: '0',
    },
    configure(config) {
      const path = join(folder, 'signalbox.yaml')
      writeFileSync(path, JSON.stringify(config))
      return path
    },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}

/** One server with `count` tools. */
export function hosting(count: number): Record<string, unknown> {
  return { bench: { command: process.execPath, args: [hostedServer, String(count)] } }
}

export interface Connected {
  readonly client: Client
  readonly pid: number
  close(): Promise<void>
}

/** A client of the SDK with a script behind it. */
export async function connect(args: readonly string[], home: Home): Promise<Connected> {
  const client = new Client({ name: 'bench', version: '1.0.0' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } })
  const transport = new StdioClientTransport({ command: process.execPath, args: [...args], env: home.env, stderr: 'ignore' })
  await client.connect(transport)
  return { client, pid: transport.pid ?? 0, close: () => client.close() }
}

/** A program that is spoken to in lines, without a client between. */
export interface Spoken {
  readonly child: ChildProcess
  /** Sends a request and resolves when its answer is there. */
  ask(request: Record<string, unknown>): Promise<Record<string, unknown>>
  /** Closes its input and waits for its end. */
  end(): Promise<void>
}

export function speakTo(args: readonly string[], home: Home): Spoken {
  const child = spawn(process.execPath, args, { env: home.env, cwd: home.folder, stdio: ['pipe', 'pipe', 'ignore'] })
  const waiting = new Map<unknown, (answer: Record<string, unknown>) => void>()
  let rest = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const message = JSON.parse(line) as Record<string, unknown>
      waiting.get(message['id'])?.(message)
    }
  })
  return {
    child,
    ask(request) {
      const { promise, resolve, reject } = Promise.withResolvers<Record<string, unknown>>()
      waiting.set(request['id'], resolve)
      child.once('exit', (code) => reject(new Error(`${args.join(' ')} ended with code ${code}`)))
      child.stdin.write(`${JSON.stringify(request)}\n`)
      return promise
    },
    async end() {
      child.stdin.end()
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
    },
  }
}

/** Asks again until it holds. */
async function until(holds: () => Promise<boolean>, limitMs = 120_000): Promise<void> {
  const limit = performance.now() + limitMs
  while (!(await holds())) {
    if (performance.now() > limit) throw new Error(`Nothing came of it within ${limitMs / 1000} s`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** Until that many tools are hosted. */
export async function untilHosted(client: Client, count: number): Promise<void> {
  await until(async () => (await toolsOf(client)).hosted === count)
}

/** Until that many tools are hosted and the vectors of all are there. */
export async function untilIndexed(client: Client, count: number, limitMs?: number): Promise<void> {
  await until(async () => {
    const { hosted, embedded } = await toolsOf(client)
    return hosted === count && embedded === count
  }, limitMs)
}

async function toolsOf(client: Client): Promise<{ hosted: number; embedded: number }> {
  const { structuredContent } = await client.callTool({ name: 'status', arguments: {} })
  return (structuredContent as { tools: { hosted: number; embedded: number } }).tools
}
