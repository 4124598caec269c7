import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PassThrough, Readable, Writable } from 'node:stream'
import { z } from 'zod'
import type { CallContext } from '../../src/caller.ts'
import { runProgram } from '../../src/cli/program.ts'
import type { Terminal } from '../../src/cli/terminal.ts'
import type { Config } from '../../src/config/config.ts'
import type { Operation, OperationResult } from '../../src/operations/operation.ts'
import type { Signalbox } from '../../src/signalbox.ts'
import { offTracer } from '../../src/telemetry/tracer.ts'
import type { ToolHost } from '../../tools/tool.ts'
import type { ConfigFolders } from './config-folders.ts'

export interface TerminalOptions {
  /** Lines that a person types, one a question; makes all three streams a terminal. */
  typed?: readonly string[] | undefined
  /** What comes through a pipe on stdin. */
  piped?: string | undefined
  env?: Record<string, string> | undefined
  signal?: AbortSignal | undefined
  openSignalbox?: Terminal['openSignalbox'] | undefined
}

export interface RecordedTerminal extends Terminal {
  readonly out: () => string
  readonly err: () => string
}

/** A terminal on a machine in temporary folders, which records what is written to it. */
export function recordedTerminal(folders: ConfigFolders, options: TerminalOptions = {}): RecordedTerminal {
  const { typed, piped = '', env = {}, signal = new AbortController().signal } = options
  const out = recorder()
  const err = recorder()
  const script = join(folders.root, 'program', 'bin', 'signalbox.js')
  mkdirSync(join(folders.root, 'program', 'bin'), { recursive: true })
  writeFileSync(script, '')
  return {
    stdin: typed === undefined ? Readable.from([piped]) : typing(typed, err.stream),
    stdout: Object.assign(out.stream, typed === undefined ? {} : { isTTY: true }),
    stderr: Object.assign(err.stream, typed === undefined ? {} : { isTTY: true }),
    env: { ...folders.surroundings.env, ...env },
    cwd: folders.project,
    home: folders.home,
    platform: folders.surroundings.platform ?? 'linux',
    program: { node: process.execPath, script },
    signal,
    openSignalbox: options.openSignalbox ?? (() => Promise.reject(new Error('This command opens no Signalbox'))),
    out: out.text,
    err: err.text,
  }
}

/** Runs a command line, and gives all that came of it. */
export async function runLine(folders: ConfigFolders, line: readonly string[], options: TerminalOptions = {}) {
  const terminal = recordedTerminal(folders, options)
  const code = await runProgram(line, terminal)
  return { code, out: terminal.out(), err: terminal.err() }
}

export interface ScriptedSignalbox {
  readonly open: Terminal['openSignalbox']
  /** Inputs by operation, in order. */
  readonly asked: { operation: string; input: Record<string, unknown>; context: CallContext }[]
  readonly closed: () => number
  readonly configs: Config[]
}

type Answer = (input: Record<string, unknown>, context: CallContext) => OperationResult | Promise<OperationResult>

/** A Signalbox whose operations answer as told. */
export function scriptedSignalbox(
  answers: Record<string, Answer>,
  { host = {}, resume }: { host?: Partial<ToolHost>; resume?: Signalbox['resume'] } = {},
): ScriptedSignalbox {
  const asked: ScriptedSignalbox['asked'] = []
  const configs: Config[] = []
  let closed = 0
  const operations = Object.entries(answers).map(
    ([name, answer]): Operation => ({
      name,
      title: name,
      description: name,
      input: name === 'strict' ? z.strictObject({}) : z.looseObject({}),
      annotations: { readOnlyHint: true, openWorldHint: false },
      async run(input: Record<string, unknown>, context) {
        asked.push({ operation: name, input, context })
        return answer(input, context)
      },
    }),
  )
  const signalbox: Pick<Signalbox, 'version' | 'operations' | 'host' | 'exampleNeeds' | 'resume' | 'settled' | 'tracer' | 'close'> = {
    version: '0',
    operations: () => operations,
    host: {
      servers: () => [],
      pins: () => [],
      settled: async () => undefined,
      catalogue: () => ({ tools: [], prompts: [], resources: [], templates: [], hash: '' }),
      ...host,
    } as ToolHost,
    exampleNeeds: () => [],
    tracer: offTracer,
    settled: async () => undefined,
    resume: resume ?? (() => Promise.reject(new Error('Nothing is parked'))),
    async close() {
      closed++
    },
  }
  return {
    asked,
    configs,
    closed: () => closed,
    async open(config) {
      configs.push(config)
      return signalbox as Signalbox
    },
  }
}

/** What an operation answers, with fields and text. */
export function answered(structured: Record<string, unknown>, text = JSON.stringify(structured)): OperationResult {
  return { kind: 'done', content: [{ type: 'text', text }], structured }
}

/** A stream that keeps what is written to it. */
export function recorder(): { stream: Writable; text: () => string } {
  const chunks: string[] = []
  const stream = new Writable({
    decodeStrings: false,
    write(chunk: string | Buffer, _encoding, done) {
      chunks.push(String(chunk))
      done()
    },
  })
  return { stream, text: () => chunks.join('') }
}

/** Types the next line whenever a question stands on the terminal. */
function typing(lines: readonly string[], terminal: Writable): Terminal['stdin'] {
  const stdin = Object.assign(new PassThrough(), { isTTY: true })
  const left = [...lines]
  const write = terminal.write.bind(terminal)
  terminal.write = ((chunk: string, ...rest: []) => {
    if (/(\[y\/N\]|:) $/.test(String(chunk))) {
      const line = left.shift()
      setImmediate(() => (line === undefined ? stdin.end() : stdin.write(`${line}\n`)))
    }
    return write(chunk, ...rest)
  }) as typeof terminal.write
  return stdin
}
