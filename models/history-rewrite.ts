import type { Message, Part, ReasoningPart, ToolCallPart } from './message.ts'

/** What is known of where the parts of a conversation come from. */
export interface Origins {
  /** Reasoning that a client gave back, as its model sent it; `undefined` where nobody knows who that was. */
  original(part: ReasoningPart): ReasoningPart | undefined
  /** What the model thought before it made this call, where the client's format has no place for it. */
  thoughtBefore(call: ToolCallPart): CallThought | undefined
}

export interface CallThought {
  /** What the answer began with. */
  readonly opening: readonly ReasoningPart[]
  /** What stood right before the call. */
  readonly before: readonly ReasoningPart[]
}

const nobodyKnows: Origins = { original: () => undefined, thoughtBefore: () => undefined }

/**
 * A conversation as a deployment may have it back: of reasoning only what this deployment minted, as it minted it.
 *
 * Foreign reasoning is left out and nothing is put in its place: vendors sign and encrypt it for their own models, and refuse
 * what was changed or made up. Reasoning that the client's format lost is put back where it stood, in all turns and not only in
 * the running tool loop, so that what comes before a new turn reads as it did and a prompt cache keeps it.
 *
 * Calls and results stay as they are. What is not concerned is shared with `messages`, which comes back itself where nothing is.
 */
export function rewriteHistory(messages: readonly Message[], deployment: string, origins: Origins = nobodyKnows): readonly Message[] {
  const rewritten = messages.map((message) => rewriteMessage(message, deployment, origins))
  if (rewritten.every((message, index) => message === messages[index])) return messages
  return rewritten.filter((message, index) => message.content.length > 0 || message === messages[index])
}

function rewriteMessage(message: Message, deployment: string, origins: Origins): Message {
  const isOwn = (part: ReasoningPart) => part.mintedBy === deployment && part.raw !== undefined
  const thoughts = new Map<Part, CallThought>()
  for (const part of message.content) {
    const thought = part.type === 'tool-call' ? origins.thoughtBefore(part) : undefined
    if (thought !== undefined && [...thought.opening, ...thought.before].some(isOwn)) thoughts.set(part, thought)
  }
  const content = message.content.flatMap((part): Part[] => {
    if (part.type !== 'reasoning') return [...(thoughts.get(part)?.before.filter(isOwn) ?? []), part]
    // What is known to have stood before the calls is whole; what the client gave back may be a part of it.
    if (thoughts.size > 0) return []
    const original = part.mintedBy === '' ? origins.original(part) : part
    return original !== undefined && isOwn(original) ? [original] : []
  })
  const opening = [...thoughts.values()].flatMap((thought) => thought.opening.filter(isOwn))
  const rewritten = [...opening, ...content]
  const isSame = rewritten.length === message.content.length && rewritten.every((part, index) => part === message.content[index])
  return isSame ? message : { ...message, content: rewritten }
}
