import sharp from 'sharp'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { type AnyClient, connectClient } from '../support/mcp-clients.ts'
import { type HttpHere, serveHere } from '../support/product/here.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { runCommand } from '../support/product/program.ts'
import { type ScriptedProvider, startScriptedProvider } from '../support/scripted-provider/index.ts'

/** Steps on a screen through a real client: the model proposes in its vendor's form, the guard judges, a person decides. */

/** The first picture loads what reads it. */
const patient = { timeout: 60_000 }

interface Next {
  actions: {
    index: number
    frame: string
    action: { type: string; at?: { x: number; y: number } }
    verdict: string
    reasons: string[]
    approval?: string
  }[]
  say?: string
  done: boolean
  model: string
  pool: string
  thread: string
  way: string[]
}

let cloud: ScriptedProvider
let home: Home
let client: AnyClient
/** A user with a small model beside the strong one. */
let tiered: { home: Home; client: AnyClient }
const doors: HttpHere[] = []

const providers = () => ({
  blocks: { kind: 'anthropic', base_url: cloud.url, api_key: 'a-key', price: { input: 5, output: 25 } },
  chat: { kind: 'openai', base_url: cloud.openaiUrl, api_key: 'a-key', price: { input: 0.1, output: 0.4 } },
})
const poolOf = (...models: string[]) => ({ screen: { models, modalities: ['text', 'image'], computer: true } })
async function user(guard: Record<string, unknown>, ...models: string[]) {
  const guards = { computer: { redact: 'always', ...guard } }
  const own = createHome((one) => ({
    providers: providers(),
    pools: { ...poolOf(...models), judge: { models: ['chat/judge'] } },
    policy: one.write('guarded.policy.yaml', JSON.stringify({ name: 'guarded', default: { prefer: 'first', guards } })),
  }))
  const door = await serveHere(own)
  doors.push(door)
  return { home: own, client: await connectClient('v2 modern', { url: door.mcp }) }
}

beforeAll(async () => {
  cloud = await startScriptedProvider()
  tiered = await user({ judge: 'judge', budget: { steps: 2 } }, 'chat/small-vision', 'blocks/claude-sonnet-4-6')
  const one = await user({}, 'blocks/claude-sonnet-4-6')
  home = one.home
  client = one.client
})
afterAll(async () => {
  await Promise.all([client?.close(), tiered?.client.close()])
  for (const door of doors) await door.stop()
  await cloud?.close()
  home?.remove()
  tiered?.home.remove()
})
beforeEach(() => cloud.reset())

const label = (x: number, text: string, fill: string, ink: string) =>
  `<rect x="${x}" y="600" width="440" height="100" rx="12" fill="${fill}"/>` +
  `<text x="${x + 220}" y="664" text-anchor="middle" font-size="40" font-family="DejaVu Sans, sans-serif" fill="${ink}">${text}</text>`

/** Larger than the model gets it. */
async function page(note = ''): Promise<string> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1600" height="960" viewBox="0 0 2000 1200"><rect width="2000" height="1200" fill="#fff"/>
    <text x="160" y="180" font-size="56" font-family="DejaVu Sans, sans-serif">Blue kettle, 1.7 litres</text>
    <text x="160" y="1100" font-size="28" font-family="DejaVu Sans, sans-serif">${note}</text>
    ${label(160, 'Buy now', '#1a56c4', '#fff')}${label(680, 'Show details', '#eeeeee', '#111')}</svg>`
  return `data:image/png;base64,${(await sharp(Buffer.from(svg)).png().toBuffer()).toString('base64')}`
}

const sse = (...all: Record<string, unknown>[]) => ({
  raw: all.map((one) => `event: ${String(one['type'])}\ndata: ${JSON.stringify(one)}\n\n`).join(''),
  contentType: 'text/event-stream',
})
const claude = (content: Record<string, unknown>[]) =>
  sse(
    { type: 'message_start', message: { id: 'm', model: 'claude-sonnet-4-6', content: [], usage: { input_tokens: 9, output_tokens: 1 } } },
    ...content.flatMap(({ input, text, ...block }, index) => [
      { type: 'content_block_start', index, content_block: input === undefined ? { ...block, text: '' } : { ...block, input: {} } },
      {
        type: 'content_block_delta',
        index,
        delta: input === undefined ? { type: 'text_delta', text } : { type: 'input_json_delta', partial_json: JSON.stringify(input) },
      },
      { type: 'content_block_stop', index },
    ]),
    {
      type: 'message_delta',
      delta: { stop_reason: content.some((one) => 'input' in one) ? 'tool_use' : 'end_turn' },
      usage: { output_tokens: 5 },
    },
    { type: 'message_stop' },
  )
/** In pixels of the picture that the model was sent. */
const click = (x: number, y: number) =>
  claude([{ type: 'tool_use', id: 'toolu_1', name: 'computer', input: { action: 'left_click', coordinate: [x, y] } }])

async function next(args: Record<string, unknown>, by = client): Promise<Next> {
  const result = await by.callTool({
    name: 'next_action',
    arguments: { goal: 'Read what the kettle can do', environment: 'browser', ...args },
  })
  expect(result.isError ?? false, JSON.stringify(result.content)).toBe(false)
  return result.structuredContent as Next
}

interface Body {
  tools: { type: string; display_width_px: number }[]
  messages: { role: string; content: { type: string; content?: { type: string }[]; source?: { data: string } }[] }[]
}
const body = (index: number) => cloud.requests[index]?.body as unknown as Body

test('a step is asked in the form of its model, answered in pixels of the screenshot, and goes on in its thread', patient, async () => {
  // Claude sees 1600x960 as 1400x840.
  cloud.script([click(617, 446), claude([{ type: 'text', text: 'It heats 1.7 litres.' }])])

  const first = await next({ screenshot: await page(), goal: 'Show the details' })
  expect(body(0).tools).toMatchObject([{ type: 'computer_20251124' }])
  expect(first).toMatchObject({ done: false, model: 'blocks/claude-sonnet-4-6', pool: 'screen' })
  expect(first.actions[0]).toMatchObject({ index: 0, verdict: 'allow', action: { type: 'click' } })
  const { x, y } = first.actions[0]?.action.at ?? { x: 0, y: 0 }
  const sent = body(0).tools[0]?.display_width_px ?? 0
  expect(Math.abs(x - (617 * 1600) / sent)).toBeLessThan(0.5)
  expect(Math.abs(y - (446 * 1600) / sent)).toBeLessThan(2)

  const second = await next({ screenshot: await page('details are shown'), thread: first.thread, results: [{ index: 0, ok: true }] })
  expect(second).toMatchObject({ done: true, say: 'It heats 1.7 litres.', actions: [], thread: first.thread })
  expect(body(1).messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user'])
  expect(body(1).messages[2]?.content[0]).toMatchObject({ type: 'tool_result', tool_use_id: 'toolu_1' })
})

test('what has to be confirmed waits for a person, and goes on without asking the model again', patient, async () => {
  cloud.script([click(260, 446)])
  const asked = await next({ screenshot: await page(), goal: 'Look at the kettle' })
  expect(asked.actions).toMatchObject([{ verdict: 'confirm', approval: expect.stringMatching(/^ap_/) }])
  const approval = asked.actions[0]?.approval ?? ''

  expect((await runCommand(home, ['approvals', 'accept', approval])).code).toBe(0)
  const allowed = await next({ screenshot: await page(), goal: 'Look at the kettle', thread: asked.thread, approval })
  expect(allowed.actions).toMatchObject([{ verdict: 'allow', action: { type: 'click' } }])
  expect(cloud.requests).toHaveLength(1)
})

test('a small model proposes first, and what it doubts or what has consequences goes to the strong one', patient, async () => {
  const proposal = (x: number, logprob: number) => ({
    toolCalls: [{ name: 'computer', input: { actions: [{ type: 'click', at: { x, y: 446 } }] }, logprob }],
  })
  const ask = async (...script: Parameters<typeof cloud.script>[0]) => {
    cloud.reset()
    cloud.script(script)
    const { model, way } = await next({ screenshot: await page(), goal: 'Show the details' }, tiered.client)
    return { model, way: way.join(' '), asked: cloud.requests.map((request) => request.model) }
  }

  expect(await ask(proposal(617, -0.01))).toMatchObject({ model: 'chat/small-vision', asked: ['small-vision'] })
  const doubted = await ask(proposal(617, -2), click(617, 446))
  expect(doubted).toMatchObject({ model: 'blocks/claude-sonnet-4-6', asked: ['small-vision', 'claude-sonnet-4-6'] })
  expect(doubted.way).toContain('it was sure by')
  const risky = await ask(proposal(260, -0.01), { text: 'ASK - it is not clear' }, click(617, 446))
  expect(risky.asked).toEqual(['small-vision', 'judge', 'claude-sonnet-4-6'])
})

test('keys and personal numbers on a screen do not leave the machine, and nothing else of the picture changes', patient, async () => {
  cloud.script([claude([{ type: 'text', text: 'Seen.' }])])
  const { masked } = (await next({ screenshot: await page('Card 4111 1111 1111 1111 expires 12/29') })) as Next & {
    masked: { kind: string; left: number; top: number; right: number; bottom: number }[]
  }
  expect(masked.map(({ kind }) => kind)).toEqual(['card'])
  const sent = body(0).messages[0]?.content.find((part) => part.source !== undefined)
  const picture = sharp(Buffer.from(sent?.source?.data ?? '', 'base64'))
  const { width = 0 } = await picture.metadata()
  const [box] = masked
  const scale = width / 1600
  const { left = 0, top = 0, right = 0, bottom = 0 } = box ?? {}
  const at = { left: Math.ceil(left * scale) + 2, top: Math.ceil(top * scale) + 2 }
  const inside = { ...at, width: Math.floor((right - left) * scale) - 6, height: Math.max(1, Math.floor((bottom - top) * scale) - 6) }
  const pixels = await picture.extract(inside).greyscale().raw().toBuffer()
  expect(Math.max(...pixels)).toBeLessThan(24)

  const fitted = await client.callTool({
    name: 'fit_image',
    arguments: { image: await page('Card 4111 1111 1111 1111'), target: 'blocks/claude-sonnet-4-6', redact: true },
  })
  expect(JSON.parse(fitted.content[1]?.text ?? '{}').redacted).toMatchObject([{ kind: 'card' }])
})

test('a judge is asked before a person is, sees no text of the page, and can only make it stricter', patient, async () => {
  const against = { text: 'AGAINST - the user only wants to read' }
  cloud.script([
    { toolCalls: [{ name: 'computer', input: { actions: [{ type: 'click', at: { x: 260, y: 446 } }] }, logprob: -0.01 }] },
    against,
    click(260, 446),
    against,
  ])
  const { actions } = await next({ screenshot: await page('Free shipping today') }, tiered.client)
  expect(actions).toMatchObject([{ verdict: 'deny' }])
  const asked = JSON.stringify(cloud.requests[1]?.body)
  expect(asked).toContain('Read what the kettle can do')
  expect(asked).not.toContain('Free shipping')
})

test('where a small model failed before, the strong one is asked at once; and what a thread may take ends it', patient, async () => {
  const proposal = { toolCalls: [{ name: 'computer', input: { actions: [{ type: 'click', at: { x: 617, y: 446 } }] }, logprob: -0.01 }] }
  cloud.script([proposal, click(617, 446), click(617, 446)])
  const given = { screenshot: await page(), goal: 'Show the details' }

  const first = await next(given, tiered.client)
  const failed = await next(
    { ...given, thread: first.thread, results: [{ index: 0, ok: false, error: 'nothing happened' }] },
    tiered.client,
  )
  const elsewhere = await next({ ...given, screenshot: await page() }, tiered.client)
  const over = await next({ ...given, thread: first.thread }, tiered.client)

  expect([first.model, failed.model, elsewhere.model]).toEqual([
    'chat/small-vision',
    'blocks/claude-sonnet-4-6',
    'blocks/claude-sonnet-4-6',
  ])
  expect(elsewhere.way.join()).toContain('on screens like this one, 1 of the last')
  expect(over).toMatchObject({ done: true, actions: [], stopped: 'step-budget', handle: expect.stringMatching(/^ha_/) })
  expect(over.say).toContain('2 steps were made, and 2 may be')
  expect(cloud.requests).toHaveLength(3)
})

test('bad input is told', patient, async () => {
  const wrong = await client.callTool({
    name: 'next_action',
    arguments: { goal: 'x', screenshot: 'data:image/png;base64,AAAA', environment: 'browser' },
  })
  expect(wrong.isError).toBe(true)
  const where = await client.callTool({ name: 'next_action', arguments: { goal: 'x', screenshot: await page(), environment: 'toaster' } })
  expect(where.isError).toBe(true)
})
