import type { RecordedRequest } from '../scripted-provider/index.ts'
import { list, string } from '../scripted-provider/wire-format.ts'

type Item = Record<string, unknown>

/**
 * What a provider would refuse, or should not have been told: calls without results and results without calls, ids of another
 * vendor's shape, reasoning in `foreign` words in a place where only the model's own may stand.
 */
export function problemsOf(request: RecordedRequest, foreign: string): string[] {
  const { calls, results, reasoning } = read[request.path]?.(request.body) ?? { calls: [], results: [], reasoning: [] }
  const shape = request.path === '/v1/messages' ? /^[a-zA-Z0-9_-]{1,64}$/ : /^.{1,64}$/
  return [
    ...calls.filter((id) => !results.includes(id)).map((id) => `call ${id} has no result`),
    ...results.filter((id) => !calls.includes(id)).map((id) => `result ${id} has no call`),
    ...[...calls, ...results].filter((id) => !shape.test(id)).map((id) => `id ${id} has a foreign shape`),
    ...calls.filter((id, index) => calls.indexOf(id) !== index).map((id) => `two calls are named ${id}`),
    ...reasoning.filter((item) => JSON.stringify(item).includes(foreign)).map((item) => `foreign reasoning: ${JSON.stringify(item)}`),
  ]
}

/** What stands in a request as the model's own reasoning, as text. */
export function reasoningIn(request: RecordedRequest | undefined): string {
  return JSON.stringify(request === undefined ? [] : read[request.path]?.(request.body).reasoning)
}

interface Read {
  readonly calls: string[]
  readonly results: string[]
  readonly reasoning: unknown[]
}

const read: Readonly<Record<string, (body: Item) => Read>> = {
  '/v1/messages'(body) {
    const blocks = list(body['messages']).flatMap((message) => list(message['content']))
    const of = (type: string) => blocks.filter((block) => block['type'] === type)
    return {
      calls: of('tool_use').map((block) => string(block['id'])),
      results: of('tool_result').map((block) => string(block['tool_use_id'])),
      reasoning: [...of('thinking'), ...of('redacted_thinking')],
    }
  },
  '/v1/chat/completions'(body) {
    const messages = list(body['messages'])
    return {
      calls: messages.flatMap((message) => list(message['tool_calls'])).map((call) => string(call['id'])),
      results: messages.filter((message) => message['role'] === 'tool').map((message) => string(message['tool_call_id'])),
      reasoning: messages.flatMap((message) => [message['reasoning_content'], message['reasoning']].filter((text) => text !== undefined)),
    }
  },
  '/v1/responses'(body) {
    const items = list(body['input'])
    const of = (type: string) => items.filter((item) => item['type'] === type)
    return {
      calls: of('function_call').map((item) => string(item['call_id'])),
      results: of('function_call_output').map((item) => string(item['call_id'])),
      reasoning: of('reasoning'),
    }
  },
}
