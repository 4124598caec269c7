import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { loadConfig, parseConfig } from '../../src/config/load.ts'
import { operationNames } from '../../src/operations/index.ts'
import { examples, newUser, root, run, signalboxLine } from '../support/examples/run.ts'

const readme = readFileSync(join(root, 'README.md'), 'utf8')

/** What a block of the README shows for a command, without the command itself. */
function shown(command: string): string {
  const start = readme.indexOf(`\`\`\`console\n$ ${command}\n`)
  expect(start, `the README shows "${command}"`).toBeGreaterThan(0)
  return readme.slice(start).split('```')[1]?.split('\n').slice(2).join('\n') ?? ''
}

/** Ids are new each time, the last digits of a score are the runtime's, and sizes hold the path of the checkout. */
function masked(text: string): string {
  return text
    .replace(/\b(th|de)_[0-9a-f.]+/g, '$1_...')
    .replace(/\b(about |size: )\d+/g, '$1...')
    .replace(/^( +0\.\d)\d\d/gm, '$1')
    .trim()
}

test('README.md shows the first routed step as it is printed', { timeout: 60_000 }, async () => {
  using user = newUser()

  const { code, out } = await run([join(root, 'dist', 'program', 'start.js'), '--once'], user)

  expect(code).toBe(0)
  expect(masked(out)).toBe(masked(shown('npm start -- --once')))
})

test('README.md shows a plan over two clouds as it is printed', { timeout: 60_000 }, async () => {
  using user = newUser()
  const prompt = 'Find the race condition in this lock'

  const { out } = await signalboxLine(['--config', join(examples, '03-two-providers.yaml'), 'plan', prompt], user)

  expect(out.trim()).toBe(shown(`npx signalbox --config examples/03-two-providers.yaml plan "${prompt}"`).trim())
})

test('README.md shows a configuration that loads', async () => {
  const yaml = /## Configuration[\s\S]*?```yaml\n([\s\S]*?)```/.exec(readme)?.[1] ?? ''
  const surroundings = { env: {}, cwd: examples, home: homedir() }

  const config = parseConfig(Buffer.from(yaml), { kind: 'named', path: join(examples, 'x.yaml'), ignored: undefined }, surroundings)

  expect(config.pools.map(({ name }) => name)).toEqual(['quick', 'deep', 'private'])
  expect(config.servers.map(({ name }) => name)).toEqual(['files', 'docs'])
})

test('README.md and docs/tools.md name each MCP tool, and no other', async () => {
  const config = await loadConfig({ path: join(examples, 'start.yaml'), env: {}, cwd: examples, home: homedir() })
  const names = operationNames(config)
  const tools = readFileSync(join(root, 'docs', 'tools.md'), 'utf8')

  const rows =
    /## The MCP tools\n([\s\S]*?)\n## /
      .exec(readme)?.[1]
      ?.split('\n')
      .filter((line) => line.startsWith('| `')) ?? []
  const inReadme = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([\w<>]+)`/g)].map((match) => match[1]))
  const headings = [...tools.matchAll(/^## (.*)$/gm)].flatMap(([, heading = '']) =>
    [...heading.matchAll(/`([\w<>]+)`/g)].map((match) => match[1]),
  )

  expect(inReadme.toSorted()).toEqual([...names, 'ask_<pool>'].toSorted())
  expect(headings.toSorted()).toEqual([...names, 'ask_<pool>'].toSorted())
})
