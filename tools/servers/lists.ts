import {
  CLIENT_CAPABILITIES_META_KEY,
  type Client,
  isSpecType,
  type JSONRPCMessage,
  ProtocolError,
  type StandardSchemaV1,
  type Transport,
} from '@modelcontextprotocol/client'
import { asObject, type Definition, type Listing } from '../definitions.ts'
import type { RawResult } from '../tool.ts'
import { relayable } from './capabilities.ts'

/** Our own limits know pauses, so the SDK's is out of the way. */
export const noTimeout = 2 ** 31 - 1
/** Against a server whose pages never end. */
const maxPages = 500

/** Results are passed on as they came. The SDK has checked those of 2026-07-28 before this. */
export const asReceived: StandardSchemaV1<unknown, RawResult> = {
  '~standard': {
    version: 1,
    vendor: 'signalbox',
    validate: (value) => {
      const result = asObject(value)
      return result ? { value: result } : { issues: [{ message: 'the result is not an object' }] }
    },
  },
}

export interface ReadOptions {
  serves: Record<string, unknown>
  overHttp: boolean
  signal: AbortSignal
  /** A kind besides tools that cannot be listed. */
  onFailed: (method: string, error: unknown) => void
}

/** Each kind that the server serves, all pages. Only tools that cannot be listed are an error. */
export async function readLists(client: Client, { serves, overHttp, signal, onFailed }: ReadOptions): Promise<Listing> {
  const read = (kind: string, method: string, key: string) => (serves[kind] === undefined ? [] : readAll(client, method, key, signal))
  const readOrNothing = async (kind: string, method: string, key: string) => {
    try {
      return await read(kind, method, key)
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof ProtocolError && error.code === -32601)) onFailed(method, error)
      return []
    }
  }
  const [tools, prompts, resources, templates] = await Promise.all([
    read('tools', 'tools/list', 'tools'),
    readOrNothing('prompts', 'prompts/list', 'prompts'),
    readOrNothing('resources', 'resources/list', 'resources'),
    readOrNothing('resources', 'resources/templates/list', 'resourceTemplates'),
  ])
  return { tools: overHttp ? await withoutBadHeaders(client, tools) : tools, prompts, resources, templates }
}

async function readAll(client: Client, method: string, key: string, signal: AbortSignal): Promise<Definition[]> {
  const envelope = client.getProtocolEra() === 'modern' ? { _meta: { [CLIENT_CAPABILITIES_META_KEY]: relayable } } : {}
  const items: Definition[] = []
  const seen = new Set<unknown>()
  let cursor: unknown
  do {
    seen.add(cursor)
    const params = cursor === undefined ? envelope : { ...envelope, cursor }
    const page = await client.request({ method, params }, asReceived, { signal, timeout: noTimeout })
    if (!Array.isArray(page[key])) throw new TypeError(`${method} answered without "${key}"`)
    items.push(...(page[key] as Definition[]))
    cursor = page['nextCursor']
  } while (typeof cursor === 'string' && !seen.has(cursor) && seen.size < maxPages)
  return items
}

/** Of 2026-07-28 over HTTP: a tool whose `x-mcp-header` is not valid must be left out. The SDK knows the rules; it is asked only then. */
async function withoutBadHeaders(client: Client, tools: Definition[]): Promise<Definition[]> {
  if (client.getProtocolEra() !== 'modern' || !tools.some((tool) => usesHeaders(asObject(tool['inputSchema'])))) return tools
  const listed = await client.listTools(undefined, { cacheMode: 'bypass' })
  const valid = new Set(listed.tools.map(({ name }) => name))
  return tools.filter(({ name }) => valid.has(String(name)))
}

const headerUse = new WeakMap<object, boolean>()

/** Whether some arguments of a tool have to stand in HTTP headers too. */
export function usesHeaders(inputSchema: Record<string, unknown> | undefined): boolean {
  if (!inputSchema) return false
  const known = headerUse.get(inputSchema) ?? JSON.stringify(inputSchema).includes('"x-mcp-header"')
  headerUse.set(inputSchema, known)
  return known
}

const itemTypes = {
  tools: isSpecType.Tool,
  prompts: isSpecType.Prompt,
  resources: isSpecType.Resource,
  resourceTemplates: isSpecType.ResourceTemplate,
} as const

/** Takes single bad items out of lists: for one of them the SDK would refuse the whole list. */
export function dropMalformedItems(transport: Transport, onDropped: (kind: string, name: string) => void): void {
  const deliver = transport.onmessage?.bind(transport)
  transport.onmessage = (message: JSONRPCMessage) => {
    const result = 'result' in message ? asObject(message.result) : undefined
    if (result && !('content' in result)) keepValidItems(result, onDropped)
    deliver?.(message)
  }
}

function keepValidItems(result: Record<string, unknown>, onDropped: (kind: string, name: string) => void): void {
  for (const [kind, isValid] of Object.entries(itemTypes)) {
    const items = result[kind]
    if (!Array.isArray(items)) continue
    result[kind] = items.filter((item) => {
      const valid = isValid(item)
      if (!valid) onDropped(kind, String(asObject(item)?.['name'] ?? '?'))
      return valid
    })
  }
}
