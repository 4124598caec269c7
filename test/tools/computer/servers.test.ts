import { expect, test } from 'vitest'
import { recogniseBrowser } from '../../../tools/computer/servers.ts'

const tool = (name: string, ...takes: string[]) => ({
  tool: name,
  inputSchema: { type: 'object', properties: Object.fromEntries(takes.map((one) => [one, {}])) },
})
const servers = {
  playwright: [
    tool('browser_click', 'element', 'target', 'doubleClick'),
    tool('browser_type', 'element', 'target', 'text', 'submit'),
    tool('browser_navigate', 'url'),
    tool('browser_fill_form', 'fields'),
    tool('browser_press_key', 'key'),
    tool('browser_evaluate', 'function'),
    tool('browser_handle_dialog', 'accept', 'promptText'),
    tool('browser_tabs', 'action', 'index', 'url'),
    tool('browser_snapshot', 'target', 'boxes'),
    tool('browser_cookie_set', 'name'),
  ],
  devtools: [
    tool('click', 'uid', 'dblClick'),
    tool('fill', 'uid', 'value'),
    tool('navigate_page', 'type', 'url'),
    tool('take_snapshot'),
    tool('evaluate_script', 'function'),
  ],
  puppeteer: [tool('puppeteer_click', 'selector'), tool('puppeteer_fill', 'selector', 'value'), tool('puppeteer_navigate', 'url')],
}
const left = { type: 'click', button: 'left', count: 1, modifiers: [] }

test('recogniseBrowser() knows a published server by three of its tools and what they take', () => {
  for (const tools of Object.values(servers)) expect(recogniseBrowser(tools)).toBeDefined()

  expect(recogniseBrowser(servers.playwright.slice(0, 2))).toBeUndefined()
  expect(recogniseBrowser([tool('click', 'item'), tool('fill', 'cup'), tool('drag', 'file'), tool('hover')])).toBeUndefined()
  expect(recogniseBrowser(servers.playwright)?.snapshot).toEqual({ tool: 'browser_snapshot', args: { boxes: true } })
  expect(recogniseBrowser(servers.devtools)?.snapshot).toEqual({ tool: 'take_snapshot', args: {} })
  expect(recogniseBrowser(servers.puppeteer)?.snapshot).toBeUndefined()
})

test('read() gives what a call of each server does', () => {
  const [playwright, devtools, puppeteer] = [servers.playwright, servers.devtools, servers.puppeteer].map(recogniseBrowser)

  expect(playwright?.read('browser_click', { element: 'Buy', target: 'f1e5' })).toEqual([{ ref: 'f1e5', claim: 'Buy', action: left }])
  expect(playwright?.read('browser_click', { target: 'button.buy-now' })).toEqual([{ claim: 'button buy now', action: left }])
  expect(playwright?.read('browser_type', { target: 'e5', text: 'Ada', submit: true })).toMatchObject([
    { ref: 'e5', action: { type: 'type', text: 'Ada', submit: true } },
  ])
  expect(playwright?.read('browser_fill_form', { fields: [{ name: 'Town', target: 'e1', type: 'textbox', value: 'Hinton' }] })).toEqual([
    { ref: 'e1', claim: 'Town', action: { type: 'type', text: 'Hinton' } },
  ])
  expect(playwright?.read('browser_press_key', { key: 'Control++' })).toMatchObject([{ action: { type: 'key', keys: ['Control', '+'] } }])
  expect(playwright?.read('browser_tabs', { action: 'new', url: 'https://example.com/' })).toMatchObject([{ action: { type: 'navigate' } }])
  expect(playwright?.read('browser_evaluate', { function: '() => 1' })).toMatchObject([{ opaque: expect.stringContaining('script') }])
  expect(playwright?.read('browser_handle_dialog', { accept: false })).toEqual([])
  expect(playwright?.read('browser_snapshot', {})).toEqual([])
  expect(playwright?.read('browser_cookie_set', {})).toBeUndefined()
  expect(devtools?.read('click', { uid: '1_4', dblClick: true })).toEqual([{ ref: '1_4', action: { ...left, count: 2 } }])
  expect(devtools?.read('navigate_page', { type: 'back' })).toEqual([{ action: { type: 'back' } }])
  expect(puppeteer?.read('puppeteer_fill', { selector: '#api-key', value: 'x' })).toMatchObject([{ claim: 'api key' }])
})
