import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from '@modelcontextprotocol/server'
import type { Caller } from '../caller.ts'
import type { McpOptions } from './connection.ts'
import { isNotFound, mayReach, ownScheme } from './resources.ts'

export type Subscriber = Omit<Caller, 'door' | 'client'>

/** The resources that one connection, or one listening stream, wants to hear of. */
export interface Subscriptions {
  add(uri: string, listener: () => void, caller: Subscriber): Promise<void>
  remove(uri: string): Promise<void>
  close(): Promise<void>
}

export function createSubscriptions({ signalbox }: Pick<McpOptions, 'signalbox'>): Subscriptions {
  const held = new Map<string, Promise<() => Promise<void>>>()
  let closed = false

  async function subscribe(uri: string, listener: () => void, caller: Subscriber): Promise<() => Promise<void>> {
    const box = await signalbox
    if (!mayReach(box, caller, uri)) throw new ResourceNotFoundError(uri)
    try {
      const { principal, capabilities } = caller
      return await box.host.subscribe(uri, listener, { principal, clientCapabilities: { ...capabilities } })
    } catch (error) {
      if (isNotFound(error)) throw new ResourceNotFoundError(uri)
      throw error
    }
  }

  async function remove(uri: string): Promise<void> {
    const subscription = held.get(uri)
    held.delete(uri)
    const end = await subscription?.catch(() => undefined)
    await end?.()
  }

  return {
    async add(uri, listener, caller) {
      if (uri.startsWith(ownScheme)) {
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Cannot subscribe to ${uri}: ${ownScheme} resources are read, not watched`)
      }
      const subscription = held.get(uri) ?? subscribe(uri, listener, caller)
      held.set(uri, subscription)
      await subscription.catch((error: unknown) => {
        held.delete(uri)
        throw error
      })
      if (closed) await remove(uri)
    },
    remove,
    async close() {
      closed = true
      await Promise.all([...held.keys()].map(remove))
    },
  }
}
