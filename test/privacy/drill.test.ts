import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { asOwner } from '../../src/caller.ts'
import { formats, paths, poolOf, readStream, simpleBody, useGateway, wholeText } from '../support/gateway.ts'
import { contextOf } from '../support/runs.ts'

/*
 * The privacy drill: what a person tells, over a real socket and in each wire format, to models that look as if they were elsewhere.
 * Placeholders go out, the values come back, and nothing of them stands in logs, decisions, the database or what an embedder got.
 */

const folder = mkdtempSync(join(tmpdir(), 'signalbox-privacy-'))
const policy = join(folder, 'private.yaml')
writeFileSync(
  policy,
  `name: careful
default:
  prefer: first
  guards:
    privacy:
      # The stand-in is on this machine, and gets what a model elsewhere would.
      redact: always
      recognisers: [{ name: customer_number, pattern: 'KD-\\d{6}', replace: CUSTOMER }]
`,
)
const door = useGateway((cloud) => ({
  policy,
  embedder: { base_url: `${cloud.openaiUrl}`, model: 'embedder' },
}))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const values = {
  person: 'Henrike Osterkamp',
  email: 'henrike.osterkamp@post.example',
  iban: 'DE89 3704 0044 0532 0130 00',
  card: '4111 1111 1111 1111',
  key: ['ghp', 'R7n2Kq9LwX4bVt6YpZ3sHd8JmC1fGa0QeTuN'].join('_'),
  customer: 'KD-204117',
}
const said = `My name is ${values.person}, my customer number is ${values.customer}. Write to ${values.email} that ${values.iban} is to be used instead of the card ${values.card}. The token is token: "${['s3cr', 'etV4lue', '99xZ'].join('')}".`
const secret = ['s3cr', 'etV4lue', '99xZ'].join('')
const all = [...Object.values(values), secret].filter((value) => said.includes(value))
const held = (text: string) => all.filter((value) => text.includes(value))

const answered = 'Dear [PERSON_1], we wrote to [EMAIL_1] that [IBAN_1] replaces [CARD_1] for [CUSTOMER_1]; [NOBODY_7] and [list] stay.'
const restored = `Dear ${values.person}, we wrote to ${values.email} that ${values.iban} replaces ${values.card} for ${values.customer}; [NOBODY_7] and [list] stay.`

test.each(formats.flatMap((format) => [true, false].map((stream) => ({ format, stream }))))(
  'placeholders go out and values come back: $format, streamed by letter: $stream',
  async ({ format, stream }) => {
    door.cloud.script([{ text: answered, byLetter: true }])

    const response = await door.post(paths[format], simpleBody(format, `${poolOf[format]}-a/alpha`, said, stream))
    const body = await response.text()

    const sent = JSON.stringify(door.cloud.requests.at(-1)?.body)
    expect(held(sent)).toEqual([])
    for (const placeholder of ['[PERSON_1]', '[EMAIL_1]', '[IBAN_1]', '[CARD_1]', '[CUSTOMER_1]', '[SECRET_1]'])
      expect(sent).toContain(placeholder)
    expect(stream ? readStream(format, body).text : wholeText(format, JSON.parse(body))).toBe(restored)
    expect(response.headers.get('x-signalbox-redacted')).toContain('PERSON=1')
    const decision = JSON.stringify(await door.decisionOf(response))
    expect(held(decision)).toEqual([])
    expect(decision).toContain('[EMAIL_1]')
    expect(JSON.parse(decision)).toMatchObject({ outcome: { model: `${poolOf[format]}-a/alpha`, text: answered } })
  },
)

test.each(formats)('arguments of tools come back to a client of %s, in its JSON', async (format) => {
  const tool = { name: 'send', description: 'Sends', parameters: { type: 'object', properties: { to: { type: 'string' } } } }
  const tools = {
    'openai-chat': [{ type: 'function', function: tool }],
    'openai-responses': [{ type: 'function', ...tool, strict: false }],
    'anthropic-messages': [{ name: tool.name, description: tool.description, input_schema: tool.parameters }],
  }[format]
  door.cloud.script([{ toolCalls: [{ name: 'send', input: { to: '[EMAIL_1]', text: 'Hello [PERSON_1]' } }] }])

  const response = await door.post(paths[format], { ...simpleBody(format, `${poolOf[format]}-a/alpha`, said, true), tools })
  const body = await response.text()

  const whole = readStream(format, body)
    .events.map(({ data }) => data)
    .map((data) => {
      const { choices, delta } = data as {
        choices?: { delta?: { tool_calls?: { function?: { arguments?: string } }[] } }[]
        delta?: unknown
      }
      if (choices !== undefined) return choices[0]?.delta?.tool_calls?.[0]?.function?.arguments ?? ''
      if (data['type'] === 'response.function_call_arguments.delta') return String(delta)
      return (delta as { partial_json?: string } | undefined)?.partial_json ?? ''
    })
    .join('')
  expect(JSON.parse(whole)).toEqual({ to: values.email, text: `Hello ${values.person}` })
})

test('where nothing is found a request goes as it came', async () => {
  door.cloud.script([{ text: 'Hello' }])
  const body = { ...simpleBody('openai-chat', 'chat-a/alpha', 'How long is a furlong?', false), user: 'u-17', unknown_field: [1, 2] }

  await (await door.post(paths['openai-chat'], body)).text()

  expect(door.cloud.requests.at(-1)?.body).toMatchObject({ user: 'u-17', unknown_field: [1, 2] })
})

test('what stands in a field beside the turns keeps the request from going as it came', async () => {
  door.cloud.script([{ text: 'Hello' }])
  const body = { ...simpleBody('openai-chat', 'chat-a/alpha', 'How long is a furlong?', false), user: values.email }

  await (await door.post(paths['openai-chat'], body)).text()

  expect(held(JSON.stringify(door.cloud.requests.at(-1)?.body))).toEqual([])
})

test('a picture, which is not read, is not sent to a model elsewhere', async () => {
  const image = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
  const content = [
    { type: 'text', text: 'What is this?' },
    { type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } },
  ]

  const response = await door.post(paths['openai-chat'], { model: 'chat-a/alpha', messages: [{ role: 'user', content }] })

  expect(response.status).toBeGreaterThanOrEqual(400)
  expect(await response.text()).toContain('cannot read pictures')
})

test('the placeholders of a conversation stay the same while it grows, and a placeholder that the user wrote is no value', async () => {
  door.cloud.answer(() => ({ text: 'Good' }))
  const first = { role: 'user', content: `I am at [EMAIL_1] or ${values.email}` }
  const sentOf = () => {
    const { messages } = (door.cloud.requests.at(-1)?.body ?? {}) as { messages?: { content: string }[] }
    return messages?.map(({ content }) => content)
  }

  await (await door.post(paths['openai-chat'], { model: 'chat-a/alpha', messages: [first] })).text()
  const before = sentOf()
  const messages = [
    first,
    { role: 'assistant', content: 'Good' },
    { role: 'user', content: `And 4.2.2.9? ${values.email} is old: new@post.example` },
  ]
  await (await door.post(paths['openai-chat'], { model: 'chat-a/alpha', messages })).text()
  const after = sentOf()

  expect(before).toEqual(['I am at [EMAIL_1] or [EMAIL_2]'])
  expect(after).toEqual([...(before ?? []), 'Good', 'And [IP_ADDRESS_1]? [EMAIL_2] is old: [EMAIL_3]'])
})

test('parts of a name that was found are exchanged by themselves', async () => {
  door.cloud.answer(() => ({ text: 'Is [PERSON_2] your first name, and [PERSON_3] your family?' }))

  const text = `My name is ${values.person}. Henrike is for friends, Mrs Osterkamp for others.`
  const response = await door.post(paths['openai-chat'], simpleBody('openai-chat', 'chat-a/alpha', text, false))

  expect(wholeText('openai-chat', JSON.parse(await response.text()))).toBe('Is Henrike your first name, and Osterkamp your family?')
  expect(JSON.stringify(door.cloud.requests.at(-1)?.body)).not.toMatch(/Henrike|Osterkamp/)
})

test('what is only counted or embedded elsewhere is kept from there, too', async () => {
  const counted = await door.post('/v1/messages/count_tokens', simpleBody('anthropic-messages', 'blocks-a/alpha', said, false))
  const embedded = await door.post('/v1/embeddings', { model: 'chat-a/vectors', input: [said] })

  expect([counted.status, embedded.status]).toEqual([200, 200])
  expect(counted.headers.get('x-signalbox-estimated')).toBe('true')
  expect(held(door.cloud.embedded.join('\n'))).toEqual([])
  expect(door.cloud.embedded.at(-1)).toContain('[IBAN_1]')
})

test('nothing of the values is written to disk by calls over the wire formats', async () => {
  const bytes = readdirSync(join(door.folder, 'data'), { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map((one) => readFileSync(join(one.parentPath, one.name), 'latin1'))

  expect(bytes.join('\n')).toContain('[EMAIL_1]')
  expect(held(bytes.join('\n'))).toEqual([])
})

test('ask sends placeholders too; what its embedder elsewhere gets holds no value, nor does anything that is logged', async () => {
  door.cloud.script([{ text: answered }])
  const ask = door.box.operations(asOwner()).find(({ name }) => name === 'ask')

  const result = await ask?.run({ prompt: said, pool: 'chat' } as never, contextOf({ principal: 'local' }))
  const recall = door.box.operations(asOwner()).find(({ name }) => name === 'recall')
  await recall?.run({ query: said } as never, contextOf({ principal: 'local' }))

  expect(JSON.stringify(result)).toContain(values.email)
  expect(result).toMatchObject({ structured: { redacted: { EMAIL: 1, IBAN: 1 } } })
  expect(door.cloud.embedded.join('\n')).toContain('[EMAIL_1]')
  expect(held(door.cloud.embedded.join('\n'))).toEqual([])
  for (const { body } of door.cloud.requests) expect(held(JSON.stringify(body))).toEqual([])
  expect(held(door.logged.join('\n'))).toEqual([])
})
