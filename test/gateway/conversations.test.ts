import { describe, expect, test } from 'vitest'
import { type FormatName, formats, paths, poolOf, useGateway } from '../support/gateway.ts'

/*
 * What the door knows of a conversation: answers that are gone on from by their id, and the model that a conversation holds.
 */

const door = useGateway()

/** Another model than the first of the pool: it is had where the first had failed, and held from then on. */
async function begun(send: () => Promise<Response>): Promise<void> {
  door.cloud.script([{ status: 500 }], 'alpha')
  const response = await send()
  await response.text()
  expect(response.headers.get('x-signalbox-model')).toMatch(/beta$/)
  // It has rested: only the hold can be a reason.
  door.advance(20_000)
}
const modelOf = async (sending: Promise<Response>) => {
  const response = await sending
  await response.text()
  return response.headers.get('x-signalbox-model')?.split('/')[1]
}

describe('previous_response_id', () => {
  const create = (body: Record<string, unknown>, headers = {}) => door.post('/v1/responses', { stream: false, ...body }, { headers })

  test.each(formats)('goes on from an answer of a provider of %s at each of the others', async (provider) => {
    door.cloud.answer(({ prompt }) => ({ text: `You said ${prompt}`, id: `answer${prompt.length}` }))
    const first = await create({ model: `${poolOf[provider]}-a/alpha`, input: `One of ${provider}`, instructions: 'Be short' })
    const { id } = (await first.json()) as { id: string }

    for (const next of formats) {
      door.cloud.reset()
      door.cloud.answer(() => ({ text: 'Seen', id: `next${next.length}` }))
      const second = await create({ model: `${poolOf[next]}-b/beta`, input: 'And now?', previous_response_id: id, stream: true })
      await second.text()

      expect(second.status).toBe(200)
      const sent = JSON.stringify(door.cloud.requests[0]?.body)
      for (const text of [`One of ${provider}`, `You said One of ${provider}`, 'And now?']) expect(sent).toContain(text)
      expect(sent).not.toContain('previous_response_id')
      // Instructions are those of one request alone.
      expect(sent).not.toContain('Be short')
    }
  })

  test('of another principal is answered as one that was never given, and its vendor is not asked', async () => {
    door.cloud.answer(() => ({ text: 'For its own caller', id: 'a1b2c3' }))
    const { id } = (await (await create({ model: 'items-a/alpha', input: 'Secret' })).json()) as { id: string }
    const asOther = { authorization: 'Bearer key-of-somebody-else-0123' }
    door.cloud.reset()
    door.cloud.answer(() => ({ text: 'Never' }))

    for (const format of formats) {
      const model = `${poolOf[format]}-a/alpha`
      const [foreign, unknown] = [
        await create({ model, input: 'Go on', previous_response_id: id }, asOther),
        await create({ model, input: 'Go on', previous_response_id: 'resp_nobody' }, asOther),
      ]
      const said = [await foreign.text(), (await unknown.text()).replaceAll('resp_nobody', id)]

      expect([foreign.status, unknown.status]).toEqual([400, 400])
      expect(said[0]).toBe(said[1])
      expect(said[0]).toContain('previous_response_not_found')
    }
    expect(door.cloud.requests).toEqual([])
  })

  test('is not kept of an answer that was not to be stored, nor of one that broke off', async () => {
    door.cloud.script([
      { text: 'Kept by nobody', id: 'unstored' },
      { text: 'One two', id: 'broken', interrupt: { after: 'content', how: 'end' } },
    ])
    const unstored = (await (await create({ model: 'items-a/alpha', input: 'One', store: false })).json()) as { id: string }
    await (await create({ model: 'items-a/alpha', input: 'Two', stream: true })).text()

    for (const id of [unstored.id, 'resp_broken']) {
      expect((await create({ model: 'items-a/alpha', input: 'Go on', previous_response_id: id })).status).toBe(400)
    }
  })
})

describe.each(formats)('a tool loop of %s', (format) => {
  const model = `signalbox/${poolOf[format]}`
  /** The prompt, and so many calls with their results after it. */
  const send = (prompt: string, calls: number, headers: Record<string, string> = {}) => {
    const rounds = Array.from({ length: calls }, (_, index) => roundOf[format](`call_${index}`)).flat()
    const turns = [{ role: 'user', content: prompt }, ...rounds]
    const list = format === 'openai-responses' ? { input: turns, store: false } : { messages: turns, max_tokens: 100 }
    return door.post(paths[format], { model, stream: false, ...list }, { headers })
  }
  const prompt = `A task in ${format}`
  const somebodyElse = { authorization: 'Bearer key-of-somebody-else-0123' }

  test('that its client names holds its model, and nobody else does', async () => {
    door.cloud.answer(() => ({ text: 'Done' }))
    const session = { 'x-session-id': `session-of-${format}` }

    await begun(() => send(prompt, 0, session))

    expect(await modelOf(send('Told anew', 2, session))).toBe('beta')
    expect(await modelOf(send(prompt, 1, { 'x-session-id': `other-of-${format}` }))).toBe('alpha')
    expect(await modelOf(send(prompt, 1, { ...session, ...somebodyElse }))).toBe('alpha')
  })

  test('is apart from those of its sub-agents', async () => {
    door.cloud.answer(() => ({ text: 'Done' }))
    const parent = { 'x-claude-code-session-id': `claude-of-${format}` }
    const agent = (name: string) => ({ ...parent, 'x-claude-code-agent-id': name })

    expect(await modelOf(send(prompt, 0, parent))).toBe('alpha')
    await begun(() => send(prompt, 0, agent('searcher')))

    expect(await modelOf(send(prompt, 1, agent('searcher')))).toBe('beta')
    expect(await modelOf(send(prompt, 1, parent))).toBe('alpha')
    expect(await modelOf(send(prompt, 1, agent('writer')))).toBe('alpha')
  })

  test('without a name is known by its history', async () => {
    door.cloud.answer(() => ({ text: 'Done' }))
    const opening = `${prompt} without a name`

    await begun(() => send(opening, 0))

    expect(await modelOf(send(opening, 1))).toBe('beta')
    expect(await modelOf(send(opening, 2))).toBe('beta')
    expect(await modelOf(send(`${opening} at all`, 2))).toBe('alpha')
    expect(await modelOf(send(opening, 3, somebodyElse))).toBe('alpha')
  })
})

/** One call of a tool and its result. */
const roundOf: Readonly<Record<FormatName, (id: string) => object[]>> = {
  'openai-chat': (id) => [
    { role: 'assistant', content: null, tool_calls: [{ id, type: 'function', function: { name: 'add', arguments: '{"a":1}' } }] },
    { role: 'tool', tool_call_id: id, content: '3' },
  ],
  'openai-responses': (id) => [
    { type: 'function_call', call_id: id, name: 'add', arguments: '{"a":1}' },
    { type: 'function_call_output', call_id: id, output: '3' },
  ],
  'anthropic-messages': (id) => [
    { role: 'assistant', content: [{ type: 'tool_use', id, name: 'add', input: { a: 1 } }] },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: '3' }] },
  ],
}
