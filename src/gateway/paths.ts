import type { ClientFormatName } from '../../models/wire/client-format.ts'

/** Where models are asked, each in its own wire format. */
export const formatOf: Readonly<Record<string, ClientFormatName>> = {
  '/v1/chat/completions': 'openai-chat',
  '/v1/responses': 'openai-responses',
  '/v1/messages': 'anthropic-messages',
}

/** All that is asked with POST. */
export const postPaths: readonly string[] = [...Object.keys(formatOf), '/v1/messages/count_tokens', '/v1/embeddings']

/** Each name has a path below it. */
export const modelsPath = '/v1/models'
