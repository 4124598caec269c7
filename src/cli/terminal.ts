import { homedir } from 'node:os'
import type { Readable, Writable } from 'node:stream'
import type { OpenSignalbox } from './open-box.ts'

/** Where a command runs: everything that it takes from the process, so that tests can give it something else. */
export interface Terminal {
  readonly stdin: Readable & { readonly isTTY?: boolean | undefined }
  /** Data, and nothing else. */
  readonly stdout: Writable & { readonly isTTY?: boolean | undefined }
  /** Everything that is not data: log lines, questions, progress, errors. */
  readonly stderr: Writable & { readonly isTTY?: boolean | undefined }
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  readonly home: string
  readonly platform: NodeJS.Platform
  /** How this program was started: the Node binary, and the file that it ran. */
  readonly program: { readonly node: string; readonly script: string }
  /** Aborts when the person wants to stop (Ctrl-C), or whoever started the process does. */
  readonly signal: AbortSignal
  readonly openSignalbox: OpenSignalbox
  /** Why the client over stdio has no instance that others may share. */
  readonly alone?: string | undefined
  /** The handshake that the client over stdio has its answer to already. */
  readonly answered?: string | number | undefined
}

/** The process itself as a terminal. The first SIGINT, SIGTERM or SIGHUP asks the command to end, a second one does not ask. */
export function processTerminal(openSignalbox: OpenSignalbox): Terminal {
  const controller = new AbortController()
  const stop = (name: string) => {
    if (controller.signal.aborted) process.exit(1)
    controller.abort(new InterruptedError(name))
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop(name))
  // A reader that has seen enough (`| head`) is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
  })
  return {
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    cwd: process.cwd(),
    home: homedir(),
    platform: process.platform,
    program: { node: process.execPath, script: process.argv[1] ?? '' },
    signal: controller.signal,
    openSignalbox,
  }
}

export class InterruptedError extends Error {
  override readonly name = 'InterruptedError'

  constructor(signal: string) {
    super(`Interrupted (${signal})`)
  }
}
