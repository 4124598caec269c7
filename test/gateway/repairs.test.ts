import { describe, expect, test } from 'vitest'
import { type FormatName, goingOn, pairs, paths, poolOf, readStream, simpleBody, useGateway, wholeText } from '../support/gateway.ts'

/*
 * What is mended before a client sees anything of it: reasoning that its own account refuses, and an answer that says nothing.
 */

const door = useGateway()
const asked = () => door.cloud.requests.map(({ model }) => model)
const post = async (client: FormatName, body: Record<string, unknown>) => {
  const response = await door.post(paths[client], body)
  return { status: response.status, body: await response.text() }
}

describe.each(pairs)('a client of $client at providers of $provider', ({ client, provider }) => {
  const model = `signalbox/${poolOf[provider]}`
  const toolCalls = [{ name: 'add', input: { a: 1 }, id: 'call_a1b2c3d4e5' }]
  const loop = async (prompt: string) => {
    door.cloud.script([{ reasoning: 'I think of alpha', text: 'I call', toolCalls }])
    const first = simpleBody(client, model, prompt, false)
    const { body } = await post(client, first)
    door.cloud.requests.length = 0
    return goingOn(client, first, JSON.parse(body), '3')
  }

  test('reasoning that is refused is left out once, at the same account', async () => {
    const next = await loop('Repaired')
    door.cloud.script([{ fail: 'signature' }, { text: 'Repaired' }], 'alpha')
    door.cloud.answer(() => ({ text: 'Never' }))

    const { status, body } = await post(client, next)

    expect([status, asked()]).toEqual([200, ['alpha', 'alpha']])
    expect(wholeText(client, JSON.parse(body))).toBe('Repaired')
    const sent = door.cloud.requests.map(({ bytes }) => Buffer.from(bytes).toString())
    expect(sent.map((text) => text.includes('I think of alpha'))).toEqual([true, false])
    expect(sent.every((text) => text.includes('call_a1b2c3d4e5'))).toBe(true)
    expect(new Set(door.cloud.requests.map(({ headers }) => headers['authorization'] ?? headers['x-api-key'])).size).toBe(1)
  })

  test('refused again, it is the answer, and no other account is asked', async () => {
    const next = await loop('Refused')
    door.cloud.answer(() => ({ fail: 'signature' }))

    const { status } = await post(client, next)

    expect([status, asked()]).toEqual([400, ['alpha', 'alpha']])
  })

  test('after an empty answer another one is asked, and two of them are an empty answer', async () => {
    door.cloud.answer(({ model: one }) => ({ text: one === 'alpha' ? '' : 'Said' }))
    const said = await post(client, simpleBody(client, model, 'Empty once', true))
    door.cloud.answer(() => ({ text: '' }))
    const empty = await post(client, simpleBody(client, model, 'Empty twice', true))

    expect(asked()).toEqual(['alpha', 'beta', 'alpha', 'beta'])
    expect(readStream(client, said.body)).toMatchObject({ end: 'complete', text: 'Said' })
    expect(empty.status).toBe(200)
    expect(readStream(client, empty.body)).toMatchObject({ end: 'complete', text: '' })
  })
})
