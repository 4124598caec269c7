import type { ClientFormat, ClientFormatName } from '../../models/wire/client-format.ts'
import { formatOf } from './paths.ts'

const known = new Map<string, Promise<ClientFormat>>()

/** The format of a path; loaded when the first client speaks it. */
export function formatAt(path: string): Promise<ClientFormat> | undefined {
  const name = formatOf[path]
  if (name === undefined) return undefined
  const loaded = known.get(name) ?? load(name)
  known.set(name, loaded)
  return loaded
}

async function load(name: ClientFormatName): Promise<ClientFormat> {
  switch (name) {
    case 'openai-chat':
      return (await import('../../models/wire/openai-chat.ts')).openaiChat
    case 'openai-responses':
      return (await import('../../models/wire/openai-responses.ts')).openaiResponses
    case 'anthropic-messages':
      return (await import('../../models/wire/anthropic-messages.ts')).anthropicMessages
  }
}
