import { createProvider } from '../../../models/providers/index.ts'
import { relayContract } from '../../contract/relay.ts'

relayContract({
  format: 'anthropic-messages',
  model: 'claude-sonnet-5',
  path: '/messages',
  create: ({ url, ...options }) => createProvider({ kind: 'anthropic', baseUrl: url, ...options }),
})

relayContract({
  format: 'openai-chat',
  model: 'gpt-4.1',
  path: '/chat/completions',
  create: ({ url, ...options }) => createProvider({ kind: 'openai', baseUrl: `${url}/v1`, ...options }),
})

relayContract({
  format: 'openai-responses',
  model: 'gpt-5',
  path: '/responses',
  create: ({ url, ...options }) => createProvider({ kind: 'openai', format: 'openai-responses', baseUrl: `${url}/v1`, ...options }),
})
