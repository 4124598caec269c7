import { execFileSync, spawn } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Client } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { npmCommand } from '../../scripts/npm.js'
import { compiled } from '../support/compiled.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const examples = [
  '12-embedded.ts',
  '13-own-parts.ts',
  '13-own-provider.ts',
  '13-own-signal.ts',
  '13-own-selector.ts',
  '13-own-parts.policy.yaml',
]
let packed: { size: number; paths: string[] }
/** An empty project into which the packed tarball was put, with what it depends on and nothing else. */
let project: string
let env: NodeJS.ProcessEnv

beforeAll(() => {
  project = mkdtempSync(join(tmpdir(), 'signalbox-packed-'))
  const { program, args, shell } = npmCommand(['pack', '--json', '--ignore-scripts', '--pack-destination', project])
  const output = execFileSync(program, args, { cwd: root, shell, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const [{ filename, size, files }] = JSON.parse(output) as [{ filename: string; size: number; files: { path: string }[] }]
  packed = { size, paths: files.map(({ path }) => path) }
  // What npm would do with a registry at hand: the package as it is in the tarball, its dependencies beside it.
  const modules = join(project, 'node_modules')
  mkdirSync(modules)
  execFileSync('tar', ['-xzf', join(project, filename), '-C', modules])
  renameSync(join(modules, 'package'), join(modules, 'signalbox'))
  const { dependencies } = manifest()
  for (const name of Object.keys(dependencies)) {
    mkdirSync(dirname(join(modules, name)), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), join(modules, name), 'junction')
  }
  env = { ...process.env, ...compiled, SIGNALBOX_HOME: join(project, 'home') }
}, 120_000)

afterAll(() => {
  rmSync(project, { recursive: true, force: true, maxRetries: 3 })
})

function manifest() {
  return JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Record<string, Record<string, string>> & {
    dependencies: Record<string, string>
  }
}

test('npm pack holds the command, the built program, the policies, the embedder and the licences', () => {
  const needed = [
    'package.json',
    'README.md',
    'LICENSE',
    'NOTICE',
    'CHANGELOG.md',
    'bin/signalbox.js',
    'dist/program/main.js',
    'dist/program/LICENSES.txt',
    'dist/models/local/minilm-worker.js',
    'dist/policies/shipped/balanced.yaml',
    'dist/console/index.html',
    'dist/src/library/signalbox.d.ts',
    'models/local/minilm/model.onnx',
    'models/local/minilm/vocab.txt',
    'models/local/minilm/SHA256SUMS',
    'models/local/minilm/NOTICE',
  ]

  expect(packed.paths).toEqual(expect.arrayContaining(needed))
})

test('npm pack holds no source, test, script or build state', () => {
  const strangers = packed.paths.filter((path) =>
    /(?<!\.d)\.ts$|\.(tsbuildinfo|tgz)$|(^|\/)\.|^(dist\/)?(test|bench|scripts|examples)\/|node_modules/.test(path),
  )

  expect(strangers).toEqual([])
})

test('npm pack stays below 25 MB, most of it the embedder', () => {
  expect(packed.size).toBeLessThan(25_000_000)
})

test('package.json runs no script of ours on the machine that installs the package', () => {
  const { scripts } = manifest()

  expect(Object.keys(scripts ?? {}).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([])
})

test('package.json pins every dependency to one version', () => {
  const all = manifest()
  const asked = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((kind) => Object.entries(all[kind] ?? {}))

  expect(asked.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
})

test('the installed command serves a client over stdio', { timeout: 120_000 }, async () => {
  const client = new Client({ name: 'packed', version: '1' })
  const command = join(project, 'node_modules', 'signalbox', 'bin', 'signalbox.js')
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [command, 'serve', '--no-share', '--log-level', 'warn'],
    cwd: project,
    env: { ...compiled, SIGNALBOX_HOME: join(project, 'home') },
  })
  await client.connect(transport)
  try {
    const files = [{ name: 'ferry.txt', text: 'The ferry leaves at 07:40.' }]
    const { structuredContent } = await client.callTool({ name: 'ask', arguments: { prompt: 'When does the ferry leave?', files } })

    expect(client.getServerVersion()).toMatchObject({ name: 'signalbox', version: manifest()['version'] })
    expect(structuredContent).toMatchObject({ status: 'done', pool: 'extractive', text: expect.stringContaining('07:40') })
  } finally {
    await client.close()
  }
})

test('the entry points are typed for a strict program and for the samples of docs/library.md, and the examples run on them', {
  timeout: 120_000,
}, async () => {
  for (const name of examples) cpSync(join(root, 'examples', name), join(project, name))
  const samples = [...readFileSync(join(root, 'docs', 'library.md'), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)]
  samples.forEach(([, text = ''], index) => void writeFileSync(join(project, `sample-${index}.ts`), text))
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }')
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: strictest, include: ['*.ts'] }))
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc')

  const [types, embedded, ownParts] = await Promise.all([run([tsc, '-p', '.']), run(['12-embedded.ts']), run(['13-own-parts.ts'])])

  expect(samples).toHaveLength(4)
  expect(types).toBe('')
  expect(embedded).toContain('> The ferry leaves at 07:40 from quay four. [ferry.txt]')
  expect(embedded).toMatch(/^ada: .*two bicycles\.\nbob: Nothing remembered fits\.\nPlan: pool extractive, rule default\n/m)
  expect(ownParts).toMatch(
    /^Ferry\?\n {2}timetable\/brief, by rule default: 07:40, quay four\.\nI would .*\n {2}timetable\/polite, by rule default: Thank/,
  )
  expect(ownParts).toContain('\n  timetable/brief, by rule no_small_talk: 07:40')
})

/** As strict as a program may be that imports the package: its declarations are checked as well. */
const strictest = {
  module: 'nodenext',
  target: 'es2024',
  lib: ['es2024', 'esnext'],
  types: ['node'],
  typeRoots: [join(root, 'node_modules', '@types')],
  strict: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: false,
  noEmit: true,
  allowImportingTsExtensions: true,
}

/** What a program writes, wherever it does. */
function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = ''
    const child = spawn(process.execPath, args, { cwd: project, env, stdio: ['ignore', 'pipe', 'pipe'] })
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.once('error', reject)
    child.once('close', () => resolve(output))
  })
}
