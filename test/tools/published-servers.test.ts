import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { CallOptions } from '../../tools/tool.ts'
import { publishedServer, type TestHost, testHost } from '../support/servers/host.ts'

const local: CallOptions = { principal: 'local' }
let folder: string
let host: TestHost

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-')))
  await writeFile(join(folder, 'note.txt'), 'remember the milk')
  host = testHost([
    publishedServer('files', 'filesystem', [folder]),
    publishedServer('memory', 'memory', [], { env: { MEMORY_FILE_PATH: join(folder, 'memory.jsonl') } }),
    publishedServer('everything', 'everything'),
    publishedServer('thinking', 'sequential-thinking'),
  ])
  host.start()
  await host.settled()
})

afterAll(async () => {
  await host.close()
  await rm(folder, { recursive: true, force: true })
})

test('catalogue() has the tools of filesystem, memory, everything and sequential-thinking, hosted at once', () => {
  expect(host.servers().map(({ name, phase, error }) => [name, phase, error])).toEqual([
    ['files', 'ready', undefined],
    ['memory', 'ready', undefined],
    ['everything', 'ready', undefined],
    ['thinking', 'ready', undefined],
  ])
  for (const { name, description } of host.catalogue().tools) {
    expect(name).toMatch(/^[a-z0-9_-]{1,40}$/)
    expect(description).not.toBe('')
  }
  expect(host.find('files_read_text_file')?.readOnly).toBe(true)
  expect(host.find('files_write_file')).toMatchObject({ readOnly: false, destructive: true })
})

test('call() reaches each of them', async () => {
  const created = { entities: [{ name: 'Ada', entityType: 'person', observations: ['wrote programs'] }] }

  expect(JSON.stringify(await host.call('files_read_text_file', { path: join(folder, 'note.txt') }, local))).toContain('remember the milk')
  await host.call('memory_create_entities', created, local)
  expect(JSON.stringify(await host.call('memory_search_nodes', { query: 'Ada' }, local))).toContain('wrote programs')
  expect(JSON.stringify(await host.call('everything_get-sum', { a: 2, b: 3 }, local))).toContain('5')
  const thought = { thought: 'first', thoughtNumber: 1, totalThoughts: 1, nextThoughtNeeded: false }
  expect(await host.call('thinking_sequentialthinking', thought, local)).toMatchObject({ structuredContent: { thoughtNumber: 1 } })
})

test('call() brings images and progress, and a prompt and a resource can be had', async () => {
  const progress: number[] = []
  const image = await host.call('everything_get-tiny-image', {}, local)
  const long = host.catalogue().tools.find(({ tool }) => tool === 'trigger-long-running-operation')?.name as string

  await host.call(long, { duration: 0.2, steps: 2 }, { ...local, onProgress: (step) => progress.push(step.progress) })
  const [resource] = host.catalogue().resources
  const [prompt] = host.catalogue().prompts.filter(({ definition }) => definition['arguments'] === undefined)

  expect((image['content'] as { type: string }[]).some(({ type }) => type === 'image')).toBe(true)
  expect(progress).toEqual([1, 2])
  expect(await host.readResource(resource?.uri as string, local)).toHaveProperty('contents')
  expect(await host.getPrompt(prompt?.name as string, {}, local)).toHaveProperty('messages')
})
