import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { anyPrincipal, openSqliteStore } from '../../memory/index.ts'
import { createApprovals } from '../../src/runs/approvals.ts'
import {
  buyButton,
  claudeAction,
  claudeCall,
  claudeSaying,
  detailsButton,
  gptCall,
  gptSaying,
  hiddenButton,
  hiddenOrder,
  shopScreen,
  wholeClaudeCall,
  wholeGptCall,
} from '../support/computer-answers.ts'
import { type FormatName, type GatewayDoor, openGateway, readStream } from '../support/gateway.ts'

/* The guard of computer use over answers that pass the door, streamed and whole, in both formats that have a computer. */

/** The first picture loads what reads it. */
const patient = { timeout: 60_000 }
const gpt = 'items-a/gpt-5.4'
const claude = 'blocks-a/claude-sonnet-4-6'

let door: GatewayDoor
let folder: string
let screen: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'signalbox-guard-'))
  const policy = join(folder, 'guarded.policy.yaml')
  writeFileSync(
    policy,
    JSON.stringify({ name: 'guarded', default: { prefer: 'first', guards: { computer: { deny: ['sensitive_domain'] } } } }),
  )
  door = await openGateway({ policy, pools: { screen: { models: [gpt, claude], modalities: ['text', 'image'] } } })
  screen = await shopScreen()
}, 60_000)
afterAll(async () => {
  await door?.close()
  rmSync(folder, { recursive: true, force: true })
})
beforeEach(() => door.cloud.reset())

let conversation = 0
const image = (data: string) => ({ type: 'image', source: { type: 'base64', media_type: 'image/png', data } })
const click = (at: readonly number[]) => claudeAction('left_click', { coordinate: at })
/** Each of a conversation of its own, unless they are told to be of one. */
const claudeBody = (stream: boolean, { name = `${conversation++}`, picture = screen, model = claude, messages = [] as object[] } = {}) => ({
  model,
  stream,
  max_tokens: 500,
  metadata: { user_id: `user_account_session_0000000${name}-0000-4000-8000-000000000000` },
  tools: [{ type: 'computer_20251124', name: 'computer', display_width_px: 1280, display_height_px: 800 }],
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Read about the kettle' }, image(picture)] }, ...messages],
})
const gptBody = (stream: boolean, more: object[] = [], model = gpt) => ({
  model,
  stream,
  store: false,
  tools: [{ type: 'computer' }],
  input: [
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'Read about the kettle' },
        { type: 'input_image', image_url: `data:image/png;base64,${screen}` },
      ],
    },
    ...more,
  ],
})

interface Block {
  type: string
  text?: string
  id?: string
  name?: string
  input?: Record<string, unknown>
}

async function streamed(format: FormatName, path: string, body: object, headers: Record<string, string> = {}) {
  const response = await door.post(path, body, { headers })
  const text = await response.text()
  expect(response.status, text).toBe(200)
  const read = readStream(format, text)
  expect(read.end).toBe('complete')
  return { response, text, events: read.events.map(({ data }) => data) }
}

/** The blocks of a streamed message, put together as a client does. */
function blocksOf(events: Record<string, unknown>[]): Block[] {
  const blocks: (Block & { json: string })[] = []
  for (const { type, index, content_block: begun, delta } of events as Record<string, never>[]) {
    if (type === 'content_block_start') {
      expect(index, 'blocks come one after the other').toBe(blocks.length)
      blocks.push({ ...(begun as unknown as Block), json: '' })
    }
    const last = blocks.at(-1)
    const { text = '', partial_json: json = '' } = (delta ?? {}) as { text?: string; partial_json?: string }
    if (type === 'content_block_delta' && last !== undefined) {
      last.json += json
      if (text !== '') last.text = (last.text ?? '') + text
    }
  }
  return blocks.map(({ json, ...block }) => ({ ...block, ...(json !== '' && { input: JSON.parse(json) }) }))
}

async function answerOf(path: string, body: object, headers: Record<string, string> = {}) {
  const response = await door.post(path, body, { headers })
  const answer = (await response.json()) as {
    content: Block[]
    output: Record<string, unknown>[]
    stop_reason: string
    error?: { message: string }
  }
  return { response, answer }
}

const guardOf = async (response: Response) =>
  ((await door.decisionOf(response)) as { outcome: { guard: { verdict: string; action: string; reasons: string[] }[] } }).outcome.guard

describe('the guard over the door', () => {
  test('lets what it allows pass byte for byte, streamed and whole, and writes its verdict down', patient, async () => {
    const scripted = claudeCall(claudeAction('screenshot'), click(detailsButton))
    door.cloud.script([scripted, wholeClaudeCall(click(detailsButton))])

    const { response, text } = await streamed('anthropic-messages', '/v1/messages', claudeBody(true))
    const { answer } = await answerOf('/v1/messages', claudeBody(false))

    expect(text).toBe(scripted.raw.replace('"model":"claude"', `"model":"${claude}"`))
    expect(answer.content).toMatchObject([{ type: 'tool_use', id: 'toolu_0', input: { action: 'left_click', coordinate: detailsButton } }])
    expect(response.headers.get('x-signalbox-guard')).toBe('allow')
    expect(await guardOf(response)).toMatchObject([
      { action: 'screenshot', verdict: 'allow' },
      { action: 'click', verdict: 'allow', frame: expect.stringMatching(/^fr_/) },
    ])
  })

  test('holds a purchase back from a client that cannot be asked, and passes it once a person has accepted it', patient, async () => {
    const name = `${conversation++}`
    door.cloud.script([claudeCall(click(buyButton)), ...Array(3).fill(wholeClaudeCall(click(buyButton)))])

    const asked = await streamed('anthropic-messages', '/v1/messages', claudeBody(true, { name }))
    const approval = asked.response.headers.get('x-signalbox-approval') ?? ''
    const again = await answerOf('/v1/messages', claudeBody(false, { name }))
    await decide(approval, 'accepted')
    const allowed = await answerOf('/v1/messages', claudeBody(false, { name }))
    const once = await answerOf('/v1/messages', claudeBody(false, { name }), { 'x-signalbox-approval': approval })

    expect(blocksOf(asked.events)).toMatchObject([
      { type: 'text', text: expect.stringContaining(`signalbox approvals accept ${approval}`) },
    ])
    expect(asked.events.findLast(({ type }) => type === 'message_delta')).toMatchObject({ delta: { stop_reason: 'end_turn' } })
    expect(again.response.headers.get('x-signalbox-approval'), 'one question for one action').toBe(approval)
    expect(allowed.answer.content).toMatchObject([{ type: 'tool_use', input: { coordinate: buyButton } }])
    expect(once.answer.content, 'a yes works once').toMatchObject([{ type: 'text' }])
  })

  test('judges a batch block by block: what comes before stays, what comes after goes', patient, async () => {
    const batch = [click(detailsButton), click(buyButton), claudeAction('screenshot')]
    door.cloud.script([claudeCall(...batch), wholeClaudeCall(...batch)])

    const { events, response } = await streamed('anthropic-messages', '/v1/messages', claudeBody(true))
    const { answer } = await answerOf('/v1/messages', claudeBody(false))

    // The first click may have changed the page: the second has to be decided on a new screenshot.
    const expected = [
      { type: 'tool_use', id: 'toolu_0', input: { action: 'left_click', coordinate: [...detailsButton] } },
      { type: 'tool_use', id: 'toolu_1', input: { action: 'screenshot' } },
    ]
    expect(blocksOf(events)).toMatchObject(expected)
    expect(blocksOf(events)).toHaveLength(2)
    expect(answer).toMatchObject({ stop_reason: 'tool_use', content: expected })
    expect(await guardOf(response)).toMatchObject([{ verdict: 'allow' }, { verdict: 'reobserve', action: 'click' }])
  })

  test('what nobody can read, and what there is no screenshot for, is no action', patient, async () => {
    door.cloud.script([wholeClaudeCall(claudeAction('fly')), wholeClaudeCall(click(detailsButton))])
    const blind = { ...claudeBody(false), messages: [{ role: 'user', content: 'Click somewhere' }] }

    const unread = await answerOf('/v1/messages', claudeBody(false))
    const unseen = await answerOf('/v1/messages', blind)

    expect(unread.answer).toMatchObject({
      stop_reason: 'end_turn',
      content: [{ type: 'text', text: expect.stringContaining('nobody can read') }],
    })
    expect(unseen.answer.content).toMatchObject([{ type: 'tool_use', input: { action: 'screenshot' } }])
  })

  test('asks a client of OpenAI by a check, which it has to acknowledge', patient, async () => {
    const actions = [{ type: 'click', button: 'left', x: buyButton[0], y: buyButton[1] }]
    door.cloud.script([gptCall(actions), ...Array(3).fill(gptCall([{ type: 'wait' }]))])

    const { events, response } = await streamed('openai-responses', '/v1/responses', gptBody(true))
    const { output } = (events.at(-1) as { response: { output: Record<string, unknown>[] } }).response
    const [call = {}] = output
    const [check] = call['pending_safety_checks'] as { id: string }[]
    const done = {
      type: 'computer_call_output',
      call_id: call['call_id'],
      output: { type: 'computer_screenshot', image_url: `data:image/png;base64,${await shopScreen('Thank you')}` },
    }
    const silent = await answerOf('/v1/responses', gptBody(false, [call, done]))
    const acknowledged = await streamed(
      'openai-responses',
      '/v1/responses',
      gptBody(true, [call, { ...done, acknowledged_safety_checks: [check] }]),
    )

    expect(events.map(({ type }) => type).slice(-3)).toEqual([
      'response.output_item.added',
      'response.output_item.done',
      'response.completed',
    ])
    expect(call).toMatchObject({ type: 'computer_call', call_id: 'call_1', actions })
    expect(check).toMatchObject({
      id: response.headers.get('x-signalbox-approval'),
      code: 'purchase',
      message: expect.stringContaining('buy now'),
    })
    expect(silent.response.status).toBe(400)
    expect(silent.answer.error?.message).toContain('was not acknowledged')
    expect(acknowledged.response.status).toBe(200)
    const sent = door.cloud.requests.at(-1)?.body as unknown as { input: Record<string, unknown>[] }
    expect(sent.input.slice(-2), 'the vendor never asked').toMatchObject([
      { pending_safety_checks: [] },
      { acknowledged_safety_checks: [] },
    ])
  })

  test('what is denied never reaches a client of OpenAI, though its vendor only asks', patient, async () => {
    const check = { id: 'cu_sc_1', code: 'sensitive_domain', message: 'A bank' }
    const actions = [{ type: 'click', button: 'left', x: detailsButton[0], y: detailsButton[1] }]
    door.cloud.script([gptCall(actions, [check]), wholeGptCall(actions, [check])])

    const { text, events } = await streamed('openai-responses', '/v1/responses', gptBody(true))
    const { answer } = await answerOf('/v1/responses', gptBody(false))

    expect(text).not.toContain('computer_call')
    expect(events.map(({ sequence_number: number }) => number)).toEqual(events.map((_, index) => index))
    expect(answer.output).toMatchObject([
      { type: 'message', content: [{ type: 'output_text', text: expect.stringContaining('denies it') }] },
    ])
  })

  /** What a client has of a stream before the call that follows, and all of it. */
  async function heardOf(path: string, body: object, { reply, goOn }: ReturnType<typeof claudeSaying>) {
    door.cloud.script([reply])
    const response = await door.post(path, body)
    expect(response.status).toBe(200)
    const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader()
    let text = ''
    while (!text.includes('I take it')) text += (await reader.read()).value ?? ''
    const words = text
    goOn()
    for (let { value } = await reader.read(); value !== undefined; { value } = await reader.read()) text += value
    return { words, text, response }
  }

  test('lets words and thoughts flow before a call, and goes on from them with what stands for it', patient, async () => {
    const allowed = claudeSaying('I take it', click(detailsButton))
    const asked = claudeSaying('I take it', click(buyButton))

    const whole = await heardOf('/v1/messages', claudeBody(true), allowed)
    const { words, text } = await heardOf('/v1/messages', claudeBody(true), asked)
    const { events, end } = readStream('anthropic-messages', text)
    const blocks = blocksOf(events.map(({ data }) => data))

    expect(whole.text.endsWith(allowed.later), 'byte for byte').toBe(true)
    expect(words).not.toContain('tool_use')
    expect(end).toBe('complete')
    expect(blocks).toMatchObject([{ type: 'thinking' }, { type: 'text', text: 'I take it' }, { type: 'text' }])
    expect(blocks[2]?.text).toContain('signalbox approvals accept')
    expect(text).toContain('c2ln')
    expect(text).not.toContain('tool_use')
    expect(text.match(/message_start/g), 'one message').toHaveLength(2)
  })

  test('goes on from words of OpenAI with their ids, places and numbers', patient, async () => {
    const actions = [{ type: 'click', button: 'left', x: buyButton[0], y: buyButton[1] }]

    const { words, text } = await heardOf('/v1/responses', gptBody(true), gptSaying('I take it', actions))
    const { events, end } = readStream('openai-responses', text)
    const last = events.at(-1)?.data as { response: { id: string; output: object[] } }

    expect(words).not.toContain('computer_call')
    expect(end).toBe('complete')
    expect(events.map(({ data }) => data['sequence_number'])).toEqual(events.map((_, index) => index))
    expect(last.response).toMatchObject({ id: 'resp_7', created_at: 7, status: 'completed' })
    expect(last.response.output).toMatchObject([
      { type: 'message', id: 'msg_1', content: [{ text: 'I take it' }] },
      { type: 'computer_call', call_id: 'call_1', pending_safety_checks: [{ code: 'purchase' }] },
    ])
  })

  test('sees an order that appears only when its model makes the picture smaller', patient, async () => {
    const picture = await hiddenOrder()
    door.cloud.script([wholeClaudeCall(click(hiddenButton))])

    const { response, answer } = await answerOf('/v1/messages', claudeBody(false, { picture }))

    expect(answer.content).toMatchObject([{ type: 'text', text: expect.stringContaining('denies it') }])
    const [{ reasons } = { reasons: [] }] = await guardOf(response)
    expect(reasons.join()).toContain('asks to send private content elsewhere')
  })

  test('judges an action that the end of a stream alone tells', patient, async () => {
    const check = { id: 'cu_sc_1', code: 'sensitive_domain', message: 'A bank' }
    const { raw, contentType } = gptCall([{ type: 'click', button: 'left', x: detailsButton[0], y: detailsButton[1] }], [check])
    door.cloud.script([{ raw: raw.slice(raw.indexOf('event: response.completed')), contentType }])

    const { text } = await streamed('openai-responses', '/v1/responses', gptBody(true))

    expect(text).not.toContain('computer_call')
    expect(text).toContain('denies it')
  })

  test('judges what another vendor’s model wants in the pixels of the client', patient, async () => {
    const actions = [
      { type: 'click', button: 'left', x: detailsButton[0], y: detailsButton[1] },
      { type: 'click', button: 'left', x: buyButton[0], y: buyButton[1] },
    ]
    door.cloud.script([gptCall(actions)])

    const { events } = await streamed('anthropic-messages', '/v1/messages', claudeBody(true, { model: gpt }))

    expect(blocksOf(events)).toMatchObject([
      { type: 'tool_use', id: 'call_1', input: { action: 'left_click' } },
      { type: 'tool_use', id: 'call_1_1', input: { action: 'screenshot' } },
    ])
  })
})

/** As the command line does. */
async function decide(id: string, verdict: 'accepted' | 'denied'): Promise<void> {
  const store = await openSqliteStore({ path: join(door.folder, 'data', 'signalbox.db') })
  try {
    expect(await createApprovals(store.rows).decide(anyPrincipal, id, verdict, 'test'), id).toBeDefined()
  } finally {
    await store.close()
  }
}
