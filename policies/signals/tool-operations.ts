import type { Message, ToolCallPart, ToolResultPart } from '../../models/message.ts'

/** A call with the result that came back for it, in the order of the calls. */
export interface ToolOperation {
  readonly call: ToolCallPart
  /** `undefined` while it is outstanding. */
  readonly result: ToolResultPart | undefined
}

/** The newest operations of a conversation, oldest first. */
export function newestOperations(history: readonly Message[], count: number): ToolOperation[] {
  const results = new Map<string, ToolResultPart>()
  const operations: ToolOperation[] = []
  for (let index = history.length - 1; index >= 0 && operations.length < count; index -= 1) {
    for (const part of history[index]?.content.toReversed() ?? []) {
      if (part.type === 'tool-result') results.set(part.id, part)
      if (part.type === 'tool-call' && operations.length < count) operations.push({ call: part, result: results.get(part.id) })
    }
  }
  return operations.reverse()
}
