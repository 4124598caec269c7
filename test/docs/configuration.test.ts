import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { configKeys } from '../../scripts/docs-site/config-keys.ts'
import { parseConfig } from '../../src/config/load.ts'
import { configSchema, limits } from '../../src/config/schema.ts'
import { examples, root } from '../support/examples/run.ts'

const text = readFileSync(join(root, 'docs', 'configuration.md'), 'utf8')
const rows = text
  .split('\n')
  .filter((line) => line.startsWith('| `'))
  .map((line) => line.slice(2, -2).split(' | '))

test('docs/configuration.md has each key of the schema, with its type, default and limits, in the order of the schema', () => {
  const said = rows.map(([path = '', type, byDefault, within]) => [path.replaceAll('`', ''), type, byDefault, within?.trim()])

  const wanted = configKeys(configSchema()).map(({ path, type, byDefault, limits: within }) => [path, type, byDefault, within])
  expect(said).toEqual(wanted)
  expect(rows.filter((row) => (row[4] ?? '') === '')).toEqual([])
})

test('docs/configuration.md says how many entries there can be', () => {
  expect(text).toContain(`At most ${limits.pools} pools, of which ${limits.exposedPools} with`)
  expect(text).toContain(`at most ${limits.fileBytes.toLocaleString('en')} bytes`)
  expect(text).toContain(`MCP servers whose tools are hosted, at most ${limits.servers}`)
  expect(new Set([limits.providers, limits.clients, limits.profiles])).toEqual(new Set([64]))
})

describe('each example of docs/configuration.md loads', () => {
  const blocks = [...text.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')
  // Pools name providers of other blocks.
  const provided = 'providers: { ollama: { kind: openai, base_url: http://127.0.0.1:11434/v1 } }\n'

  test.each(blocks.map((block) => [block.split('\n')[0], block.startsWith('pools:') ? block + provided : block]))('%s', (_, yaml) => {
    const surroundings = { env: {}, cwd: examples, home: examples }

    const config = parseConfig(Buffer.from(yaml ?? ''), { kind: 'named', path: join(examples, 'x.yaml'), ignored: undefined }, surroundings)

    expect(config).toBeDefined()
  })
})
