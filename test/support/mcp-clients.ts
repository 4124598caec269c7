import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as V1StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as V1HttpClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import { compiled } from './compiled.ts'

/** Where a client connects to: a program over stdio, or a URL with the headers of each request. */
export type Target =
  | { command: string; args: readonly string[]; env?: Record<string, string> }
  | { url: string; headers?: Record<string, string> }

export type Sdk = 'v1' | 'v2 legacy' | 'v2 modern'
export const sdks: readonly Sdk[] = ['v1', 'v2 legacy', 'v2 modern']

export type Answer = (message: string) => { action: 'accept' | 'decline' | 'cancel'; content?: Record<string, string | number | boolean> }

/** What the tests need of any client. */
export interface AnyClient {
  listTools(): Promise<{ name: string; inputSchema: Record<string, unknown>; outputSchema?: Record<string, unknown> }[]>
  callTool(
    params: { name: string; arguments?: Record<string, unknown> },
    options?: { signal?: AbortSignal; onprogress?: (progress: { progress: number }) => void },
  ): Promise<{ content: { type: string; text?: string }[]; structuredContent?: unknown; isError?: boolean }>
  serverName(): string | undefined
  close(): Promise<void>
  readonly raw: Client | V1Client
}

const info = { name: 'test-client', version: '1.2.3' }

export async function connectClient(
  sdk: Sdk,
  target: Target,
  options: { answer?: Answer; extensions?: Record<string, object> } = {},
): Promise<AnyClient> {
  return sdk === 'v1' ? connectV1(target, options.answer) : connectV2(target, sdk === 'v2 modern', options)
}

async function connectV1(target: Target, answer: Answer | undefined): Promise<AnyClient> {
  const client = new V1Client(info, { capabilities: answer === undefined ? {} : { elicitation: {} } })
  if (answer !== undefined) client.setRequestHandler(ElicitRequestSchema, ({ params }) => answer(params.message))
  const transport =
    'url' in target
      ? new V1HttpClientTransport(new URL(target.url), { requestInit: { headers: target.headers ?? {} } })
      : new V1StdioClientTransport({ command: target.command, args: [...target.args], env: { ...compiled, ...target.env }, stderr: 'pipe' })
  await client.connect(transport as Parameters<V1Client['connect']>[0])
  return {
    raw: client,
    listTools: async () => (await client.listTools()).tools as Awaited<ReturnType<AnyClient['listTools']>>,
    callTool: async (params, given) => (await client.callTool(params, undefined, given)) as Awaited<ReturnType<AnyClient['callTool']>>,
    serverName: () => client.getServerVersion()?.name,
    async close() {
      if (transport instanceof V1HttpClientTransport) await transport.terminateSession()
      await client.close()
    },
  }
}

async function connectV2(
  target: Target,
  modern: boolean,
  { answer, extensions }: { answer?: Answer; extensions?: Record<string, object> },
): Promise<AnyClient> {
  const capabilities = { ...(answer !== undefined && { elicitation: { form: {} } }), ...(extensions !== undefined && { extensions }) }
  const client = new Client(info, {
    capabilities: capabilities as object,
    versionNegotiation: { mode: modern ? { pin: '2026-07-28' } : 'legacy' },
  })
  if (answer !== undefined) client.setRequestHandler('elicitation/create', ({ params }) => answer(params.message))
  const transport =
    'url' in target
      ? new StreamableHTTPClientTransport(new URL(target.url), { requestInit: { headers: target.headers ?? {} } })
      : new StdioClientTransport({ command: target.command, args: [...target.args], env: { ...compiled, ...target.env }, stderr: 'pipe' })
  await client.connect(transport)
  return {
    raw: client,
    listTools: async () => (await client.listTools()).tools as Awaited<ReturnType<AnyClient['listTools']>>,
    callTool: async (params, given) => (await client.callTool(params, given)) as Awaited<ReturnType<AnyClient['callTool']>>,
    serverName: () => client.getServerVersion()?.name,
    async close() {
      if (transport instanceof StreamableHTTPClientTransport && !modern) await transport.terminateSession()
      await client.close()
    },
  }
}
