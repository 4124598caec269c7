import { setTimeout as delay } from 'node:timers/promises'
import type { Client } from '@modelcontextprotocol/client'
import { asObject } from '../definitions.ts'

const firstWaitMs = 1000
const mostWaitMs = 60_000

export interface ListenOptions {
  serves: Record<string, unknown>
  signal: AbortSignal
  /** For the server's acknowledgement. */
  timeoutMs: number
  /** The subscription was interrupted: what changed meanwhile is not known. */
  onInterrupted: () => void
  onFailed: (error: unknown) => void
}

/** Keeps the subscription to list changes of a server of 2026-07-28 open until `signal` aborts. */
export async function listenForChanges(
  client: Client,
  { serves, signal, timeoutMs, onInterrupted, onFailed }: ListenOptions,
): Promise<void> {
  const changes = (kind: string) => asObject(serves[kind])?.['listChanged'] === true
  const filter = {
    ...(changes('tools') ? { toolsListChanged: true } : {}),
    ...(changes('prompts') ? { promptsListChanged: true } : {}),
    ...(changes('resources') ? { resourcesListChanged: true } : {}),
  }
  if (Object.keys(filter).length === 0) return
  let waitMs = firstWaitMs
  for (let first = true; !signal.aborted; first = false) {
    try {
      const subscription = await client.listen(filter, { signal, timeout: timeoutMs })
      if (!first) onInterrupted()
      const since = performance.now()
      await subscription.closed
      if (performance.now() - since > mostWaitMs) waitMs = firstWaitMs
    } catch (error) {
      if (signal.aborted) return
      onFailed(error)
    }
    await delay(waitMs, undefined, { signal, ref: false }).catch(() => undefined)
    waitMs = Math.min(waitMs * 2, mostWaitMs)
  }
}
