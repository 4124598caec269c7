import type { Provider } from '../provider.ts'
import { createAnthropicMessages } from './anthropic-messages.ts'
import { send, sendWith } from './connection.ts'
import type { Endpoint } from './endpoint.ts'
import { createOpenAIChat } from './openai-chat.ts'
import { tellsUsageWhenAsked } from './openai-chat-usage.ts'
import { createOpenAIResponses } from './openai-responses.ts'

export interface ProviderOptions {
  /** The configuration key, the part before the slash of `provider/model`. */
  name: string
  kind: 'openai' | 'anthropic'
  /** OpenAI's ends in `/v1`, Anthropic's does not. */
  baseUrl: string
  /** Without one, requests carry no credential: local servers ask for none. */
  apiKey?: string | undefined
  /** Named by the message about a refused key. */
  apiKeyVariable?: string | undefined
  /**
   * For kind `openai`: by default Responses for OpenAI itself and Chat Completions for all others, since that is what
   * local servers speak.
   */
  format?: 'openai-responses' | 'openai-chat' | undefined
  fetch?: typeof fetch | undefined
}

/** A provider for a configured base URL and credential. Nothing is sent or loaded until its first call. */
export function createProvider(options: ProviderOptions): Provider {
  const { name, kind, apiKey, apiKeyVariable, fetch: fetchOption } = options
  const sending = fetchOption === undefined ? send : sendWith(fetchOption)
  const { hostname } = new URL(options.baseUrl)
  const base = options.baseUrl.replace(/\/+$/, '')
  const keys = { secret: apiKey, secretVariable: apiKeyVariable }

  if (kind === 'anthropic') {
    const defaults = { 'anthropic-version': '2023-06-01' }
    const credential: Record<string, string> = apiKey === undefined ? {} : { 'x-api-key': apiKey }
    const endpoint: Endpoint = { name, baseUrl: base.endsWith('/v1') ? base : `${base}/v1`, defaults, credential, send: sending }
    return createAnthropicMessages({ endpoint, ...keys })
  }
  const official = hostname === 'api.openai.com' || hostname.endsWith('.openai.azure.com')
  const credential: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
  const endpoint: Endpoint = { name, baseUrl: base, credential, send: sending }
  const format = options.format ?? (hostname === 'api.openai.com' ? 'openai-responses' : 'openai-chat')
  if (format === 'openai-responses') return createOpenAIResponses({ endpoint, ...keys })
  return createOpenAIChat({ endpoint, ...keys, official, tellsUsage: tellsUsageWhenAsked(hostname) })
}
