import type { Part, ReasoningPart } from '../message.ts'

/**
 * The parts that go to a model: of reasoning only what this deployment minted, and only where something follows it.
 *
 * Reasoning is signed or encrypted for the model that made it, and vendors refuse a turn that ends with it, as an answer
 * does that ran out of tokens while it thought.
 */
export function withOwnReasoning(content: readonly Part[], deployment: string): Part[] {
  const end = content.findLastIndex((part) => part.type !== 'reasoning')
  return content.filter((part, index) => part.type !== 'reasoning' || (index < end && isOwn(part, deployment)))
}

export function isOwn(part: ReasoningPart, deployment: string): boolean {
  return part.mintedBy === deployment && part.raw !== undefined
}
