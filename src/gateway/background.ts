import type { ClientRequest } from '../../models/wire/client-format.ts'

/** The headers of a request, by their names in lower case. */
export type RequestHeaders = Pick<Headers, 'get'>

type Facts = Pick<ClientRequest, 'system' | 'messages' | 'tools' | 'maxOutputTokens'>

interface Mark {
  /** Who sends it, and what it is. */
  readonly of: string
  readonly isMet: (request: Facts, headers: RequestHeaders) => boolean
}

/**
 * What agents ask for beside their work, as they send it: each mark is the agent's own word, and no guess from length or price.
 *
 * The summary that stands for a long history is none of them: the agent goes on from it, and it reads the warm cache of the
 * model that has done the work. The same holds for side questions that repeat the whole history.
 */
const marks: readonly Mark[] = [
  {
    of: 'Claude Code: looks whether there is quota left ("quota"), or whether the key is good ("test")',
    isMet: ({ maxOutputTokens, messages, tools }) =>
      maxOutputTokens === 1 && tools.length === 0 && messages.length === 1 && /^(quota|test)$/.test(onlyText(messages)),
  },
  {
    of: 'Claude Code: the title of a session',
    isMet: ({ system, tools }) => tools.length === 0 && opens(system, 'Generate a concise, sentence-case title (3-7 words)', 4000),
  },
  {
    of: 'opencode: the title of a session',
    isMet: ({ system, tools }) => tools.length === 0 && opens(system, 'You are a title generator.', 0),
  },
  { of: 'Codex: writes down what is to be remembered', isMet: (_, headers) => headers.get('x-openai-memgen-request') === 'true' },
  { of: 'Codex: puts in order what is remembered', isMet: (_, headers) => headers.get('x-openai-subagent') === 'memory_consolidation' },
]

/** Whether an agent asks for something beside its work, so that it goes to what costs least and tells nothing of the conversation. */
export function isBackground(request: Facts, headers: RequestHeaders): boolean {
  return marks.some(({ isMet }) => isMet(request, headers))
}

function onlyText(messages: Facts['messages']): string {
  const parts = messages[0]?.content ?? []
  const [only] = parts
  return parts.length === 1 && only?.type === 'text' ? only.text : ''
}

/** Whether the words stand in the system text, no later than this. */
function opens(system: string | undefined, words: string, within: number): boolean {
  return system?.slice(0, within + words.length).includes(words) === true
}
