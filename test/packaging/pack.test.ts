import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, expect, test } from 'vitest'
import { npmCommand } from '../../scripts/npm.js'

const root = fileURLToPath(new URL('../../', import.meta.url))
let packed: { size: number; paths: string[] }

beforeAll(() => {
  const { program, args, shell } = npmCommand(['pack', '--dry-run', '--json', '--ignore-scripts'])
  const output = execFileSync(program, args, { cwd: root, shell, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
  const [{ size, files }] = JSON.parse(output) as [{ size: number; files: { path: string }[] }]
  packed = { size, paths: files.map(({ path }) => path) }
})

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
    'models/local/minilm/model.onnx',
    'models/local/minilm/vocab.txt',
    'models/local/minilm/SHA256SUMS',
    'models/local/minilm/NOTICE',
  ]

  expect(packed.paths).toEqual(expect.arrayContaining(needed))
})

test('npm pack holds no source, test, script or build state', () => {
  const strangers = packed.paths.filter((path) =>
    /\.(ts|tsbuildinfo|tgz)$|(^|\/)\.|^(dist\/)?(test|bench|scripts|examples)\/|node_modules/.test(path),
  )

  expect(strangers).toEqual([])
})

test('npm pack stays below 24 MB, most of it the embedder', () => {
  expect(packed.size).toBeLessThan(24_000_000)
})

test('package.json runs no script of ours on the machine that installs the package', () => {
  const { scripts } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { scripts: Record<string, string> }

  expect(Object.keys(scripts).filter((name) => /^(pre|post)?install$|^prepare$/.test(name))).toEqual([])
})

test('package.json pins every dependency to one version', () => {
  const manifest = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as Record<string, Record<string, string>>
  const asked = ['dependencies', 'optionalDependencies', 'devDependencies'].flatMap((kind) => Object.entries(manifest[kind] ?? {}))

  expect(asked.filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([])
})
