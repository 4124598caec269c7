import { createProvider } from '../../../models/providers/index.ts'
import { providerContract } from '../../contract/provider.ts'

providerContract({
  format: 'openai-responses',
  model: 'gpt-5',
  create: ({ url, apiKey, name }) => createProvider({ name, kind: 'openai', baseUrl: `${url}/v1`, apiKey, format: 'openai-responses' }),
})

providerContract({
  format: 'openai-chat',
  model: 'qwen3-32b',
  create: ({ url, apiKey, name }) => createProvider({ name, kind: 'openai', baseUrl: `${url}/v1`, apiKey }),
})

providerContract({
  format: 'anthropic-messages',
  model: 'claude-sonnet-5',
  create: ({ url, apiKey, name }) => createProvider({ name, kind: 'anthropic', baseUrl: url, apiKey }),
  countsOneHourWrites: true,
})
