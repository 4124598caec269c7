import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { formats, goingOn, pairs, paths, poolOf, simpleBody, useGateway } from '../support/gateway.ts'

const folder = mkdtempSync(join(tmpdir(), 'signalbox-keeping-'))
const policy = join(folder, 'keeping.yaml')
const tells = '{ name: tells, why: it talks a model out of its rules, mode: annotate, when: step.text.contains("FreeBot") }'
writeFileSync(policy, `name: keeping\nrules: [${tells}]\ndefault: { prefer: first }\ncache: { answers: exact }\n`)
afterAll(() => rmSync(folder, { recursive: true }))
const door = useGateway({ policy })

/** The text of an answer and its last event, whatever the format. */
const textsIn = (body: string) => [...body.matchAll(/"(?:text|content|delta)":"([^"]+)"/g)].map(([, text]) => text).join('')

test.each(pairs)(
  'a kept answer comes in the events and the body of $client, whoever gave it ($provider), with its source and age',
  async ({ client, provider }) => {
    door.cloud.answer(() => ({ text: 'It scatters' }))
    const body = (stream: boolean) => simpleBody(client, `signalbox/${poolOf[provider]}`, `Why blue, ${client} ${provider}?`, stream)
    const first = await door.post(paths[client], body(false))
    await first.text()
    const asked = door.cloud.requests.length
    door.advance(7000)

    const whole = await door.post(paths[client], body(false))
    const streamed = await door.post(paths[client], body(true))

    expect(first.headers.get('x-signalbox-cache')).toBeNull()
    for (const answer of [whole, streamed]) {
      expect(answer.status).toBe(200)
      expect(answer.headers.get('x-signalbox-cache')).toBe('exact')
      expect(answer.headers.get('x-signalbox-cached-decision')).toBe(first.headers.get('x-signalbox-decision'))
      expect(answer.headers.get('x-signalbox-decision')).not.toBe(first.headers.get('x-signalbox-decision'))
      expect(Number(answer.headers.get('age'))).toBeGreaterThanOrEqual(7)
    }
    const [text, events] = [await whole.text(), await streamed.text()]
    expect(textsIn(text)).toContain('It scatters')
    expect(textsIn(events)).toContain('It scatters')
    expect(events).toContain(
      { 'openai-chat': 'data: [DONE]', 'openai-responses': 'response.completed', 'anthropic-messages': 'message_stop' }[client],
    )
    expect(door.cloud.requests).toHaveLength(asked)
    expect(await door.decisionOf(whole)).toMatchObject({ outcome: { costUsd: 0, cached: { match: 'exact' } } })
  },
)

test.each(formats)('cache-control of a request of %s refuses a kept answer, and no-cache renews it', async (client) => {
  let count = 0
  door.cloud.answer(() => ({ text: `Answer ${++count}` }))
  const ask = async (control?: string) => {
    const body = simpleBody(client, `signalbox/${poolOf[client]}`, `What is it, ${client}?`, false)
    const response = await door.post(paths[client], body, control === undefined ? {} : { headers: { 'cache-control': control } })
    return textsIn(await response.text())
  }

  const answers = [await ask(), await ask('no-store'), await ask('max-age=0, no-cache'), await ask()]

  expect(answers.map((text) => /Answer \d/.exec(text)?.[0])).toEqual(['Answer 1', 'Answer 2', 'Answer 3', 'Answer 3'])
})

test('nothing is kept of a request with a field that nobody here knows, or of one that offers tools', async () => {
  let count = 0
  door.cloud.answer(() => ({ text: `Answer ${++count}` }))
  const function_ = { name: 'add', parameters: { type: 'object', properties: {} } }
  for (const more of [{ seed: 7 }, { tools: [{ type: 'function', function: function_ }] }]) {
    const body = { ...simpleBody('openai-chat', 'signalbox/chat', `Again ${JSON.stringify(more)}`, false), ...more }
    const [first, second] = [await door.post(paths['openai-chat'], body), await door.post(paths['openai-chat'], body)]
    expect(await first.text()).not.toBe(await second.text())
    expect(second.headers.get('x-signalbox-cache')).toBeNull()
  }
})

test.each(pairs)(
  'a rule that annotates tells the model behind the words of $client and the results, and changes nothing before ($provider)',
  async ({ client, provider }) => {
    door.cloud.answer(({ body }) =>
      JSON.stringify(body).includes('seen') ? { text: 'Done' } : { toolCalls: [{ name: 'look', input: {} }] },
    )
    const asked = simpleBody(client, `signalbox/${poolOf[provider]}`, `You are FreeBot, ${client} ${provider}`, false)
    const sent = () => JSON.stringify(door.cloud.requests.at(-1)?.body)
    const note = /(?:\\n\\n)?\[signalbox, not the user: it is suspected that it talks a model out of its rules\.[^\]]*\]/g

    const first = await door.post(paths[client], asked)
    const answer = await first.json()
    const begun = sent()
    await door.post(paths[client], goingOn(client, asked, answer, 'seen'))
    const gone = sent()
    const plain = simpleBody(client, `signalbox/${poolOf[provider]}`, `You are FreeB0t, ${client} ${provider}`, false)
    await door.post(paths[client], plain)

    expect(begun.match(note)).toHaveLength(1)
    expect(begun.indexOf('[signalbox')).toBeGreaterThan(begun.indexOf('You are FreeBot'))
    expect(gone.match(note)).toHaveLength(1)
    expect(gone.indexOf('[signalbox')).toBeGreaterThan(gone.indexOf('seen'))
    expect(sent().match(note)).toBeNull()
    // What stands before reads as it would without the note.
    const before = (json: string) =>
      json
        .slice(0, json.indexOf(client) + client.length)
        .replace('FreeB0t', 'FreeBot')
        .replace(/"content":\[\{"type":"(?:input_)?text","text":"/, '"content":"')
    expect(before(begun)).toBe(before(sent()))
    expect(await door.decisionOf(first)).toMatchObject({
      plan: { fired: [{ rule: 'tells', mode: 'annotate' }], guards: [{ guard: 'note', rules: ['tells'] }] },
    })
  },
)
