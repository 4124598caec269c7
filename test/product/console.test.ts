import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { BrowserContext, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { builtSizes } from '../../bench/console.ts'
import { asOwner } from '../../src/caller.ts'
import type { DoneResult } from '../../src/operations/operation.ts'
import { openBrowser } from '../support/browser.ts'
import { instanceToken, simpleBody, useGateway } from '../support/gateway.ts'
import { published } from '../support/product/servers.ts'
import { contextOf } from '../support/runs.ts'

/** The console as a person has it: in a browser, on the built files, over a run of scripted steps. */

const opened = await openBrowser()
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const door = useGateway({
  tools: { files: published('filesystem', import.meta.dirname), notes: { ...published('memory'), pin: 'ask' } },
  computer: { ocr: 'off' },
})
const attack = '<img src=x onerror="document.title=\'attacked\'"><script>document.title="attacked"</script>'
let context: BrowserContext
let page: Page
/** Of the one screenshot. */
let frame = ''
/** What the page said on its console, and what it asked for elsewhere: nothing, if all is well. */
const complaints: string[] = []

async function step(prompt: string, text: string): Promise<string> {
  door.cloud.script([{ text }])
  const response = await door.post('/v1/chat/completions', simpleBody('openai-chat', 'signalbox/chat', prompt, false))
  return response.headers.get('x-signalbox-decision') ?? ''
}

/** An operation as an agent without a key runs it. */
async function run(name: string, input: Record<string, unknown>): Promise<unknown> {
  const operation = door.box.operations(asOwner()).find((one) => one.name === name)
  return operation?.run(operation.input.parse(input) as never, contextOf())
}

const steps = 500
const atOnce = 20

/** One of three agents, each with a key of its own, for one of two pools or for the policy to choose. */
async function agentAsks(at: number): Promise<void> {
  const model = ['signalbox/chat', 'signalbox/blocks', 'signalbox/auto'][at % 3] ?? ''
  const headers = { authorization: `Bearer agent-${at % 3}` }
  const response = await door.post('/v1/chat/completions', simpleBody('openai-chat', model, `Question ${at}: when?`, false), { headers })
  await response.text()
}

/** Pictures for `docs/images`, of what is tested: `SIGNALBOX_SCREENSHOTS=docs/images npx vitest run test/product/console.test.ts`. */
const screenshots = process.env['SIGNALBOX_SCREENSHOTS']

async function keepScreenshot(name: string): Promise<void> {
  if (screenshots === undefined) return
  if (name.startsWith('pools')) await page.locator('#spend').scrollIntoViewIfNeeded()
  await page.waitForTimeout(300)
  const picture = sharp(await page.screenshot())
  await picture.webp({ quality: 60, effort: 6 }).toFile(join(screenshots, `console-${name}.webp`))
}

async function openView(name: string): Promise<void> {
  await page.goto(`${door.url}/#/${name}`)
  await page.locator(`nav a[href="#/${name.split('/')[0]}"][aria-current]`).waitFor()
  for (const loading = page.locator('[aria-busy=true]'); (await loading.count()) > 0; ) await page.waitForTimeout(20)
}

const standards = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice']
/** What other colours and another width can change. */
const ofTheLook = ['color-contrast', 'scrollable-region-focusable']

interface Violation {
  id: string
  impact: string
  nodes: { html: string }[]
}

/** What axe finds that keeps somebody out. Its script runs in the page's own world of the debugger, past the policy of the page. */
async function barriers(runOnly: readonly string[]): Promise<string[]> {
  await page.evaluate(`typeof axe === 'undefined' && (() => { ${axe} })()`)
  const found = await page.evaluate<Violation[]>(
    `axe.run(${JSON.stringify({ resultTypes: ['violations'], runOnly })}).then(({ violations }) => violations)`,
  )
  return found
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`)
}

test('what the console makes a browser load stays below 300 KB of script', () => {
  const script = builtSizes().find(({ kind }) => kind === 'js')

  expect(script?.gzip).toBeGreaterThan(10_000)
  expect(script?.gzip).toBeLessThan(300_000)
})

describe.skipIf(opened.browser === undefined)('the console in a browser', () => {
  beforeAll(async () => {
    if (opened.browser === undefined) return
    context = await opened.browser.newContext({ viewport: { width: 1280, height: 900 }, locale: 'en-US' })
    page = await context.newPage()
    page.on('console', (message) => ['error', 'warning'].includes(message.type()) && complaints.push(message.text()))
    page.on('pageerror', (error) => complaints.push(error.message))
    page.on('request', (request) => request.url().startsWith(door.url) || complaints.push(`asked for ${request.url()}`))
    await door.box.settled()
    await run('remember', { text: `The ferry to Hven leaves at 07:40. ${attack}` })
    const picture = await sharp({ create: { width: 640, height: 400, channels: 3, background: '#dfe7ef' } })
      .png()
      .toBuffer()
    const screenshot = `data:image/png;base64,${picture.toString('base64')}`
    const checked = await run('check_action', { action: { type: 'click', x: 320, y: 200 }, screenshot, url: 'https://example.com/' })
    frame = String((checked as DoneResult).structured?.['frame'])
    door.cloud.answer(({ prompt }) => ({ text: `You asked: ${prompt}` }))
    for (let at = 0; at < steps; at += atOnce) await Promise.all(Array.from({ length: atOnce }, (_, more) => agentAsks(at + more)))
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

  test('all that agents asked is counted, and what it would have cost with one model always', async () => {
    await openView('pools')
    const models = page.getByLabel('What each model did')
    await models.waitFor()
    for (const plot of ['spend', 'latency']) await page.locator(`#${plot} canvas`).waitFor()

    expect(await page.getByLabel('What the same steps had cost').textContent()).toContain('always')
    const answered = await models.locator('tbody tr td:nth-child(2)').allTextContents()
    expect(answered.reduce((sum, one) => sum + Number(one), 0)).toBeGreaterThanOrEqual(steps)
  })

  test('a step appears while the list is open', async () => {
    await openView('steps')
    await step('Appear by yourself', 'Here')

    await page.getByRole('link', { name: 'Appear by yourself' }).waitFor({ timeout: 5000 })
  })

  test('what waits for a person is shown as it would be done, and denied there', async () => {
    await openView('approvals')
    await run('call_tool_write', { name: 'files_write_file', arguments: { path: 'a.txt', content: attack } })
    await page.getByRole('button', { name: 'Deny' }).first().click()
    await page.getByText('does not run').waitFor()

    expect(await page.locator('main img').count()).toBe(0)
    await page.getByText('Nothing waits for you').waitFor()
  })

  test('what was laid down is shown, and lifted on a second yes', async () => {
    await run('remember', { text: `Never push to main. ${attack}`, kind: 'commitment' })
    await openView('commitments')
    const card = page.locator('.card', { hasText: 'Never push to main' })
    await card.getByRole('button', { name: 'Lift' }).click()
    await card.getByRole('button', { name: 'Lift for good' }).click()

    await page.getByText('Nothing was laid down.').waitFor()
    expect(await page.locator('main img, main script').count()).toBe(0)
    await run('remember', { text: 'Never delete a branch', kind: 'commitment' })
  })

  test('a search for tools says what each score is made of', async () => {
    await openView('tools')
    await page.getByLabel('What has to be done').fill('look into a text file')
    await page.getByRole('button', { name: 'Find tools' }).click()
    await page
      .getByRole('row', { name: /files_read_text_file/ })
      .first()
      .waitFor()

    expect(await page.getByLabel('The tools that were found, and what their scores are made of').textContent()).toMatch(/\d\.\d{3}/)
  })

  test('what is remembered is recalled as text, with its trust, and forgotten on a second yes', async () => {
    await openView('memory')
    await page.getByLabel('What a step might ask').fill('When does the ferry leave?')
    await page.getByRole('button', { name: 'Recall' }).click()
    const item = page.locator('.item', { hasText: 'Hven' })
    await item.getByText('known').waitFor()
    await item.getByRole('button', { name: 'Forget it' }).click()
    await page.getByRole('button', { name: 'Forget it for good' }).click()

    await item.waitFor({ state: 'detached' })
    expect(await page.title()).not.toContain('attacked')
  })

  test('a definition that waits is shown as it would be, and found once it was accepted', async () => {
    await openView('tools')
    const card = page.locator('#pin-notes_read_graph')
    await card.getByRole('button', { name: 'Accept this definition' }).click()
    await card.waitFor({ state: 'detached' })

    await page.getByLabel('What has to be done').fill('read the whole knowledge graph')
    await page.getByRole('button', { name: 'Find tools' }).click()
    await page
      .getByRole('row', { name: /notes_read_graph/ })
      .first()
      .waitFor()
    expect(door.box.host.pins().map(({ name }) => name)).not.toContain('notes_read_graph')
    expect(door.box.host.pins().length).toBeGreaterThan(0)
  })

  test('what check_action said of an action stands with its screenshot', async () => {
    await openView(`frames/${frame}`)

    const said = page.locator('#actions li').first()
    expect(await said.textContent()).toContain('click')
    expect(await said.locator('.tag').first().textContent()).toMatch(/^(allow|confirm|deny|reobserve)$/)
    expect(await page.locator('.picture circle').count()).toBe(1)
  })

  test('a policy is checked, replayed and asked about before it is published', async () => {
    await openView('policy')
    const text = await page.getByLabel('The policy as YAML').inputValue()
    await page.getByLabel('The policy as YAML').fill(`${text}\n# changed\n`)
    await page.getByRole('button', { name: 'Check and run its tests' }).click()
    await page.getByText(/tests? passed/).waitFor({ timeout: 15_000 })
    await page.getByRole('button', { name: 'Replay the last week' }).click()
    await page.getByText('planned again').waitFor({ timeout: 15_000 })
    await page.getByRole('button', { name: 'Publish…' }).click()

    await page.getByRole('button', { name: 'Yes, serve it' }).waitFor()
  })

  test.each([
    ['light', 1280, standards],
    ['dark', 375, ofTheLook],
  ] as const)(
    'every view can be used by everybody: %s, %d pixels wide',
    async (colorScheme, width, rules) => {
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      const id = await step('Open me', 'Opened')
      const found: Record<string, string[]> = {}
      for (const view of [
        'steps',
        `steps/${id}`,
        'approvals',
        'commitments',
        'pools',
        'tools',
        'memory',
        'frames',
        `frames/${frame}`,
        'policy',
        'start',
      ]) {
        await openView(view)
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
        await keepScreenshot(`${view.replace(/s\/.*/, '')}-${colorScheme}`)
        const all = [...(await barriers(rules)), ...(overflow > 0 ? [`${overflow} pixels beyond the edge`] : [])]
        if (all.length > 0) found[view] = all
      }

      expect(found).toEqual({})
    },
    60_000,
  )

  test('nothing went wrong on the way, and nothing was asked of anybody else', () => {
    expect(complaints).toEqual([])
  })
})
