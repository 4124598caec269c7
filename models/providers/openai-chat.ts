import type { Provider } from '../provider.ts'
import { type Endpoint, forward } from './endpoint.ts'
import { toBody } from './openai-chat-body.ts'
import { createReader, readAnswer } from './openai-chat-reader.ts'
import { askingForUsage, isUsageAlone } from './openai-chat-usage.ts'
import { openaiFailures } from './openai-failures.ts'
import { relayCall } from './relay-call.ts'
import { streamCall } from './stream-call.ts'

export interface OpenAIChatOptions {
  endpoint: Endpoint
  secret: string | undefined
  secretVariable: string | undefined
  /** Whether OpenAI itself or Azure answers: others refuse parameters that they do not know. */
  official: boolean
  /** Whether the server is known to take `stream_options.include_usage` from clients that did not ask. */
  tellsUsage: boolean
}

/** Chat Completions: OpenAI's, and what vLLM, Ollama, LM Studio, llama.cpp and most other servers speak. */
export function createOpenAIChat({ endpoint, secret, secretVariable, official, tellsUsage }: OpenAIChatOptions): Provider {
  const failuresOf = (deployment: string) => ({ deployment, rules: openaiFailures, secret, secretVariable })
  return {
    name: endpoint.name,
    format: 'openai-chat',
    send(request, { signal } = {}) {
      const deployment = `${endpoint.name}/${request.model}`
      return streamCall({
        endpoint,
        path: '/chat/completions',
        headers: request.headers,
        body: () => toBody(request, deployment, official),
        failures: failuresOf(deployment),
        reader: createReader(deployment),
        signal,
      })
    },
    relay(request, { signal } = {}) {
      const deployment = `${endpoint.name}/${request.model}`
      const hidesUsage = request.hidesUsage === true && request.stream && tellsUsage
      return relayCall({
        endpoint,
        request: hidesUsage ? { ...request, body: askingForUsage(request.body) } : request,
        failures: failuresOf(deployment),
        reader: createReader(deployment),
        readAnswer: (body) => readAnswer(body, deployment),
        ...(hidesUsage && { hides: isUsageAlone }),
        closing: 'data: [DONE]\n\n',
        signal,
      })
    },
    forward: (request, { signal } = {}) => forward(endpoint, request, signal),
  }
}
