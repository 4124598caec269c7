import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { afterEach, expect, test } from 'vitest'
import type { Config } from '../../src/config/config.ts'
import type { ConfigError } from '../../src/config/config-error.ts'
import { loadConfig } from '../../src/config/load.ts'
import { trustConfig } from '../../src/config/trust.ts'
import { type ConfigWatch, watchConfig } from '../../src/config/watch.ts'
import { type ConfigFolders, createConfigFolders } from '../support/config-folders.ts'

let folders: ConfigFolders
let watch: ConfigWatch | undefined

afterEach(() => {
  watch?.close()
  folders[Symbol.dispose]()
})

/** Starts to watch, and gives each report as it comes: the dollars of a valid change, or the error. */
async function watched(options: { path?: string }) {
  const waiting: ((report: number | undefined | ConfigError) => void)[] = []
  const reports: (number | undefined | ConfigError)[] = []
  const report = (value: number | undefined | ConfigError) => {
    const next = waiting.shift()
    if (next === undefined) reports.push(value)
    else next(value)
  }
  const load = { ...folders.surroundings, ...options }
  watch = watchConfig(await loadConfig(load), {
    ...load,
    intervalMs: 15,
    quietMs: 40,
    onChange: (config: Config) => report(config.budget.usdPerDay),
    onInvalid: report,
  })
  const next = () =>
    new Promise<number | undefined | ConfigError>((resolve) => (reports.length > 0 ? resolve(reports.shift()) : waiting.push(resolve)))
  return { next, reports }
}

const marked = (usd: number) => `budget: { usd_per_day: ${usd} }\n`

test('watchConfig() hands over valid changes, written in place or by a renamed file', async () => {
  folders = createConfigFolders()
  const path = folders.write('a.yaml', marked(1))
  const { next } = await watched({ path })

  writeFileSync(path, marked(2))
  expect(await next()).toBe(2)

  renameSync(folders.write('a.yaml~', marked(3)), path)
  expect(await next()).toBe(3)
})

test('watchConfig() reports an invalid change and a removal, and goes on with the next valid one', async () => {
  folders = createConfigFolders()
  const path = folders.write('a.yaml', marked(1))
  const { next } = await watched({ path })

  writeFileSync(path, 'pols: {}')
  expect(await next()).toMatchObject({ issues: [{ path: 'pols' }] })
  rmSync(path)
  expect(await next()).toMatchObject({ issues: [{ message: 'there is no such file' }] })
  writeFileSync(path, marked(4))
  expect(await next()).toBe(4)
})

test('watchConfig() tells nothing when only a comment changed', async () => {
  folders = createConfigFolders()
  const path = folders.write('a.yaml', marked(1))
  const { next, reports } = await watched({ path })

  writeFileSync(path, `# a comment\n${marked(1)}`)
  writeFileSync(path, `# another\n${marked(1)}`)
  setTimeout(() => writeFileSync(path, marked(5)), 200)

  expect(await next()).toBe(5)
  expect(reports).toEqual([])
})

test('watchConfig() takes up an edited file of the folder only when it is trusted again', async () => {
  folders = createConfigFolders()
  const path = folders.write('project/signalbox.yaml', marked(1))
  await trustConfig(path, folders.data)
  const { next } = await watched({})

  writeFileSync(path, marked(6))
  expect(await next()).toMatchObject({ issues: [{ message: expect.stringMatching(/has changed since it was trusted/) }] })
  await trustConfig(path, folders.data)
  expect(await next()).toBe(6)
})

test('watchConfig() has nothing to watch for the embedded defaults', async () => {
  folders = createConfigFolders()
  const config = await loadConfig(folders.surroundings)

  expect(() => watchConfig(config, { ...folders.surroundings, onChange() {}, onInvalid() {} }).close()).not.toThrow()
})

test('watchConfig() hands over the configuration again when the policy file that it names changes, and follows to another one', async () => {
  folders = createConfigFolders()
  const policy = (name: string, text: string) => folders.write(name, text)
  policy('one.yaml', 'name: one')
  policy('two.yaml', 'name: two')
  const path = folders.write('a.yaml', `${marked(1)}policy: ./one.yaml\n`)
  const { next, reports } = await watched({ path })

  policy('one.yaml', 'name: one, changed')
  expect(await next()).toBe(1)
  writeFileSync(path, `${marked(2)}policy: ./two.yaml\n`)
  expect(await next()).toBe(2)
  policy('one.yaml', 'name: nobody looks here any more')
  policy('two.yaml', 'name: two, changed')
  expect(await next()).toBe(2)
  expect(reports).toEqual([])
})
