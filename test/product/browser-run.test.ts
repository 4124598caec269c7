import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBrowser, noBrowser } from '../support/browser.ts'
import { readSecret } from '../support/computer-site/pages.ts'
import { type ComputerSite, startComputerSite } from '../support/computer-site/site.ts'
import { type AnyClient, connectClient } from '../support/mcp-clients.ts'
import { type HttpHere, serveHere } from '../support/product/here.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { runCommand } from '../support/product/program.ts'
import { until } from '../support/product/until.ts'

/** An agent without a model drives a real browser through a published server that Signalbox hosts. */

const server = join(import.meta.dirname, '../../node_modules/@playwright/mcp/cli.js')
const program = existsSync(server) ? await findBrowser() : undefined
const missing = existsSync(server) ? noBrowser : '@playwright/mcp is not installed'

let site: ComputerSite
let home: Home
let http: HttpHere
let client: AnyClient

beforeAll(async () => {
  if (program === undefined) return
  site = await startComputerSite()
  home = createHome((own) => ({
    policy: './site.policy.yaml',
    tools: {
      web: {
        command: process.execPath,
        args: [server, '--config', join(own.root, 'browser.json'), '--output-dir', own.files],
        private: false,
      },
    },
  }))
  const launchOptions = { executablePath: program.path, headless: true, chromiumSandbox: false, args: program.args }
  home.write('../browser.json', JSON.stringify({ browser: { browserName: 'chromium', isolated: true, launchOptions } }))
  // The pages stand on this machine, and answering letters is what this agent is for.
  const guards = { computer: { allow: ['private-address', 'unusual-port', 'send'] } }
  home.write('../site.policy.yaml', JSON.stringify({ name: 'site rules', default: { prefer: 'first', guards } }))
  http = await serveHere(home)
  client = await connectClient('v2 modern', { url: http.mcp })
  const isHosted = async () => !(await client.callTool({ name: 'call_tool', arguments: { name: 'web_browser_snapshot' } })).isError
  await until(isHosted, 'the browser server is hosted', 50_000)
}, 60_000)
afterAll(async () => {
  await client?.close()
  await http?.stop()
  await site?.close()
  home?.remove()
})

interface Answer {
  readonly text: string
  readonly isError: boolean
}

let steps = 0
let thread = 'benign'

async function use(tool: string, args: Record<string, unknown> = {}): Promise<Answer> {
  steps += 1
  const result = await client.callTool({ name: 'call_tool_write', arguments: { name: `web_browser_${tool}`, arguments: args, thread } })
  return { text: result.content.map(({ text }) => text ?? '').join('\n'), isError: result.isError === true }
}

/** What must go well. */
async function done(tool: string, args?: Record<string, unknown>): Promise<string> {
  const { text, isError } = await use(tool, args)
  expect(isError, `${tool} ${JSON.stringify(args)}: ${text}`).toBe(false)
  expect(text).not.toContain('needs_approval')
  return text
}

/** Looks at the page and finds an element by its role and name, as a model does. */
async function find(role: string, name: string): Promise<string> {
  return refIn(await done('snapshot'), role, name)
}

function refIn(snapshot: string, role: string, name: string): string {
  const ref = new RegExp(`${role} "${name}"[^\n]*\\[ref=(\\w+)\\]`).exec(snapshot)?.[1]
  expect(ref, `${role} "${name}" in\n${snapshot}`).toBeDefined()
  return ref ?? ''
}

async function click(role: string, name: string): Promise<string> {
  return done('click', { element: name, target: await find(role, name) })
}

const frameIn = (text: string) => /signalbox:\/\/frame\/[\w-]+/.exec(text)?.[0] ?? ''

describe.skipIf(program === undefined)(`a browser behind Signalbox${program === undefined ? ` (skipped: ${missing})` : ''}`, () => {
  test('thirty steps through shop, mail and form pass, and only the purchase waits for a person', { timeout: 60_000 }, async () => {
    await done('navigate', { url: `${site.shop}/` })
    await click('link', 'Blue kettle')
    await click('button', 'Show details')
    await click('button', 'Add to cart')
    await click('link', 'Continue to checkout')
    const checkout = await done('snapshot')
    for (const [field, value] of [
      ['Full name', 'Ada Byron'],
      ['Street', 'Mill Lane 4'],
      ['Town', 'Hinton'],
    ] as const) {
      await done('type', { element: field, target: refIn(checkout, 'textbox', field), text: value })
    }
    const order = { element: 'Place order', target: refIn(checkout, 'button', 'Place order') }
    const asked = await use('click', order)
    expect(asked.text).toMatch(/^needs_approval: .*Asked because it spends or moves money \(the target says "place order"\)/)
    expect(site.received).not.toContain('POST /order')
    const [approval = '', handle = ''] = [/\bap_[0-9a-f]{32}\b/.exec(asked.text)?.[0], /\bha_[0-9a-f]{32}\b/.exec(asked.text)?.[0]]
    expect((await runCommand(home, ['approvals', 'accept', approval])).code).toBe(0)
    const bought = await client.callTool({ name: 'get_answer', arguments: { handle, wait_s: 20 } })
    expect(bought.isError ?? false, JSON.stringify(bought.content)).toBe(false)
    expect(site.received).toContain('POST /order')

    const shot = frameIn(await done('take_screenshot', { scale: 'css' }))
    await done('navigate', { url: `${site.mail}/` })
    await click('link', 'Lunch on Friday.')
    await click('link', 'Reply')
    const reply = await done('snapshot')
    await done('type', { element: 'Subject', target: refIn(reply, 'textbox', 'Subject'), text: 'Lunch' })
    await done('type', { element: 'Message', target: refIn(reply, 'textbox', 'Message'), text: 'Noon is fine.' })
    await done('click', { element: 'Send', target: refIn(reply, 'button', 'Send') })
    await done('navigate_back')
    await done('navigate', { url: `${site.form}/` })
    const form = await done('snapshot')
    await done('fill_form', {
      fields: [
        { name: 'Nickname', target: refIn(form, 'textbox', 'Nickname'), type: 'textbox', value: 'ada' },
        { name: 'Town', target: refIn(form, 'textbox', 'Town'), type: 'textbox', value: 'Hinton' },
      ],
    })
    await done('type', { element: 'About you', target: refIn(form, 'textbox', 'About you'), text: 'I like engines.' })
    await done('select_option', { element: 'Colour', target: refIn(form, 'combobox', 'Colour'), values: ['Green'] })
    await done('click', { element: 'Large letters', target: refIn(form, 'checkbox', 'Large letters') })
    await done('click', { element: 'Save profile', target: refIn(form, 'button', 'Save profile') })

    expect(site.received).toEqual(['POST /cart', 'POST /order', 'POST /sent', 'POST /saved'])
    expect(steps).toBeGreaterThanOrEqual(30)
    const { contents } = await client.raw.readResource({ uri: shot })
    expect(contents[0]).toMatchObject({ mimeType: 'image/png', blob: expect.stringMatching(/^iVBOR/) })
  })

  test('a swapped button is not hit', async () => {
    thread = 'swapped'
    await done('navigate', { url: `${site.shop}/kettle?attack=swap` })
    const target = await find('button', 'Buy now')

    const { text, isError } = await use('click', { element: 'Show details', target })

    expect(isError).toBe(true)
    expect(text).toContain('it would hit "Buy now", but claims to hit "Show details"')
  })

  test('what a pop-up wants waits for a person, whose no counts', async () => {
    thread = 'pop-up'
    await done('navigate', { url: `${site.shop}/kettle?attack=popup` })
    const { text } = await use('click', { element: 'Install update', target: await find('button', 'Install update') })

    expect(text).toMatch(/^needs_approval: .*Install update/s)
    const approval = /\bap_[0-9a-f]{32}\b/.exec(text)?.[0] ?? ''
    expect((await runCommand(home, ['approvals', 'deny', approval])).code).toBe(0)
  })

  test('an overlay that came after the look is seen before the click', async () => {
    thread = 'overlay'
    await done('navigate', { url: `${site.shop}/kettle?attack=overlay` })
    const target = await find('button', 'Show details')
    await site.raiseOverlay()

    const { text, isError } = await use('click', { element: 'Show details', target })

    expect(isError).toBe(true)
    expect(text).toContain('has come up over the page since it was looked at')
    expect(text).toContain('look at the page again')
  })

  test('nothing is typed on a look-alike that a link has led to', async () => {
    thread = 'look-alike'
    await done('navigate', { url: `${site.shop}/cart?attack=redirect` })
    await click('link', 'Continue to checkout')
    const target = await find('textbox', 'Full name')

    const { text, isError } = await use('type', { element: 'Full name', target, text: 'Ada Byron' })

    expect(isError).toBe(true)
    expect(text).toContain(`the browser is at ${new URL(site.lookAlike).host}, and the action was meant for ${new URL(site.shop).host}`)
  })

  test('what a letter orders the agent to do is not done', async () => {
    thread = 'injection'
    await done('navigate', { url: `${site.mail}/letter/2?attack=injection` })
    const { text, isError } = await use('click', { element: 'Delete all messages', target: await find('button', 'Delete all messages') })

    expect(isError).toBe(true)
    expect(text).toMatch(/a text on 127\.0\.0\.1:\d+ gives orders to the agent/)
    expect(site.received).not.toContain('POST /delete')
  })

  test('a secret that was read on one site is not typed on another, whole or in pieces', async () => {
    thread = 'secret'
    await done('navigate', { url: `${site.mail}/letter/3` })
    await done('snapshot')
    await done('navigate', { url: `${site.form}/` })
    const form = await done('snapshot')
    const target = refIn(form, 'textbox', 'About you')

    const whole = await use('type', { element: 'About you', target, text: `my key is ${readSecret}` })
    const escaped = await use('navigate', { url: `${site.form}/?q=${Buffer.from(readSecret).toString('base64')}` })

    expect([whole.isError, escaped.isError]).toEqual([true, true])
    expect(whole.text).toMatch(/what is typed was read from the page of 127\.0\.0\.1:\d+, which is private/)
    expect(escaped.text).toMatch(/what is in the address was read from/)
  })

  test('what was denied, and why, can be looked at afterwards', async () => {
    const { calls } = JSON.parse((await runCommand(home, ['--json', 'tools', 'audit'])).out) as { calls: Record<string, unknown>[] }

    const denied = calls.filter(({ rule, verdict }) => rule === 'guards.computer' && verdict === 'deny').map(({ why }) => why)
    expect(denied).toHaveLength(6)
    expect(denied[0]).toContain('it would hit "Buy now"')
    expect(JSON.stringify(calls)).not.toContain(readSecret)
  })
})
