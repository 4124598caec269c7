import type { Message } from './message.ts'

/**
 * Who says a message, of several people in one conversation, as transcripts write it: `ann_lee` is `Ann Lee`. `undefined` where nothing
 * of the name can be one. It is what a client says of itself: nothing is permitted by it.
 */
export function speakerNamed(name: unknown): string | undefined {
  if (typeof name !== 'string') return undefined
  const words = (name.normalize('NFC').match(/\p{L}[\p{L}\p{M}\p{N}'’]*/gu) ?? []).slice(0, 3)
  const spoken = words.map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1, 30)}`).join(' ')
  return /^\p{Lu}/u.test(spoken) ? spoken : undefined
}

/** The text with its speaker before it, unless it begins so. */
export function spokenBy(speaker: string | undefined, text: string): string {
  return speaker === undefined || text === '' || text.startsWith(`${speaker}:`) ? text : `${speaker}: ${text}`
}

/** The message as a model reads it: who speaks stands before the first of its words. */
export function asSpoken(message: Message): Message {
  const first = message.content.findIndex(({ type }) => type === 'text')
  if (message.speaker === undefined || first === -1) return message
  const content = message.content.map((part, index) =>
    index === first && part.type === 'text' ? { ...part, text: spokenBy(message.speaker, part.text) } : part,
  )
  return { role: message.role, content }
}
