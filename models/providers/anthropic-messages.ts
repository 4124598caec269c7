import type { Provider } from '../provider.ts'
import { toBody } from './anthropic-body.ts'
import { anthropicComputerOf, withComputerHeader } from './anthropic-computer.ts'
import { anthropicFailures } from './anthropic-failures.ts'
import { createReader, readAnswer } from './anthropic-reader.ts'
import { type Endpoint, forward } from './endpoint.ts'
import { relayCall } from './relay-call.ts'
import { streamCall } from './stream-call.ts'

export interface AnthropicMessagesOptions {
  endpoint: Endpoint
  secret: string | undefined
  secretVariable: string | undefined
}

/** Anthropic's Messages, and servers that speak the same format. */
export function createAnthropicMessages({ endpoint, secret, secretVariable }: AnthropicMessagesOptions): Provider {
  const failuresOf = (deployment: string) => ({ deployment, rules: anthropicFailures, secret, secretVariable })
  return {
    name: endpoint.name,
    format: 'anthropic-messages',
    send(request, { signal } = {}) {
      const deployment = `${endpoint.name}/${request.model}`
      const failures = failuresOf(deployment)
      return streamCall({
        endpoint,
        path: '/messages',
        headers: withComputerHeader(request),
        body: () => toBody(request, deployment),
        failures,
        reader: createReader(deployment, anthropicComputerOf(request)),
        signal,
      })
    },
    relay(request, { signal } = {}) {
      const deployment = `${endpoint.name}/${request.model}`
      const failures = failuresOf(deployment)
      const reader = createReader(deployment)
      return relayCall({ endpoint, request, failures, reader, readAnswer: (body) => readAnswer(body, deployment), signal })
    },
    forward: (request, { signal } = {}) => forward(endpoint, request, signal),
  }
}
