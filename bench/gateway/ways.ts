import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { program } from '../speed/program.ts'
import { type Format, modelName } from './canned.ts'
import { installed } from './peers.ts'

/** One way from the client to the fake upstream. */
export interface Way {
  readonly name: string
  readonly port: number
  readonly headers: Readonly<Record<string, string>>
  /** What the body's `model` must say for the request to go to the upstream. */
  readonly model: string
  /** The program between, which may have started others; none when there is none. */
  readonly child: ChildProcess | undefined
  close(): Promise<void>
}

export interface WayOptions {
  readonly client: Format
  readonly provider: Format
  readonly upstream: number
  /** Arguments of Node itself, for Signalbox alone. */
  readonly nodeArguments?: readonly string[] | undefined
}

export const direct = ({ upstream }: WayOptions): Promise<Way> =>
  Promise.resolve({ name: 'direct', port: upstream, headers: {}, model: modelName, child: undefined, close: () => Promise.resolve() })

/** Signalbox with its defaults, a policy with signals and two pools: it decides on each request which of them answers. */
export async function signalbox({ provider, upstream, nodeArguments = [] }: WayOptions): Promise<Way> {
  const folder = createFolder()
  const port = await freePort()
  const bench =
    provider === 'chat'
      ? { kind: 'openai', base_url: `http://127.0.0.1:${upstream}/v1`, api_key: 'bench-key' }
      : { kind: 'anthropic', base_url: `http://127.0.0.1:${upstream}`, api_key: 'bench-key' }
  const config = folder.write('signalbox.yaml', {
    providers: { bench },
    pools: { everyday: { models: [`bench/${modelName}`] }, strong: { models: [`bench/${modelName}-large`] } },
    policy: 'coding-agent',
  })
  const args = [...nodeArguments, program, '--config', config, 'serve', '--http', `127.0.0.1:${port}`]
  return started({
    name: 'signalbox',
    model: 'signalbox/auto',
    folder,
    port,
    program: process.execPath,
    args,
    env: { SIGNALBOX_HOME: join(folder.path, 'data') },
  })
}

export async function nginx({ client, provider, upstream }: WayOptions): Promise<Way> {
  if (client !== provider) throw new Error('it turns no format into another')
  const folder = createFolder()
  const port = await freePort()
  const config = folder.write(
    'nginx.conf',
    `daemon off; worker_processes 1; pid ${folder.path}/nginx.pid; error_log stderr error;
events { worker_connections 4096; }
http {
  access_log off; client_body_temp_path ${folder.path}/body; proxy_temp_path ${folder.path}/proxy; fastcgi_temp_path ${folder.path}/fastcgi;
  uwsgi_temp_path ${folder.path}/uwsgi; scgi_temp_path ${folder.path}/scgi; client_max_body_size 64m; client_body_buffer_size 1m; keepalive_requests 10000000;
  upstream bench { server 127.0.0.1:${upstream}; keepalive 64; keepalive_requests 10000000; }
  server { listen 127.0.0.1:${port}; location / { proxy_pass http://bench; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_buffering off; proxy_read_timeout 1h; } }
}
`,
  )
  execFileSync('nginx', ['-v'], { stdio: 'ignore' })
  return started({ name: 'nginx', model: modelName, folder, port, program: 'nginx', args: ['-p', folder.path, '-c', config] })
}

/** It sends a body on as it is, to the host and in the format that headers name. */
export async function portkey({ client, provider, upstream }: WayOptions): Promise<Way> {
  if (client !== provider) throw new Error('it turns no format into another here')
  const script = join(await installed('portkey'), '@portkey-ai/gateway/build/start-server.js')
  const folder = createFolder()
  const port = await freePort()
  const headers = {
    'x-portkey-provider': provider === 'chat' ? 'openai' : 'anthropic',
    'x-portkey-custom-host': `http://127.0.0.1:${upstream}/v1`,
  }
  const env = { TRUSTED_CUSTOM_HOSTS: '127.0.0.1', NODE_ENV: 'production' }
  const args = [script, '--headless', `--port=${port}`]
  return started({ name: 'portkey 1.15.2', model: modelName, headers, folder, port, program: process.execPath, args, env })
}

/** On Chat Completions it passes on without choosing; the later version takes Messages alone. */
export const router1 = (options: WayOptions): Promise<Way> => claudeCodeRouter('router-1', '1.0.73', options)

export async function router2(options: WayOptions): Promise<Way> {
  if (options.client === 'chat') throw new Error('it takes Messages alone')
  return claudeCodeRouter('router-2', '2.0.0', options)
}

async function claudeCodeRouter(peer: 'router-1' | 'router-2', version: string, { provider, upstream }: WayOptions): Promise<Way> {
  const script = join(await installed(peer), '@musistudio/claude-code-router/dist/cli.js')
  const folder = createFolder()
  const port = await freePort()
  const bench =
    provider === 'chat'
      ? { api_base_url: `http://127.0.0.1:${upstream}/v1/chat/completions` }
      : { api_base_url: `http://127.0.0.1:${upstream}/v1/messages`, transformer: { use: ['Anthropic'] } }
  const model = `bench,${modelName}`
  folder.write('.claude-code-router/config.json', {
    ...{ HOST: '127.0.0.1', PORT: port, LOG: false, API_TIMEOUT_MS: 3_600_000, NON_INTERACTIVE_MODE: true },
    Providers: [{ name: 'bench', api_key: 'bench-key', models: [modelName], ...bench }],
    Router: { default: model },
  })
  const env = { SERVICE_PORT: String(port) }
  return started({ name: `ccr ${version}`, model, folder, port, program: process.execPath, args: [script, 'start'], env })
}

interface Folder {
  readonly path: string
  write(name: string, content: string | Record<string, unknown>): string
  remove(): void
}

function createFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'signalbox-gateway-'))
  return {
    path,
    write(name, content) {
      const file = join(path, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content))
      return file
    },
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }),
  }
}

interface Start {
  readonly name: string
  readonly model: string
  readonly headers?: Record<string, string>
  readonly folder: Folder
  readonly port: number
  readonly program: string
  readonly args: readonly string[]
  readonly env?: Record<string, string>
}

/** Starts a program with a home of its own and waits for its port. @throws {Error} With what it said, when it ends before. */
async function started({ name, model, headers = {}, folder, port, program, args, env = {} }: Start): Promise<Way> {
  const { PATH = '', SYSTEMROOT } = process.env
  const child = spawn(program, args, {
    cwd: folder.path,
    env: { PATH, ...(SYSTEMROOT !== undefined && { SYSTEMROOT }), HOME: folder.path, USERPROFILE: folder.path, ...env },
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  })
  let said = ''
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said = `${said}${text}`.slice(-2000)))
  const close = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const force = setTimeout(() => child.kill('SIGKILL'), 5000)
      await ended
      clearTimeout(force)
    }
    folder.remove()
  }
  try {
    await answersAt(port, child, () => said)
  } catch (error) {
    await close()
    throw error
  }
  return { name, port, headers, model, child, close }
}

async function answersAt(port: number, child: ChildProcess, said: () => string): Promise<void> {
  const limit = performance.now() + 30_000
  let failed: Error | undefined
  child.once('error', (error) => (failed = error))
  while (!(await isOpen(port))) {
    if (failed !== undefined) throw failed
    if (child.exitCode !== null) throw new Error(`It ended with code ${child.exitCode}: ${said()}`)
    if (performance.now() > limit) throw new Error(`It does not listen after 30 s: ${said()}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' })
    const settle = (open: boolean) => {
      socket.destroy()
      resolve(open)
    }
    socket.once('connect', () => settle(true))
    socket.once('error', () => settle(false))
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => (typeof address === 'object' && address !== null ? resolve(address.port) : reject(new Error('No port'))))
    })
  })
}

export interface Upstream {
  readonly port: number
  close(): void
}

/** @param slowPieces how many seconds a slow stream lasts */
export async function startUpstream(slowPieces = 300): Promise<Upstream> {
  const script = fileURLToPath(new URL('./upstream-program.ts', import.meta.url))
  const child = spawn(process.execPath, [script, String(slowPieces)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(child.stdout, 'data')) as [Buffer]
  return { port: Number(line.toString('utf8')), close: () => child.kill() }
}
