import { Client, type ClientCapabilities, ProtocolError, SdkError, SdkErrorCode } from '@modelcontextprotocol/client'
import { asObject } from '../definitions.ts'
import type { InputRequest } from '../tool.ts'
import { NobodyAnswersError } from './caller.ts'
import { createConnection, type OpenLine } from './client-connection.ts'
import { type Connection, type ConnectOptions, StartError } from './connection.ts'
import { createDeadline } from './deadline.ts'
import { explainStart } from './failures.ts'
import { createHttpTransport } from './http.ts'
import { dropMalformedItems, noTimeout } from './lists.ts'
import { StdioTransport } from './stdio.ts'

/** @throws {StartError} Or the reason of the signal. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const { startMs } = options.limits
  const deadline = createDeadline({ quietMs: startMs, totalMs: startMs })
  deadline.resume()
  const attempt = { ...options, signal: AbortSignal.any([deadline.signal, options.signal]) }
  let line = openLine(options)
  try {
    const client = await open(line, attempt).catch((error: unknown) => {
      // Some servers of 2025 end when anything comes before `initialize`: they get a second life without the probe.
      if (!isClosedByProbe(error) || options.transport.kind !== 'stdio' || attempt.signal.aborted) throw error
      line = openLine(options)
      return open(line, { ...attempt, knownLegacy: true })
    })
    return createConnection(client, line, options)
  } catch (error) {
    await line.transport.close().catch(() => undefined)
    options.signal.throwIfAborted()
    const command = options.transport.kind === 'stdio' ? options.transport.command : undefined
    const failure = { ...options, command, mayLogIn: options.login !== undefined, lastWords: line.lastWords(), ending: line.ending() }
    throw new StartError(explainStart(deadline.signal.aborted ? deadline.signal.reason : error, failure), { cause: error })
  } finally {
    deadline.dispose()
  }
}

function openLine({ server, transport, login, limits, reaper, log, redact }: ConnectOptions): OpenLine {
  const { maxMessageBytes } = limits
  if (transport.kind === 'http') {
    return {
      transport: createHttpTransport({ transport, login, maxMessageBytes }),
      pid: () => undefined,
      ending: () => undefined,
      lastWords: () => '',
    }
  }
  const stdio = new StdioTransport({ server, transport, maxMessageBytes, reaper, log, redact })
  return { transport: stdio, pid: () => stdio.pid, ending: () => stdio.ending, lastWords: () => stdio.lastWords }
}

async function open({ transport }: OpenLine, options: ConnectOptions): Promise<Client> {
  const { server, knownLegacy, log, signal } = options
  const client = createClient(options)
  const aborted = Promise.withResolvers<never>()
  const onAbort = () => {
    aborted.reject(signal.reason)
    void transport.close().catch(() => undefined)
  }
  signal.throwIfAborted()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const connected = client.connect(transport, { timeout: noTimeout, ...(knownLegacy ? { prior: { kind: 'legacy' } } : {}) })
    connected.catch(() => undefined)
    await Promise.race([connected, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
  dropMalformedItems(transport, (kind, name) =>
    log.warn(`Server "${server}" lists "${name}" in its ${kind} in a form that is not MCP: it is left out`),
  )
  return client
}

function createClient({ server, capabilities, clientInfo, limits, events, log, redact }: ConnectOptions): Client {
  const client = new Client(clientInfo, {
    capabilities: capabilities as ClientCapabilities,
    versionNegotiation: { mode: 'auto', probe: { timeoutMs: limits.probeMs, maxRetries: 0 } },
    inputRequired: { autoFulfill: false },
  })
  for (const kind of ['tools', 'prompts', 'resources'] as const) {
    client.setNotificationHandler(`notifications/${kind}/list_changed`, () => events.listChanged())
  }
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => events.resourceUpdated(params.uri))
  client.setNotificationHandler('notifications/message', ({ params }) => events.logged(params))
  client.onerror = (error) => log.debug(`Server "${server}": ${redact(error.message)}`)

  const answer = (method: InputRequest['method']) => async (request: { params?: unknown }) => {
    try {
      return (await events.asked({ method, params: asObject(request.params) ?? {} })) as never
    } catch (error) {
      if (error instanceof NobodyAnswersError) throw new ProtocolError(-32603, `Not answered: ${error.message}`)
      throw error
    }
  }
  if (capabilities['elicitation']) client.setRequestHandler('elicitation/create', answer('elicitation/create'))
  if (capabilities['sampling']) client.setRequestHandler('sampling/createMessage', answer('sampling/createMessage'))
  if (capabilities['roots']) client.setRequestHandler('roots/list', answer('roots/list'))
  return client
}

function isClosedByProbe(error: unknown): boolean {
  return error instanceof SdkError && error.code === SdkErrorCode.EraNegotiationFailed && error.message.includes('closed during')
}
