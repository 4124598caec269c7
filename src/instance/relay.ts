import { closeSync, openSync, readSync, statSync } from 'node:fs'
import type { Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { createSplitter } from './control.ts'
import { createRequestWatch } from './request-watch.ts'

export interface RelayOptions {
  readonly socket: Socket
  readonly stdin: Readable
  readonly stdout: Writable
  readonly stderr: Writable
  /** Aborts when whoever started this process wants it to end. */
  readonly signal: AbortSignal
  readonly pid: number
  /** Where the instance's last words stand, if it crashes. */
  readonly log: string
  /** The handshake that the client has its answer to already: it gets no other, whatever becomes of the instance. */
  readonly answered?: string | number | undefined
}

/** JSON-RPC leaves this range to implementations. */
const instanceGone = -32_000

/**
 * Passes bytes between a client and its instance until one of them goes, and gives the code with which to end.
 *
 * A client that goes closes its own connection and nothing else. When the instance goes, each request that it has
 * not answered gets an error, and the process ends with a code that makes its client start it again.
 */
export function relay({ socket, stdin, stdout, stderr, signal, pid, log, answered }: RelayOptions): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const requests = createRequestWatch()
  let leaving = false
  let over = false
  let exit: { code: number; reason: string } | undefined

  const splitter = createSplitter(
    (bytes) => {
      if (!stdout.write(bytes)) socket.pause()
    },
    (control) => {
      if (control.kind === 'log') stderr.write(`${control.line}\n`)
      else if (control.kind === 'answer') requests.answered(control.id)
      else if (control.kind === 'exit') exit = control
    },
  )

  const send = (bytes: Buffer) => {
    if (!socket.write(bytes)) stdin.pause()
    // Once they are on their way: the instance works meanwhile.
    requests.sent(bytes)
  }
  /** Nothing more comes from the client: the instance ends what belongs to this connection, then its side of it. */
  const leave = () => {
    leaving = true
    stdin.off('data', send)
    socket.end()
  }
  const finish = () => {
    if (over) return
    over = true
    signal.removeEventListener('abort', leave)
    stdin.off('data', send)
    stdin.destroy()
    if (leaving) return resolve(exit?.code ?? 0)
    const reason = exit?.reason ?? `the instance of Signalbox (process ${pid}) has ended unexpectedly`
    if (splitter.isCut()) stdout.write('\n')
    for (const id of requests.open()) {
      if (id === JSON.stringify(answered)) continue
      stdout.write(`{"jsonrpc":"2.0","id":${id},"error":{"code":${instanceGone},"message":${JSON.stringify(reason)}}}\n`)
    }
    stderr.write(`signalbox: ${reason}\n${exit === undefined ? lastWords(log) : ''}`)
    resolve(exit?.code ?? 1)
  }

  stdout.on('drain', () => socket.resume())
  // A client that reads no more is a client that has gone.
  stdout.on('error', () => {
    leaving = true
    socket.destroy()
  })
  stdin.on('error', leave)
  stdin.once('end', leave)
  stdin.once('close', leave)
  socket.on('data', (chunk) => splitter.write(chunk))
  socket.on('error', () => undefined)
  socket.once('end', () => {
    socket.end()
    finish()
  })
  socket.once('close', finish)
  if (signal.aborted || stdin.readableEnded || stdin.destroyed) leave()
  signal.addEventListener('abort', leave, { once: true })
  socket.on('drain', () => stdin.resume())
  // What a client said that is on its way out reaches nobody.
  if (!leaving) stdin.on('data', send)
  return promise
}

const lastBytes = 4096

function lastWords(path: string): string {
  try {
    const file = openSync(path, 'r')
    try {
      const buffer = Buffer.alloc(lastBytes)
      const length = readSync(file, buffer, 0, lastBytes, Math.max(0, statSync(path).size - lastBytes))
      return buffer.toString('utf8', 0, length)
    } finally {
      closeSync(file)
    }
  } catch {
    return ''
  }
}
