import { connect, type Socket } from 'node:net'

/** One answer as it came off the wire. Times are of `performance.now()`. */
export interface WireAnswer {
  readonly status: number
  readonly body: string
  /** When the request was handed to the socket. */
  readonly sentAt: number
  /** When the first bytes came in which `watch` is. */
  readonly watchedAt: number | undefined
  readonly endedAt: number
}

/**
 * A client that keeps one connection and does next to nothing beside: the request is bytes that were made before, the answer is
 * cut at its length or its last chunk. What `node:http` or `fetch` would spend on each request would be most of what is measured.
 */
export interface Connection {
  /** One request at a time. @throws {Error} When the connection ends before the answer does; the next request opens a new one. */
  send(request: Buffer, watch?: Buffer): Promise<WireAnswer>
  close(): void
}

export function openConnection(port: number): Connection {
  let socket: Socket | undefined
  let take: ((chunk: Buffer) => void) | undefined
  let fail: ((error: Error) => void) | undefined

  function opened(): Socket {
    if (socket !== undefined) return socket
    const next = connect({ port, host: '127.0.0.1', noDelay: true })
    const gone = (error?: Error) => {
      if (socket === next) socket = undefined
      fail?.(error ?? new Error('The connection ended before the answer'))
    }
    next.on('data', (chunk: Buffer) => take?.(chunk))
    next.once('error', gone)
    next.once('close', () => gone())
    socket = next
    return next
  }

  return {
    send(request, watch) {
      const { promise, resolve, reject } = Promise.withResolvers<WireAnswer>()
      const reader = createReader()
      let watchedAt: number | undefined
      const sentAt = performance.now()
      fail = (error) => {
        take = fail = undefined
        reject(error)
      }
      let tail: Buffer = Buffer.alloc(0)
      const look = (chunk: Buffer) => {
        if (watch === undefined || watchedAt !== undefined) return
        tail = Buffer.concat([tail.subarray(-watch.length), chunk])
        if (tail.includes(watch)) watchedAt = performance.now()
      }
      take = (chunk) => {
        look(chunk)
        const done = reader.take(chunk)
        if (done === undefined) return
        take = fail = undefined
        if (done.close) {
          socket?.destroy()
          socket = undefined
        }
        resolve({ status: done.status, body: done.body, sentAt, watchedAt, endedAt: performance.now() })
      }
      opened().write(request)
      return promise
    },
    close() {
      socket?.destroy()
      socket = undefined
    },
  }
}

interface Read {
  readonly status: number
  readonly body: string
  readonly close: boolean
}

/** Reads one answer with a Content-Length or in chunks; nobody that is measured sends another kind. */
function createReader(): { take(chunk: Buffer): Read | undefined } {
  let buffer: Buffer = Buffer.alloc(0)
  let head: { status: number; length: number | undefined; close: boolean } | undefined
  const parts: Buffer[] = []

  function readHead(): boolean {
    const end = buffer.indexOf('\r\n\r\n')
    if (end < 0) return false
    const text = buffer.toString('latin1', 0, end)
    const length = /^content-length: *(\d+)/im.exec(text)?.[1]
    if (length === undefined && !/^transfer-encoding: *chunked/im.test(text)) throw new Error(`Cannot tell where this answer ends: ${text}`)
    head = {
      status: Number(text.slice(9, 12)),
      length: length === undefined ? undefined : Number(length),
      close: /^connection: *close/im.test(text),
    }
    buffer = buffer.subarray(end + 4)
    return true
  }

  /** True once the last chunk and the empty line after it are there. */
  function readChunks(): boolean {
    while (true) {
      const line = buffer.indexOf('\r\n')
      if (line < 0) return false
      const size = Number.parseInt(buffer.toString('latin1', 0, line), 16)
      if (buffer.length < line + 2 + size + 2) return false
      if (size === 0) return true
      parts.push(buffer.subarray(line + 2, line + 2 + size))
      buffer = buffer.subarray(line + 2 + size + 2)
    }
  }

  return {
    take(chunk) {
      buffer = buffer.length === 0 ? chunk : Buffer.concat([buffer, chunk])
      if (head === undefined && !readHead()) return undefined
      if (head === undefined) return undefined
      const { status, length, close } = head
      if (length === undefined) return readChunks() ? { status, body: Buffer.concat(parts).toString('utf8'), close } : undefined
      return buffer.length < length ? undefined : { status, body: buffer.toString('utf8', 0, length), close }
    },
  }
}
