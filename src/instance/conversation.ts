import type { Socket } from 'node:net'

const newline = 0x0a
const maxBytes = 64 * 1024

/** A few messages, one a line, before a connection is handed on to whoever speaks MCP over it. */
export interface Conversation {
  say(message: object): void
  /** @throws {Error} If the other side goes, says nothing for too long, or says what is no message. */
  next(): Promise<Readonly<Record<string, unknown>>>
  /** Ends the talk. What has arrived beyond it is read by the next reader of the socket. */
  release(): void
}

export function converse(socket: Socket, { timeoutMs }: { timeoutMs: number }): Conversation {
  let held = Buffer.alloc(0)
  let failure: Error | undefined
  let wake = () => {}

  // Not by `data`: a socket that was paused would stay so for the next reader.
  const onReadable = () => {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      held = Buffer.concat([held, chunk])
    }
    if (held.length > maxBytes && !held.subarray(0, maxBytes).includes(newline)) fail(new Error('a message is too long'))
    wake()
  }
  const fail = (error: Error) => {
    failure ??= error
    wake()
  }
  const onEnd = () => fail(new Error('the other side has gone'))
  socket.on('readable', onReadable).on('error', fail).on('end', onEnd).on('close', onEnd)

  return {
    say: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    async next() {
      const timer = setTimeout(() => fail(new Error(`the other side said nothing for ${timeoutMs} ms`)), timeoutMs)
      try {
        while (true) {
          const end = held.indexOf(newline)
          if (end !== -1) {
            const line = held.subarray(0, end).toString()
            held = held.subarray(end + 1)
            return parseMessage(line)
          }
          if (failure !== undefined) throw failure
          await new Promise<void>((resolve) => {
            wake = resolve
          })
        }
      } finally {
        clearTimeout(timer)
      }
    },
    release() {
      socket.off('readable', onReadable).off('end', onEnd).off('close', onEnd)
      if (held.length > 0) socket.unshift(held)
      held = Buffer.alloc(0)
    },
  }
}

function parseMessage(line: string): Readonly<Record<string, unknown>> {
  const message: unknown = JSON.parse(line)
  if (typeof message !== 'object' || message === null) throw new Error('a message must be an object')
  return message as Record<string, unknown>
}
