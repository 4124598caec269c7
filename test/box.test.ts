import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openSignalbox } from '../src/box.ts'
import { asOwner } from '../src/caller.ts'
import { loadConfig } from '../src/config/load.ts'
import type { Log } from '../src/log.ts'
import { watchDirectLists } from '../src/mcp/direct.ts'
import type { Signalbox } from '../src/signalbox.ts'
import { contextOf, wordsOf } from './support/runs.ts'

let folder: string
let box: Signalbox | undefined
const warned: { message: string; facts: unknown }[] = []
const silent = () => undefined
const log: Log = { debug: silent, info: silent, error: silent, warn: (message, facts) => void warned.push({ message, facts }) }

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'signalbox-box-'))
  warned.length = 0
})

afterEach(async () => {
  await box?.close()
  box = undefined
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
})

async function configOf(content: object) {
  const path = join(folder, 'signalbox.yaml')
  await writeFile(path, JSON.stringify(content))
  return loadConfig({ path, env: { SIGNALBOX_HOME: join(folder, 'data') }, cwd: folder, home: folder, platform: process.platform })
}

const providers = { mine: { kind: 'openai', base_url: 'http://127.0.0.1:9/v1' } }
const exposed = { pools: { quick: { models: ['mine/small'], expose: true } }, providers }

test('reconfigure() takes up pools, and tells whoever shows the list of tools when it has another', async () => {
  const opened = await openSignalbox(await configOf({}), { log })
  box = opened
  const told: string[] = []
  const names = () => opened.operations(asOwner()).map(({ name }) => name)
  const nothing = () => undefined
  watchDirectLists(opened, undefined, { toolsChanged: () => void told.push('tools'), promptsChanged: nothing, resourcesChanged: nothing })
  expect(names()).not.toContain('ask_quick')

  await opened.reconfigure(await configOf(exposed))
  expect(names()).toContain('ask_quick')
  expect(told).toEqual(['tools'])

  await opened.reconfigure(await configOf({ ...exposed, budget: { usd_per_day: 1 } }))
  expect(told).toEqual(['tools'])
})

test('reconfigure() says what counts from the next start on only', async () => {
  box = await openSignalbox(await configOf({}), { log })

  await box.reconfigure(await configOf({ ...exposed, http: { port: 1234 }, retention: { days: 3, gigabytes: 1 } }))

  expect(warned).toEqual([
    { message: 'Some changes of the configuration count from the next start on', facts: { keys: ['http', 'retention'] } },
  ])
})

test('reconfigure() keeps what ran when the policy cannot be served', async () => {
  box = await openSignalbox(await configOf(exposed), { log })
  const policy = join(folder, 'wrong.yaml')
  await writeFile(policy, 'name: wrong')

  await expect(box.reconfigure(await configOf({ policy }))).rejects.toThrow('Cannot use policy')

  expect(box.operations(asOwner()).map(({ name }) => name)).toContain('ask_quick')
})

test('openSignalbox() leaves nothing open when the policy cannot be served', async () => {
  const policy = join(folder, 'wrong.yaml')
  await writeFile(policy, 'name: wrong')

  await expect(openSignalbox(await configOf({ policy }), { log })).rejects.toThrow('Cannot use policy')

  box = await openSignalbox(await configOf({}), { log })
  const status = box.operations(asOwner()).find(({ name }) => name === 'status')
  expect(wordsOf(await status?.run({} as never, contextOf()))).toContain('Signalbox')
})

test('resume() of a run that is not there says that it is lost, and what to do', async () => {
  box = await openSignalbox(await configOf({}), { log })

  const result = await box.resume(`ha_${'0'.repeat(32)}`, {}, contextOf())

  expect(result).toMatchObject({ isError: true })
  expect(wordsOf(result)).toMatch(/^lost: .*Make the call again/)
})

test.each(['none', 'constructor', '__proto__'])(
  'directServers() shows nothing of a profile that is not configured: %s',
  async (profile) => {
    const direct = { command: process.execPath, args: ['-e', ''], expose: 'direct' }
    box = await openSignalbox(await configOf({ tools: { one: direct } }), { log })

    expect(box.directServers(asOwner())).toEqual(['one'])
    expect(box.directServers(asOwner(profile))).toEqual([])
  },
)
