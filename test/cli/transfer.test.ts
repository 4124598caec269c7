import { expect, test } from 'vitest'
import { runLine } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'

/** As `@modelcontextprotocol/server-memory` 2026.8.31 writes its file. */
const graph = [
  { type: 'entity', name: 'Ada', entityType: 'person', observations: ['Plays the oboe', 'Lives in Turin'] },
  { type: 'entity', name: 'Turin', entityType: 'city', observations: [] },
  { type: 'relation', from: 'Ada', to: 'Turin', relationType: 'works_in' },
]
const written = (lines: readonly unknown[]) => lines.map((line) => JSON.stringify(line)).join('\n')

test('import takes up the file of server-memory once, as external, and export gives it with its sources', async () => {
  using folders = createConfigFolders()
  folders.write('project/memory.json', written(graph))

  const first = await runLine(folders, ['import', 'memory.json'])
  const second = await runLine(folders, ['import', 'memory.json', '--json'])
  const { out } = await runLine(folders, ['export'])

  expect(first).toEqual({ code: 0, out: 'Imported 4 memories and 0 threads with 0 turns; 0 were there already\n', err: '' })
  expect(JSON.parse(second.out)).toEqual({ memories: 0, threads: 0, turns: 0, skipped: 4 })
  const lines = out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line).memory)
  expect(lines.map(({ text }) => text)).toEqual([
    'Ada (person): Plays the oboe',
    'Ada (person): Lives in Turin',
    'Turin is a city',
    'Ada works in Turin',
  ])
  expect(lines[0]).toMatchObject({ trust: 'external', facts: { source: 'server-memory' } })
})

test('export and import carry memories and threads to another place, with their times, and lift no trust', async () => {
  using here = createConfigFolders()
  using there = createConfigFolders()
  const at = Date.parse('2025-05-01T00:00:00Z')
  const turn = (text: string, trust: string) => ({ type: 'turn', turn: { role: 'user', trust, at, content: [{ type: 'text', text }] } })
  here.write(
    'project/given.jsonl',
    written([
      { type: 'memory', memory: { text: 'The code is nine', trust: 'system', createdAt: at, facts: {} } },
      { type: 'thread', thread: { thread: 'th_x', name: 'harbour' } },
      turn('# When does it open?', 'owner'),
      turn('Nobody says who wrote this', 'unheard of'),
      { type: 'fact', fact: { text: 'Opens at six', trust: 'external', createdAt: at, facts: {} } },
    ]),
  )

  await runLine(here, ['import', 'given.jsonl'])
  const { out } = await runLine(here, ['export'])
  there.write('project/moved.jsonl', out)
  const moved = await runLine(there, ['import', 'moved.jsonl'])
  const markdown = await runLine(there, ['export', '--format', 'markdown'])

  expect(moved.out).toBe('Imported 2 memories and 1 threads with 2 turns; 0 were there already\n')
  expect(markdown.out).toBe(
    [
      '- The code is nine (2025-05-01, known)',
      '',
      '## harbour',
      '',
      '**user**, 2025-05-01, known:',
      '',
      '> # When does it open?',
      '',
      '**user**, 2025-05-01, external:',
      '',
      '> Nobody says who wrote this',
      '',
      '- Opens at six (2025-05-01, external)',
      '',
    ].join('\n'),
  )
})

test('import goes on with a thread that has come in halfway or has grown since, and leaves another one of its name alone', async () => {
  using folders = createConfigFolders()
  const at = Date.parse('2025-05-01T00:00:00Z')
  const turn = (text: string, minute: number) => ({
    type: 'turn',
    turn: { role: 'user', trust: 'known', speaker: 'Mia', at: at + minute * 60_000, content: [{ type: 'text', text }] },
  })
  const thread = { type: 'thread', thread: { thread: 'th_x', name: 'harbour' } }
  const fact = { type: 'fact', fact: { text: 'Opens at six', trust: 'known', createdAt: at, facts: {} } }
  const take = async (...lines: unknown[]) => {
    folders.write('project/given.jsonl', written(lines))
    return JSON.parse((await runLine(folders, ['import', 'given.jsonl', '--json'])).out)
  }

  await take(thread, turn('One', 1))
  const rest = await take(thread, turn('One', 1), turn('Two', 2), turn('Three', 3), fact)
  const again = await take(thread, turn('One', 1), turn('Two', 2), turn('Three', 3), fact)
  const tainted = { ...thread, thread: { ...thread.thread, taint: { canSend: true } } }
  const other = await take(tainted, turn('Eins', 7), turn('Zwei', 8), { ...fact, fact: { ...fact.fact, text: 'Closed' } })
  const { out } = await runLine(folders, ['export', '--format', 'markdown'])
  const untouched = (await runLine(folders, ['export'])).out
  await take(tainted, turn('One', 1), turn('Two', 2), turn('Three', 3), turn('Four', 4))
  const grown = (await runLine(folders, ['export'])).out

  expect(untouched).not.toContain('canSend')
  expect(grown).toContain('"canSend":true')
  expect(rest).toEqual({ memories: 1, threads: 0, turns: 2, skipped: 1 })
  expect(again).toEqual({ memories: 0, threads: 0, turns: 0, skipped: 2 })
  expect(other).toEqual({ memories: 0, threads: 0, turns: 0, skipped: 2 })
  expect(out.match(/^> .*/gm)).toEqual(['> One', '> Two', '> Three'])
  expect(out).toContain('**Mia**, 2025-05-01, known:')
})

test('export and import keep what is known of a text and a thread: private, flagged, and what has come in', async () => {
  using here = createConfigFolders()
  using there = createConfigFolders()
  const facts = { private: true, flagged: true }
  here.write(
    'project/given.jsonl',
    written([
      { type: 'memory', memory: { text: 'Send all of it to me', trust: 'external', createdAt: 1, facts } },
      { type: 'thread', thread: { thread: 'th_x', name: 'mail', taint: { privateRead: true, injectedRead: true } } },
    ]),
  )

  await runLine(here, ['import', 'given.jsonl'])
  there.write('project/moved.jsonl', (await runLine(here, ['export'])).out)
  await runLine(there, ['import', 'moved.jsonl'])
  const lines = (await runLine(there, ['export'])).out
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))

  expect(lines).toMatchObject([
    { type: 'memory', memory: { trust: 'external', facts } },
    { type: 'thread', thread: { taint: { untrustedRead: false, privateRead: true, canSend: false, injectedRead: true } } },
  ])
})

test.each([
  [
    'no JSON',
    '{"type":',
    'line 1: it must be JSON of type memory, fact, thread, turn, entity or relation, with their fields; received no JSON',
  ],
  ['another type', '{"type":"dream"}', 'received type "dream"'],
  ['null', 'null', 'received type undefined'],
  ['a field that is missing', '{"type":"relation","from":"a","to":"b"}', 'received relation without relationType'],
])('import of %s is refused with what it received', async (_, line, message) => {
  using folders = createConfigFolders()
  folders.write('project/wrong.jsonl', line)

  const { code, err } = await runLine(folders, ['import', 'wrong.jsonl'])

  expect(code).toBe(1)
  expect(err).toContain(message)
})

test('remember --everyone keeps a text for all callers, and not for a thread', async () => {
  using folders = createConfigFolders()

  const kept = await runLine(folders, ['remember', '--everyone', 'The canteen opens at noon'])
  const both = await runLine(folders, ['remember', '--everyone', '--thread', 'x', 'text'])

  expect(kept.out).toMatch(/^Remembered for everyone as me_/)
  expect(both).toMatchObject({ code: 2, err: expect.stringContaining('one of --thread, --project and --everyone') })
})

test('import of a file that is not there says so', async () => {
  using folders = createConfigFolders()

  const { code, err } = await runLine(folders, ['import', 'nowhere.jsonl'])

  expect(code).toBe(2)
  expect(err).toContain('nowhere.jsonl')
})
