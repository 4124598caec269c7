import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root, runProgram, say, TaskError } from './process.js'

const folders = ['models', 'policies', 'tools', 'memory', 'src']
const settings = ['package.json', 'tsconfig.json', 'tsconfig.build.json']
const stamp = join(root, 'dist', '.built')

/**
 * Compiles the TypeScript into `dist`, copies the shipped policies and heads beside it, and removes what has no source any more.
 * Does nothing when no file changed since the last time.
 *
 * @param {string} node
 */
export async function build(node) {
  const sources = folders.flatMap((folder) => filesUnder(folder)).filter((path) => /\.(ts|yaml|head)$/.test(path))
  const state = stateOf([...settings, ...sources])
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return
  say('Building')
  const code = await runProgram(node, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdout: 'stderr' })
  if (code !== 0) throw new TaskError('Cannot build: the compiler found the errors above')
  for (const path of sources.filter((source) => /\.(yaml|head)$/.test(source))) {
    mkdirSync(dirname(join(root, 'dist', path)), { recursive: true })
    copyFileSync(join(root, path), join(root, 'dist', path))
  }
  for (const path of orphans(filesUnder('dist'), sources)) rmSync(join(root, path), { force: true })
  writeFileSync(stamp, state)
}

/**
 * Built files whose source is gone: a module that was renamed must not live on in the package.
 *
 * @param {string[]} built
 * @param {string[]} sources
 */
export function orphans(built, sources) {
  const expected = new Set(['dist/.built', ...sources.map((source) => `dist/${source.replace(/\.ts$/, '.js')}`)])
  return built.filter((path) => !expected.has(path))
}

/**
 * @param {string} folder
 * @returns {string[]} paths from the root, with forward slashes
 */
function filesUnder(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    return entry.isDirectory() ? filesUnder(path) : [path]
  })
}

/** @param {string[]} paths */
function stateOf(paths) {
  const hash = createHash('sha256')
  for (const path of [...paths].sort()) {
    const { size, mtimeMs } = statSync(join(root, path))
    hash.update(`${path} ${size} ${mtimeMs}\n`)
  }
  return hash.digest('hex')
}
