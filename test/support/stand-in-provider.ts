import type { ProviderErrorKind } from '../../models/errors.ts'
import { ProviderError } from '../../models/errors.ts'
import type { Part } from '../../models/message.ts'
import type { ModelEvent, ModelRequest, Provider } from '../../models/provider.ts'

/** What one call of a stand-in does. */
export interface Turn {
  text?: string
  /** Fails with this kind, after `text` when there is one. */
  fails?: ProviderErrorKind
  retryAfterMs?: number
  code?: string
  /** Never sends anything after its headers. */
  hangs?: boolean
  /** Ends without its last event. */
  cut?: boolean
  calls?: { id: string; name: string; input: Record<string, unknown> }[]
  servedModel?: string
}

export interface StandIn extends Provider {
  readonly requests: ModelRequest[]
}

/** A provider in this process that plays its turns in order, the last one for ever, and keeps what it was asked. */
export function standIn(name: string, ...turns: readonly Turn[]): StandIn {
  const requests: ModelRequest[] = []
  return {
    name,
    format: 'stand-in',
    requests,
    async *send(request, { signal } = {}) {
      const turn = turns[Math.min(requests.length, turns.length - 1)] ?? {}
      requests.push(request)
      yield* play(turn, `${name}/${request.model}`, signal)
    },
    forward: () => Promise.reject(new TypeError('a stand-in forwards nothing')),
  }
}

async function* play(turn: Turn, deployment: string, signal: AbortSignal | undefined): AsyncGenerator<ModelEvent, void, undefined> {
  yield { type: 'start', servedModel: turn.servedModel }
  if (turn.text !== undefined) yield { type: 'text-delta', text: turn.text }
  if (turn.hangs === true) await untilAborted(signal)
  if (turn.fails !== undefined) {
    throw new ProviderError(`${deployment} failed: ${turn.fails}`, {
      kind: turn.fails,
      deployment,
      retryAfterMs: turn.retryAfterMs,
      code: turn.code,
    })
  }
  if (turn.cut === true) return
  const content: Part[] = [
    ...(turn.text === undefined ? [] : [{ type: 'text' as const, text: turn.text }]),
    ...(turn.calls ?? []).map((call) => ({ type: 'tool-call' as const, ...call })),
  ]
  for (const call of turn.calls ?? []) yield { type: 'tool-call', call: { type: 'tool-call', ...call } }
  yield {
    type: 'finish',
    finishReason: turn.calls === undefined ? 'stop' : 'tool-calls',
    usage: { inputTokens: 100, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 10 },
    servedModel: turn.servedModel,
    message: { role: 'assistant', content },
  }
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    if (signal?.aborted) reject(signal.reason)
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
}
