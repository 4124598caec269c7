import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBrowser } from '../support/browser.ts'
import { instanceToken, simpleBody, useGateway } from '../support/gateway.ts'

/** The console as a person has it: in a browser, on the built files, over a run of scripted steps. */

const opened = await openBrowser()
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const door = useGateway()
const attack = '<img src=x onerror="document.title=\'attacked\'"><script>document.title="attacked"</script>'
let context: BrowserContext
let page: Page
/** What the page said on its console, and what it asked for elsewhere: nothing, if all is well. */
const complaints: string[] = []

async function step(prompt: string, text: string): Promise<string> {
  door.cloud.script([{ text }])
  const response = await door.post('/v1/chat/completions', simpleBody('openai-chat', 'signalbox/chat', prompt, false))
  return response.headers.get('x-signalbox-decision') ?? ''
}

async function openView(name: string): Promise<void> {
  await page.goto(`${door.url}/#/${name}`)
  await page.locator('main h1').waitFor()
  await page.locator('[aria-busy=true]').waitFor({ state: 'detached' })
}

interface Violation {
  id: string
  impact: string
  nodes: { html: string }[]
}

/** What axe finds that keeps somebody out. Its script runs in the page's own world of the debugger, past the policy of the page. */
async function barriers(): Promise<string[]> {
  await page.evaluate(axe)
  const found = await page.evaluate<Violation[]>('axe.run().then(({ violations }) => violations)')
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}

describe.skipIf(opened.browser === undefined)('the console in a browser', () => {
  beforeAll(async () => {
    if (opened.browser === undefined) return
    context = await opened.browser.newContext({ viewport: { width: 1280, height: 900 } })
    page = await context.newPage()
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => request.url().startsWith(door.url) || complaints.push(`asked for ${request.url()}`))
    for (let at = 0; at < 20; at++) await step(`Question ${at}: when does the ferry leave?`, `Answer ${at}`)
    await page.goto(`${door.url}/#login=${instanceToken}`)
    await page.locator('main h1').waitFor()
  }, 60_000)

  afterAll(async () => {
    await opened.browser?.close()
  })

  test('the address that holds the token is left at once, and the token is kept nowhere', async () => {
    expect(page.url()).not.toContain(instanceToken)
    expect(await page.evaluate('JSON.stringify([localStorage, sessionStorage, document.cookie])')).not.toContain(instanceToken)
  })

  test('text of a model and of a caller is shown as text', async () => {
    const id = await step(`Say this ${attack}`, attack)
    await openView(`steps/${id}`)

    expect(await page.locator('.quoted').allTextContents()).toEqual(expect.arrayContaining([attack, expect.stringContaining(attack)]))
    await openView('steps')
    expect(await page.locator('main').textContent()).toContain('onerror')
    expect(await page.locator('main img, main script').count()).toBe(0)
    expect(await page.title()).not.toContain('attacked')
  })

  test('a step appears while the list is open', async () => {
    await openView('steps')
    await step('Appear by yourself', 'Here')

    await page.getByRole('link', { name: 'Appear by yourself' }).waitFor({ timeout: 5000 })
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    for (const width of [1280, 375]) {
      test(`every view can be used: ${colorScheme}, ${width} pixels wide`, async () => {
        await page.emulateMedia({ colorScheme })
        await page.setViewportSize({ width, height: 900 })
        const id = await step('Open me', 'Opened')
        const found: Record<string, string[]> = {}
        for (const view of ['steps', `steps/${id}`, 'approvals']) {
          await openView(view)
          const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
          const all = [...(await barriers()), ...(overflow > 0 ? [`${overflow} pixels beyond the edge`] : [])]
          if (all.length > 0) found[view] = all
        }

        expect(found).toEqual({})
      }, 60_000)
    }
  }

  test('nothing went wrong on the way, and nothing was asked of anybody else', () => {
    expect(complaints).toEqual([])
  })
})
