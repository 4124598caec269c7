import { existsSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { loadConfig } from '../../src/config/load.ts'
import { runLine } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const read = (file: string) => readFileSync(join(root, 'deploy', file), 'utf8')
const packageFile = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Record<string, Record<string, string>>

/** Whether the command line knows every word of a call: with `--help` it runs nothing. */
async function isKnown(args: readonly string[]): Promise<boolean> {
  using folders = createConfigFolders()
  const { code } = await runLine(folders, [...args, '--help'])
  return code === 0
}

test('the container runs a command that exists, as nobody special, on what it copies', async () => {
  const lines = read('Dockerfile').split('\n')
  const last = (word: string) => lines.findLast((line) => line.startsWith(`${word} `))?.slice(word.length + 1)
  const copied = lines.filter((line) => line.startsWith('COPY deploy/')).map((line) => line.split(' ')[1] ?? '')

  expect(JSON.parse(last('ENTRYPOINT') ?? '')).toEqual(Object.keys(packageFile['bin'] ?? {}))
  expect(await isKnown(JSON.parse(last('CMD') ?? '[]') as string[])).toBe(true)
  expect(last('USER')).toBe('node')
  expect(copied.map((file) => existsSync(join(root, file)))).toEqual([true])
  // The Node that the tests run under is the one in the image.
  expect(lines.filter((line) => line.startsWith('FROM '))).toEqual([
    `FROM node:${packageFile['devDependencies']?.['node']}-bookworm-slim AS package`,
    `FROM node:${packageFile['devDependencies']?.['node']}-bookworm-slim`,
  ])
})

test('compose builds that container, gives it no more than it needs, and asks for the token', () => {
  const { services, volumes } = parse(read('compose.yaml')) as {
    services: { signalbox: Record<string, never> & { build: { context: string; dockerfile: string }; volumes: string[] } }
    volumes: Record<string, unknown>
  }
  const { build, volumes: mounts, ...service } = services.signalbox

  expect(existsSync(join(root, 'deploy', build.context, build.dockerfile))).toBe(true)
  expect(service).toMatchObject({
    image: `signalbox:${packageFile['version']}`,
    environment: { SIGNALBOX_TOKEN: expect.stringMatching(/^\$\{SIGNALBOX_TOKEN:\?/) },
    ports: ['127.0.0.1:8737:8737'],
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
  })
  expect(mounts).toEqual(['data:/data', './signalbox.yaml:/config/signalbox.yaml:ro'])
  expect(Object.keys(volumes)).toEqual(['data'])
})

test('the configuration that both come with opens a door behind a token, and does not load without one', async () => {
  const load = (env: Record<string, string>) =>
    loadConfig({ path: join(root, 'deploy', 'signalbox.yaml'), env, cwd: tmpdir(), home: tmpdir() })

  expect((await load({ SIGNALBOX_TOKEN: 'a-token-of-sixteen', SIGNALBOX_HOST: 'box.example' })).http).toMatchObject({
    host: '0.0.0.0',
    token: 'a-token-of-sixteen',
    allowedHosts: ['box.example'],
  })
  await expect(load({})).rejects.toThrow(/SIGNALBOX_TOKEN/)
})

test('the system service starts a command that exists', async () => {
  const [, program, args = ''] = /^ExecStart=(\S+) (.*)$/m.exec(read('signalbox.service')) ?? []

  expect(program).toBe('/usr/local/bin/signalbox')
  expect(await isKnown(args.split(' '))).toBe(true)
})

test('the release workflow runs scripts that exist, on the Node of the tests, and gives its tokens to the publishing job alone', () => {
  const workflow = readFileSync(join(root, '.github/workflows/release.yml'), 'utf8')
  const { permissions, jobs } = parse(workflow) as {
    permissions: Record<string, string>
    jobs: Record<string, { permissions?: Record<string, string>; steps: { run?: string; with?: Record<string, unknown> }[] }>
  }
  const runs = Object.values(jobs).flatMap(({ steps }) => steps.flatMap(({ run }) => run ?? []))
  const scripts = runs.flatMap((run) => [...run.matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name = '']) => name))
  const nodes = Object.values(jobs).flatMap(({ steps }) => steps.flatMap((step) => step.with?.['node-version'] ?? []))

  expect(scripts.toSorted()).toEqual(['build', 'bundle', 'sbom', 'test:pack'])
  expect(Object.keys(packageFile['scripts'] ?? {})).toEqual(expect.arrayContaining(scripts))
  expect([...new Set(nodes)]).toEqual([packageFile['devDependencies']?.['node']])
  expect([permissions, jobs['check']?.permissions, jobs['publish']?.permissions]).toEqual([
    { contents: 'read' },
    undefined,
    { contents: 'write', 'id-token': 'write' },
  ])
})
