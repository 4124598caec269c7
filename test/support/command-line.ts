import { join } from 'node:path'
import { Readable } from 'node:stream'
import { openSignalbox } from '../../src/box.ts'
import { runProgram } from '../../src/cli/program.ts'
import { recorder } from './cli-terminal.ts'

/** Where a command line is run: what the process would otherwise give it. */
export interface Place {
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly home: string
}

export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** A command line that is under way. */
export interface Line {
  /** What it has written to stderr so far. */
  err(): string
  readonly ended: Promise<Ended>
  /** As Ctrl-C. */
  stop(): void
}

/**
 * One command line on the program itself and its own Signalbox, in this process: what `npx signalbox` does once Node has loaded it,
 * with nothing on stdin and no person at the terminal.
 */
export function startCommandLine(args: readonly string[], { env, cwd, home }: Place): Line {
  const [out, err] = [recorder(), recorder()]
  const interrupt = new AbortController()
  const ended = runProgram(args, {
    stdin: Readable.from([]),
    stdout: out.stream,
    stderr: err.stream,
    env,
    cwd,
    home,
    platform: process.platform,
    program: { node: process.execPath, script: join(import.meta.dirname, '../../bin/signalbox.js') },
    signal: interrupt.signal,
    openSignalbox: (config, options) => openSignalbox(config, { ...options, variables: { env, hide: options.log.hide } }),
  }).then((code) => ({ code, out: out.text(), err: err.text() }))
  return { err: err.text, ended, stop: () => interrupt.abort() }
}

export function runCommandLine(args: readonly string[], place: Place): Promise<Ended> {
  return startCommandLine(args, place).ended
}
