import {
  CLIENT_CAPABILITIES_META_KEY,
  type JSONRPCMessage,
  type RequestId,
  type Transport,
  type TransportSendOptions,
} from '@modelcontextprotocol/server'

/** Which resources a `subscriptions/listen` names, and what its sender declared. */
export interface Listening {
  readonly uris: readonly string[]
  readonly capabilities: Record<string, unknown>
}

/** What a message asks to be told of; `undefined` for every other message. */
export function listeningOf(message: unknown): Listening | undefined {
  if (!isObject(message) || message['method'] !== 'subscriptions/listen' || !isObject(message['params'])) return undefined
  const { notifications, _meta } = message['params']
  const named = isObject(notifications) ? notifications['resourceSubscriptions'] : undefined
  const declared = isObject(_meta) ? _meta[CLIENT_CAPABILITIES_META_KEY] : undefined
  return {
    uris: Array.isArray(named) ? [...new Set(named.filter((uri) => typeof uri === 'string'))] : [],
    capabilities: isObject(declared) ? declared : {},
  }
}

/** Sees each message that passes. */
export interface MessageWatch {
  received(message: JSONRPCMessage): void
  /** Writes it, with what belongs to it. */
  sending(message: JSONRPCMessage, write: () => Promise<void>): Promise<void>
}

export interface ListenTapOptions extends Partial<MessageWatch> {
  /** The handshake that the client has its answer to already, whatever is answered now. */
  readonly answered?: RequestId | undefined
  onListen(id: RequestId, listening: Listening): void
  onCancelled(id: RequestId): void
  onClosed(): void
}

/**
 * Watches a connection for `subscriptions/listen` (2026-07-28): the SDK answers it before any handler of ours sees it,
 * and only we know that a hosted server has to be subscribed to for it.
 */
export class ListenTap implements Transport {
  onmessage?: NonNullable<Transport['onmessage']>
  onerror?: NonNullable<Transport['onerror']>
  onclose?: NonNullable<Transport['onclose']>
  readonly #inner: Transport
  readonly #options: ListenTapOptions
  #answered: RequestId | undefined

  constructor(inner: Transport, options: ListenTapOptions) {
    this.#inner = inner
    this.#options = options
    this.#answered = options.answered
  }

  async start(): Promise<void> {
    this.#inner.onmessage = (message, extra) => {
      this.#options.received?.(message)
      this.#watch(message)
      this.onmessage?.(message, extra)
    }
    this.#inner.onerror = (error) => this.onerror?.(error)
    this.#inner.onclose = () => {
      this.onclose?.()
      this.#options.onClosed()
    }
    await this.#inner.start()
  }

  async send(message: JSONRPCMessage, options?: TransportSendOptions): Promise<void> {
    const isTold = this.#answered !== undefined && !('method' in message) && message.id === this.#answered
    if (isTold) {
      this.#answered = undefined
      if ('error' in message) this.onerror?.(new Error(`A handshake was answered that cannot be: ${message.error.message}`))
    }
    const write = async () => (isTold ? undefined : this.#inner.send(message, options))
    await (this.#options.sending === undefined ? write() : this.#options.sending(message, write))
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  #watch(message: JSONRPCMessage): void {
    if (!('method' in message)) return
    if ('id' in message) {
      const listening = listeningOf(message)
      if (listening !== undefined) this.#options.onListen(message.id, listening)
    } else if (message.method === 'notifications/cancelled') {
      const id = message.params?.['requestId']
      if (typeof id === 'string' || typeof id === 'number') this.#options.onCancelled(id)
    }
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
