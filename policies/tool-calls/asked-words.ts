import type { Message } from '../../models/message.ts'
import { readOwnWords } from '../step.ts'

/** Who says "yes, do that" means what was said before. */
const turns = 6
const longestTurn = 2000

/** What a person has said of late, without what harnesses add; empty where nobody has said anything. */
export function askedWords(messages: readonly Message[]): string {
  return messages
    .filter(({ role }) => role === 'user')
    .map((message) => readOwnWords(message).text.slice(-longestTurn))
    .filter((text) => text.trim() !== '')
    .slice(-turns)
    .join('\n')
}
