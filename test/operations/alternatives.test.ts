import { expect, test } from 'vitest'
import { ToolError, type ToolErrorOptions } from '../../tools/tool.ts'
import { wordsOf } from '../support/runs.ts'
import { type HostedStandIn, servicesFor } from '../support/services.ts'

const schema = (...names: string[]) => ({ type: 'object', properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])) })
const says = (isError: boolean) => () => ({ content: [{ type: 'text', text: isError ? 'no luck' : 'fine' }], isError })
const fails =
  (kind: ToolErrorOptions['kind'], stage: ToolErrorOptions['stage'] = 'run') =>
  () =>
    Promise.reject(new ToolError('"web_search" failed', { tool: 'web_search', stage, kind }))

const search: HostedStandIn = {
  name: 'web_search',
  server: 'web',
  tool: 'search',
  description: 'Searches the web for pages',
  inputSchema: schema('query', 'language'),
  readOnly: true,
  answer: says(true),
}
const other: HostedStandIn = {
  ...search,
  name: 'pages_search',
  server: 'pages',
  description: 'Searches pages of the web',
  answer: says(false),
}

async function callOf(tools: readonly HostedStandIn[], args: Record<string, unknown> = { query: 'ferry' }) {
  const { run, ran } = await servicesFor({ tools })
  const result = await run('call_tool_write', { name: 'web_search', arguments: args })
  expect(ran).toEqual(['web_search'])
  return { isError: result.isError, text: result.content.map((part) => part['text']).join('\n') }
}

test('a failed call names another tool that takes the same arguments, and does not call it', async () => {
  await expect(callOf([search, other])).resolves.toEqual({
    isError: true,
    text: 'no luck\nAnother tool takes the same arguments: pages_search (with call_tool). Nothing of it was called.',
  })
  const { text } = await callOf([{ ...search, answer: fails('quota') }, other])
  expect(text).toBe('"web_search" failed. Another tool takes the same arguments: pages_search (with call_tool). Nothing of it was called.')
})

test.each<[string, HostedStandIn[], Record<string, unknown>?]>([
  ['does not know one of the arguments', [search, { ...other, inputSchema: schema('query') }], { query: 'ferry', language: 'da' }],
  ['would do more', [search, { ...other, readOnly: false }]],
  ['is held back', [search, { ...other, quarantined: 'its definition changed' }]],
  ['does something else', [search, { ...other, tool: 'sing', description: 'Sings a song' }]],
  [
    'is of the server that is down',
    [
      { ...search, answer: fails('transport') },
      { ...other, server: 'web' },
    ],
  ],
])('a failed call names no tool that %s', async (_, tools, args) => {
  expect((await callOf(tools, args)).text).not.toContain('pages_search')
})

test.each<[string, HostedStandIn[]]>([
  ['the call went well', [{ ...search, answer: says(false) }, other]],
  ['the arguments were wrong', [{ ...search, answer: fails('schema', 'input') }, other]],
  ['a call that writes may have been done after all', [{ ...search, readOnly: false, answer: fails('timeout') }, other]],
])('nothing is named where %s', async (_, tools) => {
  expect((await callOf(tools)).text).not.toContain('pages_search')
})

test('nothing is named where a person has said no', async () => {
  const deny = { read: 'deny' as const, write: 'deny' as const, destructive: 'deny' as const }
  const { run } = await servicesFor({
    tools: [search, other],
    policy: { name: 'strict', default: { prefer: 'first' }, tools: { call: deny, loop: deny } },
  })

  expect(wordsOf(await run('call_tool', { name: 'web_search', arguments: { query: 'a' } }))).not.toContain('pages_search')
})
