import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AnyClient, connectClient } from '../support/mcp-clients.ts'
import { type HttpHere, serveHere } from '../support/product/here.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { runCommand } from '../support/product/program.ts'

/** The guard as a harness meets it: a real client, pictures of a page, and a person at another terminal. */

/** The first picture loads what reads it. */
const patient = { timeout: 60_000 }

interface Checked {
  verdict: string
  reasons: string[]
  frame: string
  target: { label?: string } | null
  approval?: string
  findings: { code: string }[]
}

let home: Home
let http: HttpHere
let client: AnyClient

beforeAll(async () => {
  home = createHome(() => ({}))
  http = await serveHere(home)
  client = await connectClient('v2 modern', { url: http.mcp })
})
afterAll(async () => {
  await client?.close()
  await http?.stop()
  home?.remove()
})

const button = (x: number, label: string, fill: string, ink: string) =>
  `<rect x="${x}" y="300" width="220" height="50" rx="6" fill="${fill}"/>` +
  `<text x="${x + 110}" y="332" text-anchor="middle" font-size="20" font-family="DejaVu Sans, sans-serif" fill="${ink}">${label}</text>`

async function page({ buy = 'Buy now', over = '' }: { buy?: string; over?: string } = {}): Promise<string> {
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1000" height="600"><rect width="1000" height="600" fill="#fff"/>
    <text x="80" y="90" font-size="28" font-family="DejaVu Sans, sans-serif">Blue kettle, 1.7 litres</text>
    ${button(80, buy, '#1a56c4', '#fff')}${button(340, 'Show details', '#eeeeee', '#111')}${over}</svg>`
  return `data:image/png;base64,${(await sharp(Buffer.from(svg)).png().toBuffer()).toString('base64')}`
}

async function check(args: Record<string, unknown>): Promise<Checked> {
  const result = await client.callTool({ name: 'check_action', arguments: args })
  expect(result.isError ?? false, JSON.stringify(result.content)).toBe(false)
  return result.structuredContent as Checked
}

const codes = ({ findings }: Checked) => findings.map(({ code }) => code)

test('a click on what it claims to hit is allowed, and one on a swapped button is not', patient, async () => {
  const right = await check({ action: { type: 'click', at: { x: 450, y: 325 } }, claim: 'Show details', screenshot: await page() })
  expect(right).toMatchObject({ verdict: 'allow', reasons: [], target: { label: 'Show details' } })

  const swapped = await check({ action: { type: 'click', at: { x: 190, y: 325 } }, claim: 'Show details', screenshot: await page() })
  expect(swapped.verdict).not.toBe('allow')
  expect(codes(swapped)).toContain('label-mismatch')
})

test("each vendor's payload is read by its form", patient, async () => {
  const screenshot = await page()
  for (const action of [
    { action: 'left_click', coordinate: [190, 325] },
    { type: 'tool_use', id: 't1', name: 'left_click', toolset_name: 'computer', input: { coordinate: [190, 325] } },
    { type: 'click', x: 190, y: 325, button: 'left' },
    { type: 'computer_call', call_id: 'c1', actions: [{ type: 'click', x: 190, y: 325, button: 'left' }], pending_safety_checks: [] },
    // On a grid of 1000 over 1000x600.
    { functionCall: { name: 'click', args: { x: 190, y: 542, intent: 'buy it' } } },
    { name: 'computer_use', arguments: { action: 'left_click', coordinate: [190, 542] } },
    "Thought: buy it\nAction: click(start_box='<|box_start|>(190,325)<|box_end|>')",
  ]) {
    const checked = await check({ action, claim: 'Buy now', screenshot })
    expect(checked, JSON.stringify(action)).toMatchObject({ verdict: 'confirm', target: { label: 'Buy now' } })
    expect(codes(checked)).toContain('purchase')
  }
})

test('a purchase waits for a person, whose yes counts once and for this screen alone', patient, async () => {
  const given = { action: { type: 'click', at: { x: 190, y: 325 } }, claim: 'Buy now', screenshot: await page() }
  const { verdict, approval = '' } = await check(given)
  expect({ verdict, approval }).toEqual({ verdict: 'confirm', approval: expect.stringMatching(/^ap_[0-9a-f]{32}$/) })
  expect((await check({ ...given, approval })).approval).toBe(approval)

  expect((await runCommand(home, ['approvals', 'accept', approval])).code).toBe(0)
  const covered = await page({ over: '<rect x="60" y="200" width="600" height="260" fill="#fff" stroke="#333"/>' })
  expect((await check({ ...given, approval, screenshot: covered })).verdict).not.toBe('allow')
  expect(await check({ ...given, approval })).toMatchObject({ verdict: 'allow' })
  expect((await check({ ...given, approval })).verdict).toBe('confirm')
})

test('a click that was decided on another screen wants a new look', patient, async () => {
  const before = await check({ action: { type: 'move', at: { x: 1, y: 1 } }, screenshot: await page() })
  const after = await page({ over: '<rect x="300" y="250" width="400" height="200" fill="#ffe" stroke="#333"/>' })
  const late = await check({ action: { type: 'click', at: { x: 450, y: 325 } }, screenshot: after, decided_on: before.frame })
  expect(['reobserve', 'deny']).toContain(late.verdict)
})

test('a click that was decided in another window wants a new look, though both look alike', patient, async () => {
  const screenshot = await page()
  const { frame } = await check({ action: { type: 'move', at: { x: 1, y: 1 } }, screenshot, window: 'Shop' })
  const given = { action: { type: 'click', at: { x: 450, y: 325 } }, claim: 'Show details', screenshot, decided_on: frame }

  expect(await check({ ...given, window: 'Shop' })).toMatchObject({ verdict: 'allow' })
  const elsewhere = await check({ ...given, window: 'Sign in' })
  expect(elsewhere.verdict).toBe('reobserve')
  expect(codes(elsewhere)).toContain('focus')
})

test('what cannot be done is denied with the rule, and what is nobody’s action is an error that says what is known', patient, async () => {
  const screenshot = await page()
  const outside = await check({ action: { action: 'left_click', coordinate: [5000, 10] }, screenshot })
  expect(outside).toMatchObject({ verdict: 'deny' })
  expect(outside.reasons[0]).toContain('1000x600')
  expect(codes(await check({ action: { type: 'navigate', url: 'data:text/html,hello' }, screenshot }))).toContain('scheme')

  const unknown = await client.callTool({ name: 'check_action', arguments: { action: { jump: true }, screenshot } })
  expect(unknown.isError).toBe(true)
  expect(unknown.content[0]?.text).toContain('Anthropic, OpenAI, Gemini, Qwen or UI-TARS')
  const cut = `${screenshot.slice(0, 400)}`
  const broken = await client.callTool({ name: 'check_action', arguments: { action: { type: 'screenshot' }, screenshot: cut } })
  expect(broken.isError).toBe(true)
})

test('the command line judges alike: exit code 0 for allowed alone', patient, async () => {
  const png = home.write('page.png', Buffer.from((await page()).split(',')[1] ?? '', 'base64'))
  const guard = (x: number, claim: string) =>
    runCommand(home, ['guard', JSON.stringify({ type: 'click', at: { x, y: 325 } }), '--screenshot', png, '--claim', claim, '--json'])
  const allowed = await guard(450, 'Show details')
  expect(allowed.code, allowed.err).toBe(0)
  expect(JSON.parse(allowed.out)).toMatchObject({ verdict: 'allow' })
  const bought = await guard(190, 'Buy now')
  expect(bought.code).toBe(1)
  expect(JSON.parse(bought.out)).toMatchObject({ verdict: 'confirm' })
})
