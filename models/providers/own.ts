import type { DeclaredFacts } from '../catalogue.ts'
import type { Price } from '../deployment.ts'
import { ProviderError } from '../errors.ts'
import type { Message } from '../message.ts'
import { noUsage, type Usage } from '../outcome.ts'
import type { ModelEvent, ModelFinish, ModelRequest, Provider, SendOptions } from '../provider.ts'

/** A provider that a program brings which embeds Signalbox. */
export interface ProviderDefinition {
  /** The part before the slash of `provider/model`. */
  readonly name: string
  /** Whether nothing leaves this machine. Then it costs nothing, too, unless `price` is given. */
  readonly local?: boolean | undefined
  /** US dollars for a million tokens. Without it a provider elsewhere costs nobody knows what, and answers under no budget. */
  readonly price?: Omit<Price, 'source'> | undefined
  /** What is known of its models, by name; of others, cautious limits are assumed. */
  readonly models?: Readonly<Record<string, DeclaredFacts>> | undefined
  /**
   * Makes one call and never retries: the router does that.
   *
   * `finish` comes last. What is thrown counts as a bad answer, unless it is a `ProviderError`, whose `kind` says what is worth
   * trying; where `signal` aborted, its reason is what counts.
   */
  send(request: ModelRequest, options: SendOptions): AsyncIterable<OwnProviderEvent>
}

export type OwnProviderEvent = Exclude<ModelEvent, ModelFinish> | OwnProviderFinish

export interface OwnProviderFinish extends Omit<ModelFinish, 'message' | 'usage'> {
  /** Buckets that are left out count as empty. */
  usage: Partial<Usage>
  /** Made of what was yielded, unless it is given. */
  message?: Message | undefined
}

/** The provider as the router calls it, for a definition that may have been written in a hurry. */
export function createOwnProvider(definition: Pick<ProviderDefinition, 'name' | 'send'>): Provider {
  const { name } = definition
  return {
    name,
    format: 'own',
    async *send(request, { signal } = {}) {
      const deployment = `${name}/${request.model}`
      const fail = (what: string, cause?: unknown) =>
        new ProviderError(`Cannot take the answer of ${deployment}: ${what}`, { kind: 'bad_response', deployment, cause })
      signal?.throwIfAborted()
      const content: Message['content'] = []
      let started = false
      try {
        for await (const event of definition.send(request, { signal })) {
          signal?.throwIfAborted()
          if (event.type !== 'start' && !started) yield { type: 'start' }
          started = true
          if (event.type === 'finish') {
            const message = event.message ?? { role: 'assistant', content }
            yield { ...event, usage: { ...noUsage, ...event.usage }, message }
            return
          }
          keep(event, content)
          yield event
        }
      } catch (error) {
        signal?.throwIfAborted()
        throw error instanceof ProviderError ? error : fail(error instanceof Error ? error.message : String(error), error)
      }
      signal?.throwIfAborted()
      throw fail('it ended without finish')
    },
    forward({ path }) {
      const message = `Cannot send ${path} to the provider "${name}": it speaks no wire format`
      return Promise.reject(new ProviderError(message, { kind: 'bad_request', deployment: name }))
    },
  }
}

/** Adds what arrived to the message that it is a part of. */
function keep(event: Exclude<ModelEvent, ModelFinish>, content: Message['content']): void {
  const last = content.at(-1)
  if (event.type === 'text-delta') {
    if (last?.type === 'text') last.text += event.text
    else if (event.text !== '') content.push({ type: 'text', text: event.text })
  } else if (event.type === 'reasoning') content.push(event.part)
  else if (event.type === 'tool-call') content.push(event.call)
}
