import { expect, test } from 'vitest'
import { deployment, pool } from '../support/deployments.ts'
import { wordsOf } from '../support/runs.ts'
import { type ServicesFacts, servicesFor } from '../support/services.ts'
import { standIn, type Turn } from '../support/stand-in-provider.ts'

async function setUp(turn: Turn, facts: ServicesFacts = {}) {
  return servicesFor({ pools: [pool('quick', [deployment('a/m')])], providers: [standIn('a', turn)], ...facts })
}

async function startedIn({ run, services }: Awaited<ReturnType<typeof setUp>>): Promise<string> {
  const handle = String((await run('ask', { prompt: 'Go', wait_s: 0 })).structured?.['handle'])
  await expect.poll(() => services.runs.active()).toBeLessThanOrEqual(1)
  return handle
}

test('get_answer pages through the answer of a run, and finds words in it', async () => {
  const fixture = await setUp({ text: `${'a'.repeat(30_000)} Needle ${'b'.repeat(100)}` })
  const handle = await startedIn(fixture)

  const whole = await fixture.run('get_answer', { handle })
  const found = await fixture.run('get_answer', { handle, find: 'needle' })
  const page = await fixture.run('get_answer', { handle, offset: 30_000 })

  expect(whole.structured).toMatchObject({ status: 'done', model: 'a/m' })
  expect(found.structured).toMatchObject({ status: 'done', offset: 29_801 })
  expect(String(found.structured?.['text'])).toContain('Needle')
  expect(String(page.structured?.['text'])).toMatch(/^ Needle b/)
  expect((await fixture.run('get_answer', { handle, find: 'none' })).structured).toMatchObject({ found: false })
})

test('get_answer says where else the words stand, so that asking again leads from hit to hit', async () => {
  const { run, services } = await setUp({})
  const words = ['needle', 'x'.repeat(30_000), 'NEEDLE', 'needle', 'x'.repeat(30_000), 'needle']
  const handle = await services.results.keep('local', words.join(' '))
  const find = async (offset: number) => (await run('get_answer', { handle, find: 'needle', offset })).structured

  expect(await find(0)).toMatchObject({ found_at: [0], found_count: 4, next_found_at: 30_008 })
  expect(await find(30_008)).toMatchObject({ found_at: [30_008, 30_015], found_count: 3, next_found_at: 60_023 })
  const last = await run('get_answer', { handle, find: 'needle', offset: 60_023 })
  expect(last.structured).toMatchObject({ found_at: [60_023], found_count: 1, total: 60_029 })
  expect(last.structured).not.toHaveProperty('next_found_at')
  expect(wordsOf(last)).toContain('found once, here at 60023]')
  expect((await find(60_024))?.['found']).toBe(false)
})

test('get_answer says how long the text is when asked beyond its end', async () => {
  const { run, services } = await setUp({})
  const handle = await services.results.keep('local', 'short')

  const beyond = await run('get_answer', { handle, offset: 6 })

  expect(beyond.isError).toBe(true)
  expect(wordsOf(beyond)).toBe(`Cannot read ${handle} from offset 6: it must be at most 5, the length of the text`)
  expect((await run('get_answer', { handle, offset: 5 })).structured).toMatchObject({ text: '', total: 5 })
})

test('get_answer gives no page that is larger than its client bears', async () => {
  const answer = () => ({ content: [{ type: 'text', text: 'x'.repeat(100_000) }] })
  const clients = { default: { handleAfterMs: 60_000, resultBytes: 8000 } }
  const { run } = await setUp({}, { tools: [{ name: 'files_read', readOnly: true, answer }], clients })
  const handle = /re_[0-9a-f]{32}/.exec(wordsOf(await run('call_tool', { name: 'files_read' })))?.[0] ?? ''

  const page = await run('get_answer', { handle })

  expect(JSON.stringify(page).length).toBeLessThan(8000)
  expect(page.structured).toMatchObject({ total: 100_000, next_offset: 2000 })
})

test('get_answer cancels what runs, and says of a stored result that there is nothing to cancel', async () => {
  const fixture = await setUp({ hangs: true })
  const handle = await startedIn(fixture)
  const stored = await fixture.services.results.keep('local', 'text')

  expect((await fixture.run('get_answer', { handle, cancel: true })).structured).toMatchObject({ status: 'cancelled' })
  expect(await fixture.run('get_answer', { handle: stored, cancel: true })).toMatchObject({ isError: true })
})

test('get_answer does not say that it cancelled what runs in another process', async () => {
  const fixture = await setUp({ hangs: true })
  const handle = await startedIn(fixture)
  const other = await setUp({}, { store: fixture.store })
  await fixture.store.rows.update<{ owner: object }>('local', 'run', handle, (run) => ({
    ...run,
    owner: { instance: 'x', host: 'elsewhere', pid: 1 },
  }))

  const result = await other.run('get_answer', { handle, cancel: true })

  expect(result.structured).toMatchObject({ status: 'working' })
  expect(wordsOf(result)).toContain('Could not cancel')
})

test('get_answer pages do not end inside a character, and find in any case at the right place', async () => {
  const { services } = await setUp({})
  const handle = await services.results.keep('local', `${'İ'.repeat(50)}😀😀 NEEDLE`)

  const page = await services.results.read('local', handle, { offset: 0, limit: 51 })
  const found = await services.results.read('local', handle, { offset: 52, find: 'needle', limit: 500 })

  expect(page).toMatchObject({ text: 'İ'.repeat(50), nextOffset: 50 })
  expect(found?.text.endsWith('NEEDLE')).toBe(true)
  expect(await services.results.read('local', handle, { offset: 56, find: 'needle', limit: 500 })).toMatchObject({ found: { count: 0 } })
})
