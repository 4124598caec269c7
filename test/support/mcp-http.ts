import type { Config } from '../../src/config/config.ts'
import { type HttpDoor, type ServeHttpOptions, serveHttp } from '../../src/http/serve.ts'
import { type FakeSignalbox, fakeSignalbox } from './fake-signalbox.ts'

export interface HttpFixture extends HttpDoor {
  readonly box: FakeSignalbox
  readonly logged: string[]
}

/** The fake Signalbox over HTTP on a free port. */
export async function startHttp({
  http,
  box = fakeSignalbox(),
  ...options
}: { http?: Partial<Config['http']>; box?: FakeSignalbox } & Partial<ServeHttpOptions> = {}): Promise<HttpFixture> {
  const logged: string[] = []
  const record = (message: string, facts?: object) => void logged.push(`${message} ${JSON.stringify(facts)}`)
  const log = { debug: record, info: record, warn: record, error: record }
  const config = {
    http: { port: 0, host: '127.0.0.1', token: undefined, tokens: [], oauth: undefined, allowedHosts: [], ...http },
    profiles: { narrow: { tools: [], servers: [] } },
  }
  const door = await serveHttp(box, config, { log, ...options })
  return {
    url: door.url,
    box,
    logged,
    async close() {
      await door.close()
      await box.close()
    },
  }
}

const envelope = {
  'io.modelcontextprotocol/protocolVersion': '2026-07-28',
  'io.modelcontextprotocol/clientInfo': { name: 'raw', version: '1' },
}

/** One request of 2026-07-28, written by hand. */
export function modernRequest(
  url: string,
  method: string,
  params: Record<string, unknown> = {},
  { headers = {}, capabilities = {}, signal }: { headers?: Record<string, string>; capabilities?: object; signal?: AbortSignal } = {},
): Promise<Response> {
  const name = params['name'] ?? params['uri'] ?? params['taskId']
  return fetch(url, {
    method: 'POST',
    signal: signal ?? null,
    headers: {
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': method,
      ...(typeof name === 'string' && { 'mcp-name': name }),
      ...headers,
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method,
      params: {
        ...params,
        _meta: { ...envelope, 'io.modelcontextprotocol/clientCapabilities': capabilities, ...(params['_meta'] as object) },
      },
    }),
  })
}

/** As much of any answer as the tests look at. */
export interface Answer {
  result: {
    content: { type: string; text: string }[]
    isError?: boolean
    structuredContent: { principal: string; said?: string }
    tools: { name: string }[]
    requestState: string
    resultType: string
    taskId: string
    status: string
    result: Answer['result']
  }
  error: { code: number; message: string; data?: object }
}

/** The last JSON-RPC message of a response, whether it came as JSON or as a stream of events. */
export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text()
  const last = text
    .split('\n')
    .filter((line) => line.startsWith('data:'))
    .at(-1)
  return JSON.parse(last === undefined ? text : last.slice(5))
}
