import type { ResponseStreamEvent } from 'openai/resources/responses/responses'
import { describe, expect, test } from 'vitest'
import { formats, paths, poolOf, readStream, simpleBody, useGateway } from '../support/gateway.ts'

/*
 * What the official client sees of an answer of Responses that broke off, and how an answer of Chat Completions ends whose provider
 * does not say that it ends.
 */

const door = useGateway()

const said = { reasoning: 'I think', text: 'One two three', toolCalls: [{ name: 'add', input: { a: 1, b: 'zwölf' } }] }

describe.each(formats)('Responses of a provider of %s that break off', (provider) => {
  const broken = async (after: number, how: 'end' | 'reset' | 'garbage') => {
    door.cloud.answer(() => ({ ...said, interrupt: { after, how } }))
    const seen: ResponseStreamEvent[] = []
    const input = `Broken after ${after} ${how}`
    const body = { model: `${poolOf[provider]}-b/beta`, input, stream: true as const, store: false, reasoning: { effort: 'low' as const } }
    for await (const event of await door.openai().responses.create(body)) seen.push(event)
    return seen
  }

  test.each(provider === 'openai-chat' ? [2, 5, 8, 9] : [6, 9, 12, 14])(
    'after event %i: one id, numbers in a row, and all that was said',
    async (after) => {
      const seen = await broken(after, after % 2 === 0 ? 'end' : 'reset')

      expect(seen.map((event) => event.sequence_number)).toEqual(seen.keys().toArray())
      const failed = seen.at(-1)
      if (failed?.type !== 'response.failed') expect.fail(`It ends with ${failed?.type}`)
      const [created] = seen
      expect(created).toMatchObject({
        type: 'response.created',
        response: { id: failed.response.id, created_at: failed.response.created_at },
      })
      expect(failed.response).toMatchObject({
        status: 'failed',
        model: `${poolOf[provider]}-b/beta`,
        error: { message: expect.any(String) },
      })
      expect(failed.response.output.map(({ id }) => id)).toEqual(
        seen.flatMap((event) => (event.type === 'response.output_item.added' ? [event.item.id] : [])),
      )
      expect(contentOf(failed.response.output)).toEqual(deltasOf(seen))
      expect(JSON.stringify(failed.response.output)).not.toContain('in_progress')
    },
  )
})

test('a stream of Responses that turns into nonsense, and one whose provider fails in its own words, go on with their ids', async () => {
  for (const how of ['garbage', 'error'] as const) {
    door.cloud.answer(() => ({ text: 'One two three', interrupt: { after: 'content', how } }))
    const seen: ResponseStreamEvent[] = []
    const body = { model: 'items-b/beta', input: how, stream: true as const, store: false }
    for await (const event of await door.openai().responses.create(body)) seen.push(event)

    expect(seen.map((event) => event.sequence_number)).toEqual(seen.keys().toArray())
    expect(seen.at(-1)).toMatchObject({ type: 'response.failed', response: { id: 'resp_scripted', output: [{ id: 'msg_scripted' }] } })
  }
})

interface Output {
  type: string
  content?: readonly object[]
  summary?: readonly { text: string }[]
  arguments?: string
}

function contentOf(output: readonly object[]) {
  const items = output as readonly Output[]
  const texts = items.flatMap(({ content = [] }) => content.map((part) => ('text' in part ? String(part.text) : '')))
  const thoughts = items.flatMap(({ summary = [] }) => summary.map(({ text }) => text))
  return { text: texts.join(''), thought: thoughts.join(''), input: items.map((item) => item.arguments ?? '').join('') }
}

function deltasOf(seen: readonly ResponseStreamEvent[]) {
  const of = (type: string) => seen.map((event) => (event.type === type && 'delta' in event ? String(event.delta) : '')).join('')
  return {
    text: of('response.output_text.delta'),
    thought: of('response.reasoning_summary_text.delta'),
    input: of('response.function_call_arguments.delta'),
  }
}

describe('a provider of Chat Completions', () => {
  const chunk = (delta: object, reason: string | null = null) =>
    `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', model: 'alpha', choices: [{ index: 0, delta, finish_reason: reason }] })}\n\n`
  const answer = chunk({ role: 'assistant', content: 'Hi' }) + chunk({}, 'stop')

  test.each([
    ['says nothing after its finish_reason', answer],
    ['has no empty line behind [DONE]', `${answer}data: [DONE]`],
    ['ends with half an empty line', `${answer}data: [DONE]\n`],
    ['says [DONE]', `${answer}data: [DONE]\n\n`],
    ['comments after its finish_reason', `${answer}: bye\n\n`],
  ])('that %s: the answer is whole, and ends as the format does', async (_, raw) => {
    door.cloud.answer(() => ({ raw, contentType: 'text/event-stream' }))

    for (const client of formats) {
      const response = await door.post(paths[client], simpleBody(client, 'chat-a/alpha', `Hello ${raw.length}`, true))
      const body = await response.text()

      expect(readStream(client, body)).toMatchObject({ end: 'complete', text: 'Hi' })
      if (client === 'openai-chat')
        expect(body.replaceAll('"model":"chat-a/alpha"', '"model":"alpha"').trimEnd()).toMatch(/\n\ndata: \[DONE\]$/)
    }
  })

  test.each([
    ['before its finish_reason', chunk({ role: 'assistant', content: 'Hi' })],
    ['in the middle of an event', answer.slice(0, -20)],
    [
      'in a call that is half written',
      chunk({ content: 'Hi' }) + chunk({ tool_calls: [{ index: 0, id: 'c', function: { name: 'add', arguments: '{"a' } }] }),
    ],
  ])('that stops %s: an error, and no [DONE]', async (_, raw) => {
    door.cloud.answer(() => ({ raw, contentType: 'text/event-stream' }))

    for (const client of formats) {
      const response = await door.post(paths[client], simpleBody(client, 'chat-a/alpha', `Hello ${raw.length}`, true))

      expect(readStream(client, await response.text()).end).toBe('error')
    }
  })
})
