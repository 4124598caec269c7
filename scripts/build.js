import { createHash } from 'node:crypto'
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join, posix } from 'node:path'
import { root, runProgram, say, TaskError } from './process.js'

const folders = ['models', 'policies', 'tools', 'memory', 'src']
const settings = ['package.json', 'tsconfig.json', 'tsconfig.build.json']
/** Code of packages is in the bundle. */
const programSettings = [...settings, 'package-lock.json', 'scripts/bundle.js']
const stamp = join(root, 'dist', '.built')
/** The console has a build of its own: it is for the browser. */
const consoleFolder = 'dist/console/'
/** The program in few files, made from the compiled one. */
const bundleFolder = 'dist/program/'
const consoleStamp = join(root, 'dist', '.built-console')

/**
 * Compiles the program and builds the console, each when a file of it changed since the last time.
 *
 * @param {string} node
 */
export async function build(node) {
  await buildProgram(node)
  await buildConsole(node)
}

/** @param {string} node */
async function buildConsole(node) {
  const state = stateOf([...settings, ...filesUnder('console')])
  if (existsSync(consoleStamp) && readFileSync(consoleStamp, 'utf8') === state) return
  say('Building the console')
  const code = await runProgram(node, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn', 'console'], { stdout: 'stderr' })
  if (code !== 0) throw new TaskError('Cannot build the console: the reason stands above')
  writeFileSync(consoleStamp, state)
}

/**
 * Compiles the TypeScript into `dist`, copies the shipped policies and heads beside it, removes what has no source any more, and
 * bundles it.
 *
 * @param {string} node
 */
async function buildProgram(node) {
  const sources = folders.flatMap((folder) => filesUnder(folder)).filter((path) => /\.(ts|yaml|head)$/.test(path))
  const state = stateOf([...programSettings, ...sources])
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === state) return
  say('Building')
  const code = await runProgram(node, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], { stdout: 'stderr' })
  if (code !== 0) throw new TaskError('Cannot build: the compiler found the errors above')
  for (const path of sources.filter((source) => /\.(yaml|head)$/.test(source))) {
    mkdirSync(dirname(join(root, 'dist', path)), { recursive: true })
    copyFileSync(join(root, path), join(root, 'dist', path))
  }
  const built = filesUnder('dist')
  for (const path of orphans(built, sources, declarationsOf(built.filter((one) => /^dist\/src\/library\/.*\.d\.ts$/.test(one)))))
    rmSync(join(root, path), { force: true })
  if ((await runProgram(node, ['scripts/bundle.js'], { stdout: 'stderr' })) !== 0)
    throw new TaskError('Cannot bundle: the reason stands above')
  writeFileSync(stamp, state)
}

/**
 * Built files whose source is gone, and declarations that nobody outside can reach: neither must live on in the package.
 *
 * @param {string[]} built
 * @param {string[]} sources
 * @param {string[]} declarations
 */
export function orphans(built, sources, declarations = []) {
  const expected = new Set([
    'dist/.built',
    'dist/.built-console',
    ...declarations,
    ...sources.map((source) => `dist/${source.replace(/\.ts$/, '.js')}`),
  ])
  return built.filter((path) => !expected.has(path) && !path.startsWith(consoleFolder) && !path.startsWith(bundleFolder))
}

/**
 * The declarations that a program reads which imports the entry points: the public surface, and what it is made of.
 *
 * @param {string[]} entries
 */
function declarationsOf(entries) {
  const found = new Set(entries)
  for (const path of found) {
    const text = readFileSync(join(root, path), 'utf8')
    for (const [, name = ''] of text.matchAll(/(?:from |import\()['"](\.[^'"]+)\.(?:ts|js)['"]/g))
      found.add(`${posix.join(dirname(path), name)}.d.ts`)
  }
  return [...found]
}

/**
 * @param {string} folder
 * @returns {string[]} paths from the root, with forward slashes; packages within a package are listed by themselves
 */
export function filesUnder(folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesUnder(path)
    return entry.isFile() ? [path] : []
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
