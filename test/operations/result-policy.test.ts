import { expect, test } from 'vitest'
import { wordsOf } from '../support/runs.ts'
import { servicesFor } from '../support/services.ts'

const policy = (results: object) => ({ name: 'own', default: { prefer: 'first' }, results })
const rows = Array.from({ length: 3000 }, (_, id) => ({ id, name: `row ${id}` }))

test('a long JSON result comes in short where the policy says so, and whole by its handle', async () => {
  const answer = () => ({ content: [{ type: 'text', text: JSON.stringify(rows) }], structuredContent: { rows } })
  const tools = [{ name: 'db_query', readOnly: true, answer }]
  const plain = await servicesFor({ tools })
  const { run } = await servicesFor({ tools, policy: policy({ condense: true, over_bytes: 2000 }) })

  const result = await run('call_tool', { name: 'db_query' })
  const text = wordsOf(result)
  const handle = /re_[0-9a-f]{32}/.exec(text)?.[0]
  const found = await run('get_answer', { handle, find: 'row 2999' })

  expect(text.length).toBeLessThan(2500)
  expect(text).toContain('more of 3000')
  expect(text).toContain('[condensed: JSON of')
  expect(result.structured).toBeUndefined()
  expect(found.structured).toMatchObject({ text: expect.stringContaining('row 2999'), total: JSON.stringify(rows).length })
  expect((await plain.run('call_tool', { name: 'db_query' })).structured).toEqual({ rows })
})

test('results of read-only tools are kept as the policy says: for one caller, until something writes, and never an error', async () => {
  let calls = 0
  let isError = false
  const answer = () => ({ content: [{ type: 'text', text: `answer ${++calls}` }], isError })
  const tools = [
    { name: 'db_query', readOnly: true, answer },
    { name: 'db_other', readOnly: true, answer },
    { name: 'db_write', answer: () => ({ content: [] }) },
  ]
  const { run, services } = await servicesFor({ tools, policy: policy({ cache: { ttl_s: 60, tools: ['db_q*', 'db_write'] } }) })
  const ask = async (args = {}, principal = 'local', name = 'db_query') =>
    wordsOf(await run('call_tool', { name, arguments: args }, { principal }))

  expect(await ask({ a: 1, b: 2 })).toBe('answer 1')
  const again = await run('call_tool', { name: 'db_query', arguments: { b: 2, a: 1 } })
  expect(wordsOf(again)).toBe('answer 1')
  expect(again.meta).toEqual({ 'signalbox/cached': { age_s: expect.any(Number) } })
  expect(await ask({ a: 1, b: 2 }, 'key:other')).toBe('answer 2')
  expect(await ask({ a: 2 })).toBe('answer 3')
  expect(await ask({}, 'local', 'db_other')).toBe('answer 4')
  expect(await ask({}, 'local', 'db_other')).toBe('answer 5')

  await run('call_tool_write', { name: 'db_write' }, { principal: 'key:other' })
  isError = true
  expect(await ask({ a: 1, b: 2 })).toBe('answer 6')
  expect(await ask({ a: 1, b: 2 })).toBe('answer 7')
  expect(services.cache.counts()).toMatchObject({ kept: 0, hits: 1 })
})

test("forget drops the caller's kept results, and what the policy keeps from models is not kept", async () => {
  let calls = 0
  const answer = ({ who }: Record<string, unknown>) => ({
    content: [{ type: 'text', text: `call ${++calls} ${who === 1 ? 'adam.smith@example.com' : ''}` }],
  })
  const tools = [{ name: 'db_query', readOnly: true, answer }]
  const cache = { ttl_s: 60, tools: ['db_q*'] }
  const { run } = await servicesFor({ tools, policy: { ...policy({ cache }), default: { prefer: 'first', guards: { privacy: {} } } } })
  const ask = async (who: number, principal = 'local') =>
    wordsOf(await run('call_tool', { name: 'db_query', arguments: { who } }, { principal })).slice(0, 6)

  expect([await ask(0), await ask(0), await ask(0, 'other')]).toEqual(['call 1', 'call 1', 'call 2'])
  expect([await ask(1), await ask(1)]).toEqual(['call 3', 'call 4'])
  await run('forget', { text: 'anything' })
  expect([await ask(0), await ask(0, 'other')]).toEqual(['call 5', 'call 2'])
})
