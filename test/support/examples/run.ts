import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { type Ended, runCommandLine } from '../command-line.ts'

export const root = join(import.meta.dirname, '../../..')
export const examples = join(root, 'examples')
export const signalbox = join(root, 'bin', 'signalbox.js')
// The examples run where they lie: what was accepted of an older version of a server must not hold back its newer one.
rmSync(join(examples, 'tools.lock'), { force: true })

/** A user of their own: home, data and settings are in a temporary folder, and no key is set unless told. */
export interface User extends Disposable {
  readonly env: Record<string, string>
}

export function newUser(more: Record<string, string> = {}): User {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-user-'))
  const { PATH = '', ...inherited } = process.env
  const kept = Object.entries(inherited).filter(
    ([name, value]) => value !== undefined && !/_API_KEY$|_BASE_URL$|^SIGNALBOX_|^XDG_/.test(name),
  )
  const home = { HOME: folder, USERPROFILE: folder, APPDATA: folder, LOCALAPPDATA: folder, SIGNALBOX_HOME: join(folder, 'data') }
  // An instance ends with its last client.
  const ending = { SIGNALBOX_LINGER_S: '0' }
  // The servers of the examples are started as `node`.
  const path = [dirname(process.execPath), PATH].join(delimiter)
  return {
    env: { ...(Object.fromEntries(kept) as Record<string, string>), ...home, ...ending, PATH: path, ...more },
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }),
  }
}

/** `npx signalbox` from the root of the checkout, in this process. */
export function signalboxLine(args: readonly string[], { env }: User): Promise<Ended> {
  return runCommandLine(args, { env, cwd: root, home: env['HOME'] ?? '' })
}

/** Runs a program of Node to its end. */
export function run(args: readonly string[], { env }: User): Promise<Omit<Ended, 'code'> & { readonly code: number | null }> {
  const child = spawn(process.execPath, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [out, err] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text
  })
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => resolve({ code, out, err }))
  })
}

/** `signalbox serve --http` on any free port, until it is ended. */
export async function serveHttp({ env }: User): Promise<{ url: string; end(): Promise<void> }> {
  const child = spawn(process.execPath, [signalbox, 'serve', '--http', '0', '--log-level', 'warn'], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()))
  let out = ''
  for await (const text of child.stdout.setEncoding('utf8')) {
    out += text
    if (out.includes('\n')) break
  }
  return {
    url: out.trim().replace(/\/mcp$/, ''),
    async end() {
      child.kill('SIGTERM')
      await closed
    },
  }
}
