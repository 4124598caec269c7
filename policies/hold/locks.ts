import type { Step } from '../step.ts'

/** Why going over to another model would be unsafe, in a sentence: `undefined` where it only costs. */
export function lockOf({ history, metadata }: Pick<Step, 'history' | 'metadata'>): string | undefined {
  if (metadata['previous_response_id'] !== undefined) return 'the provider holds the state that the step goes on with'
  const spoke = history.findLastIndex(({ role }) => role === 'assistant')
  const said = history[spoke]?.content ?? []
  const calls = said.filter((part) => part.type === 'tool-call')
  const answers = history.slice(spoke + 1).flatMap(({ content }) => content.filter((part) => part.type === 'tool-result'))
  const answered = new Set(answers.map(({ id }) => id))
  if (answers.length > 0 && calls.some(({ id }) => !answered.has(id))) return 'other calls that it made beside these are not answered yet'
  const isSigned = said.some((part) => part.type === 'reasoning' && part.raw !== undefined)
  return isSigned && calls.length > 0 ? 'its signed reasoning about the open calls can be read by itself alone' : undefined
}
