import { expect, test } from 'vitest'
import { wordsOf } from '../support/runs.ts'
import { servicesFor } from '../support/services.ts'

const small = { clients: { default: { handleAfterMs: 60_000, resultBytes: 60_000 } } }

test('threads get shows no binary data, also none that a tool returned', async () => {
  const { run, services } = await servicesFor()
  const { thread } = await services.threads.open('local', 'pictures')
  const image = { type: 'image' as const, mediaType: 'image/png' as const, data: 'QUJD'.repeat(1000) }
  await services.threads.append('local', thread, [
    { role: 'user', content: [image, { type: 'tool-result', id: '1', name: 'look', content: [image], isError: false }], trust: 'external' },
  ])

  const shown = JSON.stringify(await run('threads', { op: 'get', thread: 'pictures' }))

  expect(shown).not.toContain('QUJD')
  expect(shown.match(/4000 characters of base64/g)).toHaveLength(2)
})

test('threads get gives what its client bears, and every turn once', async () => {
  const { run, services } = await servicesFor(small)
  const { thread } = await services.threads.open('local', 'long')
  for (let number = 1; number <= 6; number += 1)
    await services.threads.append('local', thread, [
      { role: 'user', content: [{ type: 'text', text: 'word '.repeat(1500) }], trust: 'known' },
    ])

  const sequences: number[] = []
  for (let cursor: string | undefined, pages = 0; pages < 10; pages += 1) {
    const page = await run('threads', { op: 'get', thread: 'long', cursor })
    expect(JSON.stringify(page).length).toBeLessThan(60_000)
    sequences.push(...((page.structured?.['turns_shown'] ?? []) as { sequence: number }[]).map((turn) => turn.sequence))
    cursor = page.structured?.['next_cursor'] as string | undefined
    if (cursor === undefined) break
  }

  expect(sequences).toEqual([1, 2, 3, 4, 5, 6])
})

test('threads get refuses a cursor that it did not give', async () => {
  const { run, services } = await servicesFor()
  await services.threads.open('local', 'one')

  await expect(run('threads', { op: 'get', thread: 'one', cursor: 'x' })).rejects.toThrow('cursor must be one that threads gave')
})

test('threads export gives a handle where its client bears no more', async () => {
  const { run, services } = await servicesFor({ clients: { tiny: { handleAfterMs: 0, resultBytes: 500 } } })
  const { thread } = await services.threads.open('local', 'one')
  await services.threads.append('local', thread, [{ role: 'user', content: [{ type: 'text', text: 'word '.repeat(100) }], trust: 'known' }])

  expect((await run('threads', { op: 'export', thread }, { client: { name: 'Tiny' } })).structured).toHaveProperty('handle')
  expect((await run('threads', { op: 'export', thread })).structured).toHaveProperty('jsonl')
})

test('threads export gives all turns, and reads no more than some of them at once', async () => {
  const { run, services } = await servicesFor()
  const { thread } = await services.threads.open('local', 'long')
  const said = Array.from({ length: 450 }, (_, at) => ({
    role: 'user' as const,
    content: [{ type: 'text' as const, text: `${at}` }],
    trust: 'known' as const,
  }))
  await services.threads.append('local', thread, said)
  const read: number[] = []
  const threads: typeof services.threads = {
    ...services.threads,
    async turns(...of) {
      const turns = await services.threads.turns(...of)
      read.push(turns.length)
      return turns
    },
  }

  const { structured } = await run('threads', { op: 'export', thread }, {}, { threads })

  const lines = String(structured?.['jsonl']).split('\n')
  expect(lines.map((line) => JSON.parse(line).sequence)).toEqual(Array.from({ length: 450 }, (_, at) => at + 1))
  expect(Math.max(...read)).toBeLessThanOrEqual(200)
})

test('remember for all threads makes no thread of the name that it is given', async () => {
  const { run, services } = await servicesFor()

  await run('remember', { text: 'A fact', thread: 'nowhere' })

  expect(await services.threads.get('local', 'nowhere')).toBeUndefined()
})

test.each([
  ['text', { text: 'the periwinkle' }],
  ['all', { all: true }],
])('forget by %s takes the answers behind handles along, and what was asked of a person', async (_name, filter) => {
  const answer = () => ({ content: [{ type: 'text', text: 'It holds "the\nperiwinkle" key' }] })
  const tools = [
    { name: 'files_read', readOnly: true, answer },
    { name: 'files_remove', annotations: { destructiveHint: true } },
  ]
  const { run, services, store } = await servicesFor({ tools })
  const handle = /ha_[0-9a-f]{32}/.exec(wordsOf(await run('call_tool', { name: 'files_read', wait_s: 0 })))?.[0] ?? ''
  await services.approvals.create({ tool: 'files_remove', argumentsHash: '', effect: 'with the periwinkle', principal: 'local', handle })
  const [approval] = await services.approvals.list('local')
  await services.approvals.decide('local', approval?.id ?? '', 'denied', 'test')
  await services.approvals.create({ tool: 'files_remove', argumentsHash: '', effect: 'of another', principal: 'key:1', handle })
  await expect.poll(() => services.runs.active()).toBe(0)

  await run('forget', filter)

  expect(wordsOf(await run('get_answer', { handle }))).toContain('there is no handle')
  expect((await store.rows.list('local', 'run')).rows).toEqual([])
  expect((await store.rows.list('local', 'approval')).rows).toEqual([])
  expect(await services.approvals.list('key:1')).toHaveLength(1)
})
