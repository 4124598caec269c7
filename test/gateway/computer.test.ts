import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { claudeCall, gptCall } from '../support/computer-answers.ts'
import { type GatewayDoor, openGateway } from '../support/gateway.ts'

/*
 * A loop of computer use over the door whose model changes between its steps: each vendor has its own form, and its own size of the
 * same screenshot.
 */

const gpt = 'items-a/gpt-5.4'
const claude = 'blocks-a/claude-sonnet-4-6'
const toolset = 'blocks-a/claude-opus-5'
const chat = 'chat-a/alpha'

let door: GatewayDoor
let picture: string
beforeAll(async () => {
  const modalities = ['text', 'image']
  door = await openGateway({ pools: { screen: { models: [gpt, claude, toolset, chat], modalities } } })
  // 1.5 times too wide for GPT's 2048 pixels, and smaller still for Claude.
  const drawn = sharp({ create: { width: 3072, height: 1536, channels: 3, background: '#fff' } })
  picture = (await drawn.png().toBuffer()).toString('base64')
})
afterAll(() => door.close())
beforeEach(() => door.cloud.reset())

const check = { id: 'cu_sc_1', code: 'sensitive_domain', message: 'A bank' }

const image = () => ({ type: 'image', source: { type: 'base64', media_type: 'image/png', data: picture } })
const toolUse = (id: string, action: string, input: object) => ({ type: 'tool_use', id, name: 'computer', input: { action, ...input } })
const claudeBody = (
  model: string,
  messages: object[] = [],
  tool: object = { type: 'computer_20251124', name: 'computer', display_width_px: 3072, display_height_px: 1536 },
) => ({
  model,
  max_tokens: 500,
  tools: [tool],
  messages: [{ role: 'user', content: [{ type: 'text', text: 'Buy a mug' }, image()] }, ...messages],
})
const gptBody = (model: string, more: object[] = []) => ({
  model,
  store: false,
  tools: [{ type: 'computer' }],
  input: [
    {
      role: 'user',
      content: [
        { type: 'input_text', text: 'Buy' },
        { type: 'input_image', image_url: `data:image/png;base64,${picture}` },
      ],
    },
    ...more,
  ],
})

async function answerTo(path: string, body: object): Promise<Record<string, unknown>> {
  const response = await door.post(path, body)
  const answer = (await response.json()) as Record<string, unknown>
  expect(response.status, JSON.stringify(answer)).toBe(200)
  expect(response.headers.get('x-signalbox-dropped') ?? '').not.toContain('computer')
  return answer
}

const sent = () => door.cloud.requests.at(-1)?.body as Record<string, Record<string, unknown>[]>

describe('computer use over the door', () => {
  test('from a client of Claude to GPT: tool, calls with their screenshot, and the answer in the client’s pixels', async () => {
    door.cloud.script([
      gptCall([
        { type: 'click', x: 1024, y: 512, button: 'left' },
        { type: 'type', text: 'mug' },
      ]),
    ])
    const before = [
      { role: 'assistant', content: [toolUse('toolu_a', 'left_click', { coordinate: [300, 150] })] },
      { role: 'user', content: [{ type: 'tool_result', tool_use_id: 'toolu_a', content: [image()] }] },
    ]

    const answer = await answerTo('/v1/messages', claudeBody(gpt, before))

    expect(sent()['tools']).toEqual([{ type: 'computer' }])
    expect(sent()['input']).toMatchObject([
      { role: 'user' },
      { type: 'computer_call', call_id: 'toolu_a', actions: [{ type: 'click', button: 'left', x: 200, y: 100 }] },
      { type: 'computer_call_output', call_id: 'toolu_a', output: { type: 'computer_screenshot' } },
    ])
    expect(answer).toMatchObject({
      stop_reason: 'tool_use',
      content: [toolUse('call_1', 'left_click', { coordinate: [1536, 768] }), toolUse('call_1_1', 'type', { text: 'mug' })],
    })
  })

  test('the same as a stream', async () => {
    door.cloud.script([gptCall([{ type: 'keypress', keys: ['CTRL', 'L'] }])])

    const text = await (await door.post('/v1/messages', { ...claudeBody(gpt), stream: true })).text()

    expect(text).toContain('"name":"computer"')
    expect(text).toContain(JSON.stringify(JSON.stringify({ action: 'key', text: 'ctrl+l' })).slice(1, -1))
    expect(text).not.toContain('keypress')
  })

  test('from a client of GPT to the toolset: a batch is a block for each action, with its screenshot and its toolset echoed', async () => {
    door.cloud.script([claudeCall({ name: 'left_click', toolset_name: 'computer', input: { coordinate: [10, 20] } })])
    const call = {
      type: 'computer_call',
      call_id: 'call_a',
      actions: [
        { type: 'click', x: 3072, y: 0, button: 'left' },
        { type: 'type', text: 'a' },
      ],
      pending_safety_checks: [],
      status: 'completed',
    }
    const output = {
      type: 'computer_call_output',
      call_id: 'call_a',
      output: { type: 'computer_screenshot', image_url: `data:image/png;base64,${picture}` },
    }

    const answer = await answerTo('/v1/responses', gptBody(toolset, [call, output]))

    expect(sent()['tools']).toMatchObject([{ type: 'computer_toolset_20260801', configs: { zoom: { enabled: false } } }])
    const [width] = [2576]
    expect(sent()['messages']?.[1]).toMatchObject({
      role: 'assistant',
      content: [
        { type: 'tool_use', id: 'call_a', name: 'left_click', toolset_name: 'computer', input: { coordinate: [width, 0] } },
        { id: 'call_a_1', name: 'type', input: { text: 'a' } },
        { id: 'call_a_2', name: 'screenshot' },
      ],
    })
    expect(sent()['messages']?.[2]).toMatchObject({
      content: [
        { type: 'tool_result', tool_use_id: 'call_a', toolset_name: 'computer', content: [] },
        { tool_use_id: 'call_a_1', content: [] },
        { tool_use_id: 'call_a_2', content: [{ type: 'image' }] },
      ],
    })
    const [item] = answer['output'] as { actions: { x: number; y: number }[] }[]
    expect(item).toMatchObject({
      type: 'computer_call',
      call_id: 'toolu_0',
      pending_safety_checks: [],
      actions: [{ type: 'click', button: 'left' }],
    })
    expect(item?.actions[0]?.x).toBe(Math.round((10 / 2576) * 3072))
  })

  test('to a model without a computer: a function of our actions', async () => {
    door.cloud.script([{ toolCalls: [{ name: 'computer', input: { actions: [{ type: 'click', at: { x: 1, y: 1 } }] } }] }])

    const answer = await answerTo('/v1/messages', claudeBody(chat))

    expect(sent()['tools']).toMatchObject([{ type: 'function', function: { name: 'computer' } }])
    expect(answer['content']).toMatchObject([{ type: 'tool_use', name: 'computer', input: { action: 'left_click' } }])
  })

  test('a place outside of the picture is a failure and never a click', async () => {
    door.cloud.script([gptCall([{ type: 'click', x: 5000, y: 5, button: 'left' }])])

    const response = await door.post('/v1/messages', claudeBody(gpt))

    expect(response.status).toBeGreaterThanOrEqual(500)
  })

  test('checks of GPT are words to a client that cannot say them, and no call', async () => {
    door.cloud.script([gptCall([{ type: 'click', x: 5, y: 5, button: 'left' }], [check])])

    const answer = await answerTo('/v1/messages', claudeBody(gpt))

    expect(answer).toMatchObject({
      stop_reason: 'end_turn',
      content: [{ type: 'text', text: expect.stringContaining('sensitive_domain') }],
    })
  })

  test('its own form passes as it is', async () => {
    door.cloud.script([claudeCall({ name: 'computer', input: { action: 'left_click', coordinate: [9999, 1] } })])
    const body = { ...claudeBody(claude), stream: true }

    await (await door.post('/v1/messages', body)).text()

    expect(sent()).toEqual({ ...body, model: 'claude-sonnet-4-6' })
  })

  test('a form that the model refuses by name is stepped down from once, which is remembered and written down', async () => {
    const refuses = (tool: string) => ({
      status: 400,
      raw: JSON.stringify({
        type: 'error',
        error: {
          type: 'invalid_request_error',
          message: `'claude' does not support tool types: ${tool}. Did you mean one of bash_20250124?`,
        },
      }),
      contentType: 'application/json',
    })
    const click = claudeCall({ name: 'computer', input: { action: 'left_click', coordinate: [1, 1] } })
    door.cloud.script([refuses('computer_toolset_20260801'), click, click])

    const response = await door.post('/v1/responses', gptBody(toolset))
    await answerTo('/v1/responses', gptBody(toolset))

    expect(response.status).toBe(200)
    const types = door.cloud.requests.map(({ body }) => (body as { tools: { type: string }[] }).tools.map(({ type }) => type))
    expect(types).toEqual([['computer_toolset_20260801'], ['computer_20251124'], ['computer_20251124']])
    expect(door.cloud.requests[1]?.headers['anthropic-beta']).toBe('computer-use-2025-11-24')
    const { outcome } = (await door.decisionOf(response)) as { outcome: { attempts: { error?: { message: string } }[] } }
    expect(outcome.attempts[0]?.error?.message).toContain('does not support tool types')
  })

  test('the client’s own form that its model refuses becomes one that it takes', async () => {
    door.cloud.script([
      {
        status: 400,
        raw: JSON.stringify({
          type: 'error',
          error: {
            type: 'invalid_request_error',
            message: 'Unexpected value(s) `computer-use-2025-01-24` for the `anthropic-beta` header.',
          },
        }),
        contentType: 'application/json',
      },
      claudeCall({ name: 'computer', input: { action: 'left_click', coordinate: [1, 1] } }),
    ])
    const tool = { type: 'computer_20250124', name: 'computer', display_width_px: 3072, display_height_px: 1536 }

    const answer = await answerTo('/v1/messages', claudeBody(claude, [], tool))

    expect(sent()['tools']).toMatchObject([{ type: 'computer_20251124' }])
    expect(answer['content']).toMatchObject([{ type: 'tool_use', name: 'computer', input: { action: 'left_click' } }])
  })
})
