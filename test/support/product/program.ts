import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type Ended, type Line, startCommandLine } from '../command-line.ts'
import type { Target } from '../mcp-clients.ts'
import { command } from './command.ts'
import type { Home } from './home.ts'

/** A test that fails may not come to stop what it has started. */
const running = new Set<ChildProcessWithoutNullStreams>()
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL')
})

/** The program as a person or a client starts it: a process of its own. */
export interface Program {
  readonly child: ChildProcessWithoutNullStreams
  /** All lines that it has written to stdout. */
  readonly lines: readonly string[]
  /** All that it has written to stderr. */
  errors(): string
  /** The next line on stdout that was not taken yet. @throws {Error} With what stood on stderr, if the program ends first. */
  nextLine(): Promise<string>
  /** Resolves once stderr holds the words. */
  said(words: string): Promise<void>
  ended(): Promise<number | null>
  /** As the operating system would: nothing is asked, nothing is saved. */
  kill(): Promise<void>
  /** As a person would. */
  stop(): Promise<number | null>
}

export function startProgram(home: Home, args: readonly string[]): Program {
  const child = spawn(process.execPath, [command, '--config', home.config, ...args], { cwd: home.root, env: home.env, stdio: 'pipe' })
  running.add(child)
  child.once('exit', () => running.delete(child))
  const lines: string[] = []
  let taken = 0
  let errors = ''
  let arrived = Promise.withResolvers<void>()
  const wake = () => {
    arrived.resolve()
    arrived = Promise.withResolvers()
  }
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text
    wake()
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    lines.push(line)
    wake()
  })
  child.stdin.on('error', () => undefined)
  const closed = once(child, 'close').then(wake)

  const isOver = () => child.exitCode !== null || child.signalCode !== null
  async function waitFor(isThere: () => boolean, what: string): Promise<void> {
    while (!isThere()) {
      if (isOver()) {
        await closed
        if (isThere()) return
        throw new Error(`The program ended (${child.exitCode ?? child.signalCode}) before ${what}:\n${errors}`)
      }
      await arrived.promise
    }
  }

  return {
    child,
    lines,
    errors: () => errors,
    async nextLine() {
      await waitFor(() => lines.length > taken, 'its next line')
      taken += 1
      return lines[taken - 1] ?? ''
    },
    said: (words) => waitFor(() => errors.includes(words), `it said "${words}"`),
    async ended() {
      await closed
      return child.exitCode
    },
    async kill() {
      if (isOver()) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
    async stop() {
      child.stdin.end()
      if (!isOver()) child.kill('SIGTERM')
      await closed
      return child.exitCode
    },
  }
}

/** One command at a terminal beside whatever runs on this home. It has no process of its own, which would cost seconds. */
export function startCommand(home: Home, args: readonly string[]): Line {
  return startCommandLine(['--config', home.config, ...args], { env: home.env, cwd: home.root, home: home.root })
}

/** The same, to its end. */
export async function runCommand(home: Home, args: readonly string[]): Promise<Ended> {
  const ended = await startCommand(home, args).ended
  return { ...ended, out: ended.out.replace(/\n$/, '') }
}

/** Runs one command to its end in a process of its own: for what is about several. */
export async function runProcess(home: Home, args: readonly string[]): Promise<{ code: number | null; out: string; err: string }> {
  const program = startProgram(home, args)
  program.child.stdin.end()
  const code = await program.ended()
  return { code, out: program.lines.join('\n'), err: program.errors() }
}

export type HttpProgram = Program & { readonly url: string; readonly mcp: string }

/** `signalbox serve --http` on a free port: a process of its own, for what is about one. For all else there is `serveHere`. */
export async function serveHttp(home: Home): Promise<HttpProgram> {
  const program = startProgram(home, ['serve', '--http', '127.0.0.1:0'])
  const mcp = await program.nextLine()
  return { ...program, mcp, url: mcp.replace(/\/mcp$/, '') }
}

/** `signalbox serve --stdio`, for a client that starts it itself. */
export function stdioTarget(home: Home): Target {
  return { command: process.execPath, args: [command, '--config', home.config, 'serve', '--stdio'], env: home.env }
}
