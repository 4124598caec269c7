import type { Provider } from '../provider.ts'
import { type Endpoint, forward } from './endpoint.ts'
import { isRecord } from './failure.ts'
import { openaiFailures } from './openai-failures.ts'
import { toBody } from './openai-responses-body.ts'
import { createReader, readAnswer } from './openai-responses-reader.ts'
import { relayCall } from './relay-call.ts'
import { streamCall } from './stream-call.ts'

export interface OpenAIResponsesOptions {
  endpoint: Endpoint
  secret: string | undefined
  secretVariable: string | undefined
}

function beginsCall({ type, item }: Record<string, unknown>): boolean {
  const isItem = type === 'response.output_item.added' || type === 'response.output_item.done'
  return isItem && !(isRecord(item) && (item['type'] === 'message' || item['type'] === 'reasoning'))
}

/**
 * OpenAI's Responses, without state at OpenAI (`store: false`): reasoning comes back encrypted and goes back as it came.
 */
export function createOpenAIResponses({ endpoint, secret, secretVariable }: OpenAIResponsesOptions): Provider {
  const failuresOf = (model: string) => ({ deployment: `${endpoint.name}/${model}`, rules: openaiFailures, secret, secretVariable })
  return {
    name: endpoint.name,
    format: 'openai-responses',
    send(request, { signal } = {}) {
      const failures = failuresOf(request.model)
      return streamCall({
        endpoint,
        path: '/responses',
        headers: request.headers,
        body: () => toBody(request, failures.deployment),
        failures,
        reader: createReader(failures),
        signal,
      })
    },
    relay(request, { signal } = {}) {
      const failures = failuresOf(request.model)
      const reader = createReader(failures)
      return relayCall({
        ...{ endpoint, request, failures, reader, readAnswer: (body) => readAnswer(body, failures), tellsSent: true, signal },
        ...(request.computer !== undefined && { beginsCall }),
      })
    },
    forward: (request, { signal } = {}) => forward(endpoint, request, signal),
  }
}
