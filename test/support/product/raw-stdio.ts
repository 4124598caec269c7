import type { Home } from './home.ts'
import { type Program, startProgram } from './program.ts'

export interface JsonRpc {
  id?: number
  method?: string
  params?: Record<string, unknown>
  result?: Record<string, unknown>
  error?: { code: number; message: string }
}

/** The stdio server, spoken to line by line: what a client library would hide is seen. */
export interface RawStdio {
  readonly program: Program
  request(method: string, params?: Record<string, unknown>): Promise<JsonRpc>
  notify(method: string, params?: Record<string, unknown>): void
  call(name: string, args: Record<string, unknown>): Promise<ToolResult>
}

export interface ToolResult {
  content: { type: string; text?: string; data?: string; mimeType?: string }[]
  structuredContent?: Record<string, unknown>
  isError?: boolean
}

interface OpenOptions {
  readonly alone?: boolean
  readonly capabilities?: Record<string, unknown>
}

/** Starts the stdio server and opens it in the era of 2025-11-25. `alone` runs it in the process that is started. */
export async function openRawStdio(home: Home, { alone = false, capabilities = {} }: OpenOptions = {}): Promise<RawStdio> {
  const program = startProgram(home, ['serve', '--stdio', ...(alone ? ['--no-share'] : [])])
  const waiting = new Map<number, (message: JsonRpc) => void>()
  let lastId = 0
  const read = async () => {
    while (true) {
      const message = JSON.parse(await program.nextLine()) as JsonRpc
      if (message.id === undefined || message.method !== undefined) continue
      waiting.get(message.id)?.(message)
      waiting.delete(message.id)
    }
  }
  const over = read()
  over.catch(() => undefined)
  const send = (message: JsonRpc) => program.child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`)

  const raw: RawStdio = {
    program,
    async request(method, params = {}) {
      lastId += 1
      const { promise, resolve } = Promise.withResolvers<JsonRpc>()
      waiting.set(lastId, resolve)
      send({ id: lastId, method, params })
      return Promise.race([promise, over])
    },
    notify: (method, params = {}) => void send({ method, params }),
    async call(name, args) {
      const { result, error } = await raw.request('tools/call', { name, arguments: args })
      if (error !== undefined) throw new Error(`${name}: ${error.message}`)
      return result as unknown as ToolResult
    },
  }
  await raw.request('initialize', { protocolVersion: '2025-11-25', capabilities, clientInfo: { name: 'raw', version: '1' } })
  raw.notify('notifications/initialized')
  return raw
}
