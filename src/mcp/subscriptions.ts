import { ProtocolError, ProtocolErrorCode, ResourceNotFoundError } from '@modelcontextprotocol/server'
import type { CallOptions } from '../../tools/tool.ts'
import type { McpOptions } from './connection.ts'
import { isNotFound, mayReach, ownScheme } from './resources.ts'

/** The resources that one connection, or one listening stream, wants to hear of. */
export interface Subscriptions {
  add(uri: string, listener: () => void, options: CallOptions): Promise<void>
  remove(uri: string): Promise<void>
  close(): Promise<void>
}

export function createSubscriptions({ signalbox, profile }: Pick<McpOptions, 'signalbox' | 'profile'>): Subscriptions {
  const held = new Map<string, Promise<() => Promise<void>>>()
  let closed = false

  async function subscribe(uri: string, listener: () => void, callOptions: CallOptions): Promise<() => Promise<void>> {
    const box = await signalbox
    if (!mayReach(box, profile, uri)) throw new ResourceNotFoundError(uri)
    try {
      return await box.host.subscribe(uri, listener, callOptions)
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
    async add(uri, listener, callOptions) {
      if (uri.startsWith(ownScheme)) {
        throw new ProtocolError(ProtocolErrorCode.InvalidParams, `Cannot subscribe to ${uri}: ${ownScheme} resources are read, not watched`)
      }
      const subscription = held.get(uri) ?? subscribe(uri, listener, callOptions)
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
