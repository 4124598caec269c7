import type { Message } from '../../models/message.ts'

/** What counts as trouble, told from the session itself: the signals that are measured have no part in it. */

/** Whether the newest of the last six calls stands among them three times, or failed as the third that did. */
export function isThirdOfSix(history: readonly Message[]): boolean {
  const failed = new Set<string>()
  const calls: { id: string; text: string }[] = []
  for (const part of history.flatMap(({ content }) => content)) {
    if (part.type === 'tool-call') calls.push({ id: part.id, text: `${part.name} ${JSON.stringify(part.input)}` })
    if (part.type === 'tool-result' && part.isError) failed.add(part.id)
  }
  const six = calls.slice(-6)
  const newest = six.at(-1)
  if (newest === undefined) return false
  const failures = six.filter(({ id }) => failed.has(id)).length
  return six.filter(({ text }) => text === newest.text).length >= 3 || (failed.has(newest.id) && failures >= 3)
}
