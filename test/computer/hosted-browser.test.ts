import { expect, test } from 'vitest'
import { noTaint } from '../../models/taint.ts'
import { createBrowsers } from '../../src/computer/browsers.ts'
import { defaultRules } from '../../tools/computer/guard/rules.ts'
import type { Catalogue, HostedTool, RawResult } from '../../tools/tool.ts'

const tool = (name: string, ...takes: string[]) =>
  ({
    ...{ name: `web_${name}`, server: 'web', tool: name },
    inputSchema: { type: 'object', properties: Object.fromEntries(takes.map((one) => [one, {}])) },
  }) as unknown as HostedTool
const tools = [
  tool('browser_click', 'element', 'target'),
  tool('browser_type', 'element', 'target', 'text'),
  tool('browser_navigate', 'url'),
  tool('browser_snapshot'),
]
const [click] = tools as [HostedTool]

/** A page whose text the test changes. */
function browserWith(page: { text: string }) {
  const answer = () => ({
    content: [{ type: 'text', text: `- Page URL: https://shop.example/\n- button "More" [ref=e1]\n- paragraph: ${page.text}` }],
  })
  const host = { catalogue: () => ({ tools }) as unknown as Catalogue, call: async () => answer() as unknown as RawResult }
  const browsers = createBrowsers({
    host: host as never,
    frames: { take: () => Promise.reject(new Error('no picture')) },
    rules: () => defaultRules,
    log: { warn: () => undefined },
  })
  return async () => {
    const call = await browsers.call(click, { element: 'More', target: 'e1' }, { principal: 'ann', thread: 'one' })
    const ruling = await call?.judge({ taint: noTaint, signal: new AbortController().signal })
    if (ruling?.verdict === 'allow') call?.begins()
    return ruling
  }
}

test('createBrowsers() sees that the same is done on a page that does not change, and not where it does', async () => {
  const page = { text: 'page 0' }
  const press = browserWith(page)
  for (let turn = 1; turn <= 6; turn += 1) {
    expect((await press())?.verdict, `turn ${turn}`).toBe('allow')
    page.text = `page ${turn}`
  }

  const still = browserWith({ text: 'nothing happens' })
  const verdicts: (string | undefined)[] = []
  for (let turn = 0; turn < 4; turn += 1) verdicts.push((await still())?.verdict)

  expect(verdicts).toEqual(['allow', 'allow', 'allow', 'confirm'])
  expect((await still())?.reasons.join()).toContain('the same was done on the same screen 3 times')
})
