import { version } from '../version.ts'
import { instructions } from './instructions.ts'

/*
 * What each client is told first. It depends on nothing but the version of the program, so that a process can tell it before it has
 * loaded anything: this file imports neither the SDK nor what reads a schema.
 */

export const serverInfo = { name: 'signalbox', title: 'Signalbox', version }

/** The Tasks extension: a run, seen through the protocol's own handle. */
export const tasksExtension = 'io.modelcontextprotocol/tasks'

export type Era = 'legacy' | 'modern'

export function capabilitiesOf(era: Era) {
  return {
    tools: { listChanged: true },
    prompts: { listChanged: true },
    resources: { listChanged: true, subscribe: true },
    completions: {},
    logging: {},
    ...(era === 'modern' && { extensions: { [tasksExtension]: {} } }),
  }
}

/** Lists differ by what a principal may see, and change only with the configuration or a direct server. */
export const listHint = { ttlMs: 60_000, cacheScope: 'private' } as const

/** Of the eras that begin with `initialize`, the versions that are answered as they are asked for. */
const legacyVersions: readonly unknown[] = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05', '2024-10-07']
const modernVersion = '2026-07-28'
const envelope = 'io.modelcontextprotocol/'

export interface Greeted {
  /** Of the request, which whoever takes the client up reads as well and does not answer again. */
  readonly id: string | number
  /** The whole answer, a line. */
  readonly answer: string
}

/**
 * Answers the first line of a client, as the server would. `undefined` for everything that is no plain handshake: the server may see
 * in it what nobody sees here.
 */
export function answerHandshake(line: string): Greeted | undefined {
  let message: unknown
  try {
    message = JSON.parse(line)
  } catch {
    return undefined
  }
  if (!isObject(message) || message['jsonrpc'] !== '2.0' || !isObject(message['params'])) return undefined
  const { id, method, params } = message
  if (typeof id !== 'string' && !Number.isSafeInteger(id)) return undefined
  const result = method === 'initialize' ? initialized(params) : method === 'server/discover' ? discovered(params) : undefined
  return result && { id: id as string | number, answer: `${JSON.stringify({ result, jsonrpc: '2.0', id })}\n` }
}

function initialized(params: Record<string, unknown>): object | undefined {
  const { protocolVersion, capabilities, clientInfo, ...rest } = params
  if (!legacyVersions.includes(protocolVersion) || Object.keys(rest).length > 0) return undefined
  if (!areCapabilities(capabilities) || !isClient(clientInfo)) return undefined
  return { protocolVersion, capabilities: capabilitiesOf('legacy'), serverInfo, instructions }
}

function discovered({ _meta: meta, ...rest }: Record<string, unknown>): object | undefined {
  if (!isObject(meta) || Object.keys(rest).length > 0) return undefined
  const {
    [`${envelope}protocolVersion`]: asked,
    [`${envelope}clientCapabilities`]: capabilities,
    [`${envelope}clientInfo`]: client,
    ...more
  } = meta
  if (asked !== modernVersion || !areCapabilities(capabilities) || Object.keys(more).length > 0) return undefined
  if (client !== undefined && !isClient(client)) return undefined
  return {
    supportedVersions: [modernVersion],
    capabilities: capabilitiesOf('modern'),
    instructions,
    resultType: 'complete',
    ...listHint,
    _meta: { [`${envelope}serverInfo`]: serverInfo },
  }
}

function isClient(value: unknown): boolean {
  if (!isObject(value) || Object.keys(value).some((key) => key !== 'name' && key !== 'title' && key !== 'version')) return false
  const { name, title = '', version: number } = value
  return typeof name === 'string' && typeof title === 'string' && typeof number === 'string'
}

/** Each capability holds objects, but for the one that holds a yes or no; what is in those is for whoever declares it. */
function areCapabilities(value: unknown): boolean {
  return isObject(value) && Object.values(value).every((one) => isObject(one) && Object.entries(one).every(isPlain))
}

function isPlain([name, value]: readonly [string, unknown]): boolean {
  return name === 'listChanged' ? typeof value === 'boolean' : isObject(value)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
