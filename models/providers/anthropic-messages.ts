import type { ComputerFormatName } from '../computer/format.ts'
import { computerRefused, ProviderError } from '../errors.ts'
import type { Provider } from '../provider.ts'
import { toBody } from './anthropic-body.ts'
import { anthropicComputerOf, withComputerHeader } from './anthropic-computer.ts'
import { anthropicFailures } from './anthropic-failures.ts'
import { createReader, readAnswer } from './anthropic-reader.ts'
import { type Endpoint, forward } from './endpoint.ts'
import { isRecord } from './failure.ts'
import { relayCall } from './relay-call.ts'
import { streamCall } from './stream-call.ts'

export interface AnthropicMessagesOptions {
  endpoint: Endpoint
  secret: string | undefined
  secretVariable: string | undefined
}

const words: ReadonlySet<unknown> = new Set(['text', 'thinking', 'redacted_thinking'])

function beginsCall({ type, content_block: block }: Record<string, unknown>): boolean {
  return type === 'content_block_start' && !(isRecord(block) && words.has(block['type']))
}

/**
 * Anthropic's Messages, and servers that speak the same format.
 *
 * Which form of a computer a model takes differs from cloud to cloud: one that was refused by name is not sent to that model again.
 */
export function createAnthropicMessages({ endpoint, secret, secretVariable }: AnthropicMessagesOptions): Provider {
  const failuresOf = (deployment: string) => ({ deployment, rules: anthropicFailures, secret, secretVariable })
  const refused = new Map<string, Set<ComputerFormatName>>()

  async function* noting<Event>(
    answer: AsyncIterable<Event>,
    model: string,
    format: ComputerFormatName | undefined,
  ): AsyncGenerator<Event> {
    try {
      yield* answer
    } catch (error) {
      if (format !== undefined && error instanceof ProviderError && error.providerCode === computerRefused) {
        refused.set(model, (refused.get(model) ?? new Set()).add(format))
      }
      throw error
    }
  }

  return {
    name: endpoint.name,
    format: 'anthropic-messages',
    refusedComputer: (model) => refused.get(model),
    send(request, { signal } = {}) {
      const deployment = `${endpoint.name}/${request.model}`
      const failures = failuresOf(deployment)
      const computer = anthropicComputerOf(request, refused.get(request.model))
      const answer = streamCall({
        endpoint,
        path: '/messages',
        headers: withComputerHeader(request, computer),
        body: () => toBody(request, deployment, computer),
        failures,
        reader: createReader(deployment, computer),
        signal,
      })
      return computer === undefined ? answer : noting(answer, request.model, computer)
    },
    relay(request, { signal } = {}) {
      const deployment = `${endpoint.name}/${request.model}`
      const failures = failuresOf(deployment)
      const reader = createReader(deployment)
      const answer = relayCall({
        ...{ endpoint, request, failures, reader, readAnswer: (body) => readAnswer(body, deployment), signal },
        ...(request.computer !== undefined && { tellsSent: true, beginsCall }),
      })
      return request.computer === undefined ? answer : noting(answer, request.model, request.computer)
    },
    forward: (request, { signal } = {}) => forward(endpoint, request, signal),
  }
}
