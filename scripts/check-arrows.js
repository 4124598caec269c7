// Keeps what the compiler does not: which folder may import which, that no imports run in a circle, and that each foreign
// package is known in one place only. Prints every breach; exit code 1 when there is one.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, resolve } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** What each folder may import of ours, beside itself. */
const arrows = {
  models: [],
  policies: ['models'],
  tools: ['models'],
  memory: ['models'],
  src: ['models', 'policies', 'tools', 'memory'],
  console: [],
}

/** The console runs in a browser: of the program it knows what goes over the wire, and that as types. */
const typesOnly = { from: 'console', to: /^(src\/console\/wire|policies\/[\w/-]+)\.ts$/ }

/** Where a foreign package may be imported. Tests, examples and measurements may use any. */
const homes = [
  { packages: /^better-sqlite3$/, folders: ['memory/sqlite/'] },
  { packages: /^@modelcontextprotocol\//, folders: ['src/mcp/', 'src/http/', 'tools/servers/'] },
  { packages: /^(hono|@hono\/.+)$/, folders: ['src/http/'] },
  { packages: /^(openai|@anthropic-ai\/.+)$/, folders: ['models/providers/', 'models/wire/'] },
  { packages: /^jose$/, folders: ['src/http/identity/'] },
  { packages: /^onnxruntime-/, folders: ['models/local/'] },
  { packages: /^commander$/, folders: ['src/cli/'] },
  { packages: /^(preact|uplot|vite)$/, folders: ['console/'] },
]

/**
 * @typedef {{ path: string, text: string }} Source with a path from the root, in forward slashes
 * @param {Source[]} sources
 * @returns {string[]} a sentence for each breach
 */
export function breaches(sources) {
  const graph = new Map(sources.map(({ path }) => [path, /** @type {string[]} */ ([])]))
  const found = []
  for (const { path, text } of sources) {
    for (const { specifier, typeOnly } of importsIn(text)) {
      if (!specifier.startsWith('.')) {
        found.push(...homeBreach(path, specifier))
        continue
      }
      const target = posix.join(posix.dirname(path), specifier)
      found.push(...arrowBreach(path, target, typeOnly))
      // A type is gone when the program runs, and so is a circle that it closes.
      if (!typeOnly) graph.get(path)?.push(target)
    }
  }
  return [...found, ...circles(graph).map((circle) => `imports run in a circle: ${circle.join(' -> ')}`)]
}

/**
 * @param {string} path
 * @param {string} target
 * @param {boolean} typeOnly
 */
function arrowBreach(path, target, typeOnly) {
  const from = folderOf(path)
  const to = folderOf(target)
  if (from === typesOnly.from && typeOnly && typesOnly.to.test(target)) return []
  const allowed = Object.entries(arrows).find(([folder]) => folder === from)?.[1]
  if (!allowed || from === to || allowed.some((folder) => folder === to)) return []
  return [`${path} imports ${target}: ${from} may import ${allowed.length > 0 ? `only ${allowed.join(', ')}` : 'no other folder'}`]
}

/**
 * @param {string} path
 * @param {string} specifier
 */
function homeBreach(path, specifier) {
  if (!(folderOf(path) in arrows)) return []
  const name = /^(@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? specifier
  const home = homes.find(({ packages }) => packages.test(name))
  if (!home || home.folders.some((folder) => path.startsWith(folder))) return []
  return [`${path} imports ${specifier}: only ${home.folders.join(', ')} may`]
}

/** @param {string} path */
function folderOf(path) {
  return path.split('/')[0] ?? ''
}

/**
 * What a file imports. Read from the text: the formatter keeps imports in few shapes, each at the start of a line.
 *
 * @param {string} text
 */
export function importsIn(text) {
  const code = text.replace(/^\s*\/\*[\s\S]*?\*\//gm, '').replace(/^\s*\/\/.*$/gm, '')
  const stated = code.matchAll(/^(?:import|export)\s+(type\s)?(?:[^'"`;]*?\sfrom\s)?\s*['"]([^'"\n]+)['"]/gm)
  const called = code.matchAll(/\bimport\(\s*['"]([^'"\n]+)['"]\s*\)/g)
  return [
    ...Array.from(stated, (match) => ({ specifier: match[2] ?? '', typeOnly: match[1] !== undefined })),
    ...Array.from(called, (match) => ({ specifier: match[1] ?? '', typeOnly: false })),
  ]
}

/**
 * One circle for each knot of files that import each other.
 *
 * @param {Map<string, string[]>} graph
 */
function circles(graph) {
  /** @type {Set<string>} */
  const done = new Set()
  /** @type {string[][]} */
  const found = []
  /** @type {string[]} */
  const trail = []
  /** @param {string} path */
  const visit = (path) => {
    const at = trail.indexOf(path)
    if (at >= 0) {
      found.push([...trail.slice(at), path])
      return
    }
    if (done.has(path)) return
    trail.push(path)
    for (const next of graph.get(path) ?? []) visit(next)
    trail.pop()
    done.add(path)
  }
  for (const path of graph.keys()) visit(path)
  return found
}

/**
 * @param {string} root
 * @param {string} folder
 * @returns {Source[]}
 */
function sourcesUnder(root, folder) {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return sourcesUnder(root, path)
    return /\.tsx?$/.test(path) ? [{ path, text: readFileSync(join(root, path), 'utf8') }] : []
  })
}

if (process.argv[1] && import.meta.url === pathToFileURL(resolve(process.argv[1])).href) {
  const root = dirname(dirname(fileURLToPath(import.meta.url)))
  const found = breaches(Object.keys(arrows).flatMap((folder) => sourcesUnder(root, folder)))
  for (const breach of found) process.stderr.write(`${breach}\n`)
  if (found.length > 0) process.exitCode = 1
}
