import type { ChildProcessWithoutNullStreams } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'
import { isSpecType, type JSONRPCMessage, type Transport } from '@modelcontextprotocol/client'
import { getDefaultEnvironment } from '@modelcontextprotocol/client/stdio'
import spawn from 'cross-spawn'
import type { Log } from '../log.ts'
import type { StdioTransportOptions } from '../tool.ts'
import { createLineSplitter, type Line } from './byte-lines.ts'
import { streamEndedCode } from './http.ts'
import { isGroupAlive, signalGroup } from './process-group.ts'
import type { Reaper } from './reaper.ts'

export interface StdioOptions {
  server: string
  transport: StdioTransportOptions
  maxMessageBytes: number
  reaper: Reaper
  log: Log
  redact: (text: string) => string
}

/** How long a server may take to end by itself after its input was closed, and again after it was asked to. */
const closeMs = 1000
const terminateMs = 1000
const killMs = 1000
/** A process that was left behind may hold the output open: what the server itself wrote is read within this. */
const drainMs = 100

const stderrLineCharacters = 1000
const stderrWindowMs = 10_000
const stderrWindowLines = 200

/**
 * A server as a child process in a process group of its own, so that what it starts ends with it.
 *
 * It gets the platform's basic variables and the named ones. What it prints that is not a message is skipped and logged.
 * An answer over the limit fails its request and leaves the connection as it is.
 */
export class StdioTransport implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: (message: JSONRPCMessage) => void
  /** How the process ended, when it has: for the error of whoever was waiting. */
  ending: string | undefined

  readonly #options: StdioOptions
  #child: ChildProcessWithoutNullStreams | undefined
  #exited: Promise<void> = Promise.resolve()
  #closing: Promise<void> | undefined
  #closed = false
  #lastWords = ''
  readonly #inbox: JSONRPCMessage[] = []
  #delivering = false

  constructor(options: StdioOptions) {
    this.#options = options
  }

  get pid(): number | undefined {
    return this.#child?.pid
  }

  /** The SDK knows a child process by this and `pid`: silence after its probe then means an older server, not an outage. */
  get stderr(): null {
    return null
  }

  async start(): Promise<void> {
    const { transport, maxMessageBytes, reaper } = this.#options
    const child = spawn(transport.command, transport.args, {
      cwd: transport.cwd,
      env: { ...getDefaultEnvironment(), ...transport.env },
      detached: process.platform !== 'win32',
      windowsHide: true,
    })
    if (child.pid !== undefined) reaper.add(child.pid)
    this.#child = child
    const exit = Promise.withResolvers<void>()
    this.#exited = exit.promise
    child.once('exit', (code, signal) => {
      exit.resolve()
      this.ending = signal ? `was ended by ${signal}` : `exited with code ${code}`
      this.#closing ??= this.#sweep()
    })
    const finish = () => this.#finish()
    child.once('exit', () => setTimeout(finish, drainMs).unref())
    child.once('close', finish)
    child.stdout.on(
      'data',
      createLineSplitter(maxMessageBytes, (line) => this.#receive(line)),
    )
    child.stderr.on('data', createLineSplitter(stderrLineCharacters * 4, this.#stderrLog()))
    for (const stream of [child.stdin, child.stdout, child.stderr]) stream.on('error', (error) => this.onerror?.(error))
    await new Promise<void>((resolve, reject) => {
      child.once('spawn', resolve)
      child.once('error', reject)
    })
    child.on('error', (error) => this.onerror?.(error))
  }

  send(message: JSONRPCMessage): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const stdin = this.#child?.stdin
    if (!stdin?.writable) reject(new Error('The server is not running'))
    else if (stdin.write(`${JSON.stringify(message)}\n`)) resolve()
    else {
      stdin.once('drain', resolve)
      stdin.once('close', resolve)
    }
    return promise
  }

  /** Its input is closed, then it is asked, then it is killed, each with the processes that it started. */
  close(): Promise<void> {
    this.#closing ??= this.#stop()
    return this.#closing
  }

  /** What the process said last on stderr, for messages: one line. */
  get lastWords(): string {
    return this.#lastWords
  }

  async #stop(): Promise<void> {
    this.#child?.stdin.end()
    await this.#gone(closeMs)
    await this.#sweep()
    this.#finish()
  }

  /** Ends what is left of the group, gently first. */
  async #sweep(): Promise<void> {
    const pid = this.#child?.pid
    if (pid === undefined) return
    if (this.#isLeft(pid) && signalGroup(pid, 'SIGTERM')) await this.#gone(terminateMs)
    // Nothing survives this; only the leader is ours to wait for.
    if (this.#isLeft(pid) && signalGroup(pid, 'SIGKILL')) await within(this.#exited, killMs)
    this.#options.reaper.remove(pid)
  }

  async #gone(limitMs: number): Promise<void> {
    const pid = this.#child?.pid
    if (pid === undefined) return
    const until = performance.now() + limitMs
    await within(this.#exited, limitMs)
    // The leader may go before the processes that it started, which tell nobody.
    while (this.#isLeft(pid) && performance.now() < until) await delay(20)
  }

  #isLeft(pid: number): boolean {
    const leaderLeft = this.#child?.exitCode === null && this.#child.signalCode === null
    return leaderLeft || (process.platform !== 'win32' && isGroupAlive(pid))
  }

  #finish(): void {
    if (this.#closed) return
    this.#closed = true
    const child = this.#child
    for (const stream of [child?.stdin, child?.stdout, child?.stderr]) stream?.destroy()
    this.onclose?.()
  }

  #receive(line: Line): void {
    const message = 'text' in line ? this.#parse(line.text) : this.#refuse(line)
    if (message) this.#inbox.push(message)
    if (!this.#delivering && this.#inbox.length > 0) void this.#deliver()
  }

  /** The SDK handles a notification a moment after a result: without a pause, progress before a result would come after it. */
  async #deliver(): Promise<void> {
    this.#delivering = true
    for (let message = this.#inbox.shift(); message; message = this.#inbox.shift()) {
      try {
        this.onmessage?.(message)
      } catch (error) {
        // Whatever a server says, it ends nothing but its own request.
        this.onerror?.(error instanceof Error ? error : new Error(String(error)))
      }
      if ('method' in message) await undefined
    }
    this.#delivering = false
  }

  #parse(text: string): JSONRPCMessage | undefined {
    if (text === '') return undefined
    // Some servers print a prompt or a banner without ending the line.
    const start = text.startsWith('{') ? 0 : text.indexOf('{"')
    try {
      const message: unknown = start === -1 ? undefined : JSON.parse(text.slice(start))
      if (isMessage(message)) return 'method' in message ? message : asAnswer(message)
    } catch {
      // Not a message; told below.
    }
    const { log, server, redact } = this.#options
    log.debug(`Server "${server}" printed something that is not a message`, { text: redact(text.slice(0, 200)) })
    return undefined
  }

  /** An answer over the limit becomes an error of its request; a request's id stands first or last in a message. */
  #refuse({ head, tail, bytes }: { head: string; tail: string; bytes: number }): JSONRPCMessage | undefined {
    const { log, server, maxMessageBytes } = this.#options
    const id = /^\{(?:"jsonrpc":"2\.0",)?"id":(\d+),/.exec(head)?.[1] ?? /,"id":(\d+)(?:,"jsonrpc":"2\.0")?\}\s*$/.exec(tail)?.[1]
    const text = `The answer has ${bytes} bytes, the limit is ${maxMessageBytes}`
    log.warn(`Server "${server}" sent a message that is too large`, { bytes, limit: maxMessageBytes })
    const isRequest = /^\{(?:"jsonrpc":"2\.0",)?(?:"id":\d+,)?"method"/.test(head)
    return id === undefined || isRequest ? undefined : { jsonrpc: '2.0', id: Number(id), error: { code: -32603, message: text } }
  }

  #stderrLog(): (line: Line) => void {
    const { log, server, redact } = this.#options
    let windowStart = 0
    let lines = 0
    return (line) => {
      const text = redact(('text' in line ? line.text : `${line.head}…`).slice(0, stderrLineCharacters))
      if (text !== '') this.#lastWords = text.slice(0, 300)
      const now = performance.now()
      if (now - windowStart > stderrWindowMs) {
        if (lines > stderrWindowLines) log.debug(`${server}: ${lines - stderrWindowLines} more lines were left out`)
        windowStart = now
        lines = 0
      }
      lines += 1
      if (lines <= stderrWindowLines) log.debug(`${server}: ${text}`)
    }
  }
}

async function within(work: Promise<void>, limitMs: number): Promise<void> {
  const over = new AbortController()
  await Promise.race([work, delay(limitMs, undefined, { signal: over.signal }).catch(() => undefined)])
  over.abort()
}

function isMessage(value: unknown): value is JSONRPCMessage {
  return typeof value === 'object' && value !== null && 'jsonrpc' in value && value.jsonrpc === '2.0'
}

/** The SDK passes over an answer that MCP does not know, and its request would wait for nothing. */
function asAnswer(message: JSONRPCMessage): JSONRPCMessage {
  if (isSpecType.JSONRPCResponse(message)) return message
  const { id, result } = message as { id?: unknown; result?: unknown }
  const bare = { jsonrpc: '2.0', id, result }
  if (isSpecType.JSONRPCResponse(bare)) return bare
  const error = { code: streamEndedCode, message: 'the answer is neither a result nor an error as MCP knows them' }
  return { jsonrpc: '2.0', id: id as number, error }
}
