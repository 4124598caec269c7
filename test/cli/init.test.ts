// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the syntax of the configuration
import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { init } from '../../src/cli/commands/init.ts'
import { findLocalServers, listModels } from '../../src/cli/init/local-models.ts'
import { starterConfig } from '../../src/cli/init/starter-config.ts'
import { loadConfig, parseConfig } from '../../src/config/load.ts'
import { recordedTerminal, type TerminalOptions } from '../support/cli-terminal.ts'
import { type ConfigFolders, createConfigFolders } from '../support/config-folders.ts'

const layouts = {
  linux: { settings: 'home/.config' },
  darwin: { settings: 'home/Library/Application Support' },
  win32: { settings: 'home/AppData/Roaming' },
} as const

const clients = [
  ['claude-desktop', (settings: string) => `${settings}/Claude/claude_desktop_config.json`, 'mcpServers', false],
  ['claude-code', () => 'home/.claude.json', 'mcpServers', true],
  ['vscode', (settings: string) => `${settings}/Code/User/mcp.json`, 'servers', true],
  ['cursor', () => 'home/.cursor/mcp.json', 'mcpServers', false],
] as const

/** `init`, on a machine where no model server answers unless told. */
async function run(
  folders: ConfigFolders,
  options: Parameters<typeof init>[0],
  terminalOptions: TerminalOptions = {},
  servers: Parameters<typeof init>[2] = { servers: [] },
) {
  const terminal = recordedTerminal(folders, terminalOptions)
  await init(options, terminal, servers)
  return { out: terminal.out(), err: terminal.err() }
}

const read = (folders: ConfigFolders, path: string) => readFileSync(join(folders.root, path), 'utf8')

for (const platform of ['linux', 'darwin', 'win32'] as const) {
  const { settings } = layouts[platform]

  test.each(clients)(
    `init registers with %s on ${platform}, beside its other servers, with a copy of what was there`,
    async (name, fileIn, key, typed) => {
      using folders = createConfigFolders({ platform })
      const before = JSON.stringify({ theme: 'dark', [key]: { other: { command: 'other', env: { SECRET: 'other-secret' } } } }, null, 2)
      const file = folders.write(fileIn(settings), before)

      const { err } = await run(folders, { client: [name], yes: true })

      const config = join(folders.root, settings, 'signalbox', 'signalbox.yaml')
      const entry = JSON.parse(readFileSync(file, 'utf8'))
      expect(entry).toEqual({
        theme: 'dark',
        [key]: {
          other: { command: 'other', env: { SECRET: 'other-secret' } },
          signalbox: {
            ...(typed && { type: 'stdio' }),
            command: process.execPath,
            args: [join(folders.root, 'program', 'bin', 'signalbox.js'), 'serve', '--stdio', '--config', config],
            env: { SIGNALBOX_HOME: folders.data },
          },
        },
      })
      const [backup] = readdirSync(dirname(file)).filter((one) => one.includes('.before-signalbox-'))
      expect(readFileSync(join(dirname(file), backup ?? ''), 'utf8')).toBe(before)
      expect(err).not.toContain('other-secret')
      await expect(loadConfig({ ...folders.surroundings, path: config })).resolves.toMatchObject({ pools: [] })
    },
  )
}

test('init registers with the clients that are found, and with no other', async () => {
  using folders = createConfigFolders()
  mkdirSync(join(folders.home, '.cursor'))

  await run(folders, { yes: true })

  expect(JSON.parse(read(folders, 'home/.cursor/mcp.json'))).toHaveProperty('mcpServers.signalbox')
  expect(existsSync(join(folders.home, '.claude.json'))).toBe(false)
  expect(existsSync(join(folders.home, '.config', 'Claude'))).toBe(false)
})

test('init does nothing the second time', async () => {
  using folders = createConfigFolders()
  for (const folder of ['.cursor', '.claude']) mkdirSync(join(folders.home, folder))
  await run(folders, { yes: true })
  const files = () => readdirSync(folders.root, { recursive: true }).toSorted()
  const before = files()

  const { out } = await run(folders, { yes: true })

  expect(out).toMatch(/^Nothing to do/)
  expect(files()).toEqual(before)
})

test('init keeps the comments of VS Code', async () => {
  using folders = createConfigFolders()
  folders.write('home/.config/Code/User/mcp.json', '{\n  // mine\n  "servers": {\n    "a": { "command": "a" }, // first\n  },\n}\n')

  await run(folders, { client: ['vscode'], yes: true })

  const text = read(folders, 'home/.config/Code/User/mcp.json')
  expect(text).toMatch(/^\{\n {2}\/\/ mine\n {2}"servers": \{\n {4}"a": \{ "command": "a" \}, \/\/ first\n {4}"signalbox": \{/)
})

test.each(['{ not json', '[]', '{ "mcpServers": [] }'])('init leaves alone a file that holds %s, says so, and goes on', async (text) => {
  using folders = createConfigFolders()
  folders.write('home/.cursor/mcp.json', text)
  mkdirSync(join(folders.home, '.claude'))

  const { err } = await run(folders, { client: ['cursor', 'claude-code'], yes: true })

  expect(read(folders, 'home/.cursor/mcp.json')).toBe(text)
  expect(err).toMatch(/Cannot register with Cursor: .*mcp\.json is left alone/)
  expect(JSON.parse(read(folders, 'home/.claude.json'))).toHaveProperty('mcpServers.signalbox')
})

test('init follows a link, and keeps the mode of the file', async () => {
  using folders = createConfigFolders()
  const real = folders.write('dotfiles/claude.json', '{}')
  const mode = statSync(real).mode
  symlinkSync(real, join(folders.home, '.claude.json'))

  await run(folders, { client: ['claude-code'], yes: true })

  expect(lstatSync(join(folders.home, '.claude.json')).isSymbolicLink()).toBe(true)
  expect(JSON.parse(readFileSync(real, 'utf8'))).toHaveProperty('mcpServers.signalbox')
  expect(statSync(real).mode).toBe(mode)
})

describe('what a person decides', () => {
  test('init --dry-run shows each file and writes none', async () => {
    using folders = createConfigFolders()
    folders.write('home/.cursor/mcp.json', '{}')

    const { out, err } = await run(folders, { client: ['cursor'], dryRun: true })

    expect(err).toContain(`Configuration: ${join(folders.home, '.config', 'signalbox', 'signalbox.yaml')} (new)`)
    expect(err).toContain('+ policy: balanced')
    expect(err).toMatch(/Cursor: .*mcp\.json\n(.*\n)*\+ {5}"signalbox": \{/)
    expect(out).toBe('Nothing was written: 3 files would be\n')
    expect(existsSync(join(folders.home, '.config'))).toBe(false)
    expect(read(folders, 'home/.cursor/mcp.json')).toBe('{}')
  })

  test('init names the schema that it generates, and does not print it', async () => {
    using folders = createConfigFolders()

    const { err } = await run(folders, { client: ['none'], dryRun: true })

    expect(err).toContain('signalbox.schema.json (new)')
    expect(err).not.toContain('"properties"')
  })

  test('init writes what was answered with yes, and nothing that was not', async () => {
    using folders = createConfigFolders()
    folders.write('home/.cursor/mcp.json', '{}')

    await run(folders, { client: ['cursor'] }, { typed: ['y', 'n', 'n'] })

    expect(existsSync(join(folders.home, '.config', 'signalbox', 'signalbox.yaml'))).toBe(true)
    expect(readdirSync(join(folders.home, '.config', 'signalbox'))).toEqual(['signalbox.yaml'])
    expect(read(folders, 'home/.cursor/mcp.json')).toBe('{}')
  })

  test('init registers nothing when the configuration was not wanted', async () => {
    using folders = createConfigFolders()
    folders.write('home/.cursor/mcp.json', '{}')

    await expect(run(folders, { client: ['cursor'] }, { typed: ['n', 'y', 'y'] })).rejects.toThrow(/^Nothing was written/)

    expect(read(folders, 'home/.cursor/mcp.json')).toBe('{}')
  })

  test('init writes nothing when nobody is there to ask', async () => {
    using folders = createConfigFolders()

    await expect(run(folders, { client: ['none'] })).rejects.toThrow(/add --yes/)

    expect(existsSync(join(folders.home, '.config'))).toBe(false)
  })

  test('init refuses a client that it does not know', async () => {
    using folders = createConfigFolders()

    await expect(run(folders, { client: ['emacs'], yes: true })).rejects.toThrow(
      /must be one of claude-desktop, claude-code, vscode, cursor or none, received "emacs"/,
    )
  })

  test('init leaves a configuration that is there as it is, and does not register one that cannot run', async () => {
    using folders = createConfigFolders()
    const path = folders.write('mine.yaml', 'budget: { usd_per_day: 1 }')

    await run(folders, { config: path, client: ['cursor'], yes: true })
    expect(readFileSync(path, 'utf8')).toBe('budget: { usd_per_day: 1 }')
    expect(JSON.parse(read(folders, 'home/.cursor/mcp.json')).mcpServers.signalbox.args).toContain(path)

    writeFileSync(path, 'pols: {}')
    await expect(run(folders, { config: path, client: ['claude-code'], yes: true })).rejects.toThrow(/did you mean "pools"/)
    expect(existsSync(join(folders.home, '.claude.json'))).toBe(false)
  })
})

test('init --import takes over the servers that can run here, and says why not the others', async () => {
  using folders = createConfigFolders()
  folders.write(
    'home/.cursor/mcp.json',
    JSON.stringify({
      mcpServers: {
        'My Files': { command: 'npx', args: ['-y', 'server'], env: { TOKEN: '${env:FILES_TOKEN}', PLAIN: 'x' } },
        docs: { url: 'https://example.com/mcp', headers: { authorization: 'Bearer abc' } },
        old: { type: 'sse', url: 'https://example.com/sse' },
        off: { command: 'x', disabled: true },
        lost: { command: 'x', env: { A: '${env:NOT_SET}' } },
        signalbox: { command: 'node' },
      },
    }),
  )
  folders.write(
    'home/.config/Code/User/mcp.json',
    '{ "servers": { "asks": { "command": "x", "args": ["${input:key}"] }, "docs": { "url": "https://other.example/mcp" } } }',
  )
  folders.write('home/.claude.json', 'not json')

  const { err } = await run(folders, { client: ['none'], import: true, yes: true }, { env: { FILES_TOKEN: 'files-token' } })

  const path = join(folders.home, '.config', 'signalbox', 'signalbox.yaml')
  const config = await loadConfig({ ...folders.surroundings, env: { ...folders.surroundings.env, FILES_TOKEN: 'files-token' }, path })
  expect(config.servers.map(({ name, transport }) => [name, transport])).toEqual([
    ['docs', { kind: 'http', url: 'https://other.example/mcp', headers: {} }],
    ['my-files', { kind: 'stdio', command: 'npx', args: ['-y', 'server'], env: { TOKEN: 'files-token', PLAIN: 'x' }, cwd: dirname(path) }],
  ])
  expect(readFileSync(path, 'utf8')).not.toContain('files-token')
  for (const left of ['docs of Cursor', 'old of Cursor', 'off of Cursor', 'lost of Cursor', 'asks of VS Code'])
    expect(err).toContain(`Not taken over: ${left}`)
})

describe('model servers on this machine', () => {
  let server: Server | undefined
  afterEach(() => {
    server?.closeAllConnections()
    server?.close()
  })

  async function answering(status: number, body: string): Promise<string> {
    server = createServer((_request, response) => response.writeHead(status, { 'content-type': 'application/json' }).end(body))
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  }

  test('init makes a local pool of the models that a server on this machine has', async () => {
    using folders = createConfigFolders()
    const baseUrl = await answering(200, JSON.stringify({ data: [{ id: 'qwen3:32b' }, { id: 'nomic-embed-text' }, { id: 'org/llama' }] }))

    await run(folders, { client: ['none'], yes: true }, {}, { servers: [{ name: 'ollama', title: 'Ollama', baseUrl }] })

    const config = await loadConfig({ ...folders.surroundings, path: join(folders.home, '.config', 'signalbox', 'signalbox.yaml') })
    expect(config.pools).toMatchObject([{ name: 'private', models: ['ollama/qwen3:32b', 'ollama/org/llama'], local: true }])
  })

  test.each([
    ['an error', 500, '{}'],
    ['no JSON', 200, 'hello'],
    ['something else', 200, '{"models":[]}'],
  ])('findLocalServers() offers nothing of a server that answers with %s', async (_, status, body) => {
    const baseUrl = await answering(status, body)

    await expect(listModels(baseUrl, { timeoutMs: 5000 })).rejects.toThrow()
    expect(await findLocalServers([{ name: 'x', title: 'X', baseUrl }], new AbortController().signal)).toEqual([])
  })

  test('findLocalServers() waits for nobody who does not answer', async () => {
    server = createServer(() => undefined)
    await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
    const silent = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`

    const found = await findLocalServers([{ name: 'x', title: 'X', baseUrl: silent }], new AbortController().signal)

    expect(found).toEqual([])
  })
})

test.each([
  [false, false],
  [true, false],
  [false, true],
  [true, true],
])('starterConfig() can run with keys (OpenAI %s, Anthropic %s), and without its comments too', (openai, anthropic) => {
  for (const local of [[], [{ name: 'vllm', title: 'vLLM', baseUrl: 'http://127.0.0.1:8000/v1', models: ['a', 'b:c', 'd/e', 'f'] }]]) {
    const text = starterConfig({ openai, anthropic, local, servers: {} })

    const config = parseConfig(Buffer.from(text), { kind: 'named', path: undefined, ignored: undefined }, { env: {}, cwd: '/', home: '/' })

    expect(config.pools.map((pool) => pool.name)).toEqual([
      ...(openai || anthropic ? ['quick', 'deep'] : []),
      ...(local.length > 0 ? ['private'] : []),
    ])
    expect(text).toMatch(/^# yaml-language-server: \$schema=\.\/signalbox\.schema\.json\n/)
  }
})

test('what starterConfig() shows in comments can run when it is taken up', () => {
  const text = starterConfig({ openai: false, anthropic: false, local: [], servers: {} })
  const taken = text
    .split('\n')
    .map((line) => line.replace(/^# ?(?=(pools|tools|providers|budget):| {2}\w)/, ''))
    .join('\n')
    .replace('ollama/qwen3', 'openai/qwen3')
    .replace(', local: true', '')

  const config = parseConfig(
    Buffer.from(taken),
    { kind: 'named', path: undefined, ignored: undefined },
    { env: { DOCS_TOKEN: 'x' }, cwd: '/', home: '/' },
  )

  expect(config.pools.map((pool) => pool.name)).toEqual(['quick', 'private'])
  expect(config.servers.map((server) => server.name)).toEqual(['files', 'docs'])
  expect(config.budget.usdPerDay).toBe(5)
})
