import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, linkSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { filesUnder } from './build.js'
import { initialize, isAnswered } from './initialize.js'
import { npmCommand } from './npm.js'
import { root, runProgram, say, TaskError } from './process.js'

const packer = '@anthropic-ai/mcpb@2.1.2'
const target = join('dist', 'signalbox.mcpb')

/**
 * `npm run bundle`: the package with all that it needs, as one file that Claude Desktop installs. It holds machine code, so it is
 * for the platform that it was made on. The packer comes from the registry, and checks the manifest.
 *
 * @param {string} node
 */
export async function bundle(node) {
  const folder = join(root, 'dist', 'mcpb')
  rmSync(folder, { recursive: true, force: true })
  stageBundle(folder)
  await pack(['pack', 'dist/mcpb', target])
  rmSync(folder, { recursive: true, force: true })
  await tryBundle(node)
  say(`Made ${target}`)
  return 0
}

/** @param {string[]} words our own, since on Windows they may pass through a shell */
async function pack(words) {
  const { program, args, shell } = npmCommand(['exec', '--yes', '--', packer, ...words])
  const code = await runProgram(program, args, { stdout: 'stderr', shell })
  if (code !== 0) throw new TaskError(`Cannot make the bundle: mcpb ${words[0]} failed, the reason stands above`)
}

/** Unpacks it as a host does, away from every other package, and starts it by the command of its manifest. @param {string} node */
async function tryBundle(node) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bundle-'))
  try {
    await pack(['unpack', target, join(folder, 'bundle')])
    const { server } = JSON.parse(readFileSync(join(folder, 'bundle', 'manifest.json'), 'utf8'))
    const args = server.mcp_config.args.map((/** @type {string} */ word) => word.replace(`\${__dirname}`, join(folder, 'bundle')))
    const env = { ...process.env, SIGNALBOX_CONFIG: '', SIGNALBOX_HOME: join(folder, 'home'), SIGNALBOX_LINGER_S: '0' }
    const { stdout, stderr } = spawnSync(node, args, { cwd: folder, env, input: `${initialize}\n`, encoding: 'utf8', timeout: 60_000 })
    if (!isAnswered(stdout)) throw new TaskError(`Cannot use the bundle: initialize was answered with ${stdout}\n${stderr}`)
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/**
 * What is in the bundle, in a folder: the built program, its data, and the packages that it loads while it runs.
 *
 * @param {string} folder
 */
export function stageBundle(folder) {
  for (const file of ['package.json', 'LICENSE', 'NOTICE', 'README.md', ...filesUnder('bin')]) put(folder, file)
  for (const file of [...filesUnder('dist'), ...filesUnder('models/local/minilm')]) if (isOfProgram(file)) put(folder, file)
  for (const place of productionPackages()) for (const file of filesUnder(place)) if (isLoaded(file)) put(folder, file)
  writeFileSync(join(folder, 'manifest.json'), `${JSON.stringify(bundleManifest(), null, 2)}\n`)
}

/** Of the manifest's format 0.3. Keys are kept by the host, in the keychain of the system. */
export function bundleManifest({ platform = process.platform } = {}) {
  const { name, version, description, license, keywords, engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  /** @param {string} title @param {string} text */
  const key = (title, text) => ({ type: 'string', title, description: text, sensitive: true, required: false, default: '' })
  return {
    manifest_version: '0.3',
    name,
    display_name: 'Signalbox',
    version,
    description,
    author: { name: 'The Signalbox maintainers' },
    license,
    keywords,
    server: {
      type: 'node',
      entry_point: 'bin/signalbox.js',
      mcp_config: {
        command: 'node',
        args: [`\${__dirname}/bin/signalbox.js`, 'serve', '--stdio'],
        env: {
          SIGNALBOX_CONFIG: `\${user_config.config}`,
          ANTHROPIC_API_KEY: `\${user_config.anthropic_api_key}`,
          OPENAI_API_KEY: `\${user_config.openai_api_key}`,
        },
      },
    },
    tools_generated: true,
    prompts_generated: true,
    privacy_policies: ['https://www.anthropic.com/legal/privacy', 'https://openai.com/policies/privacy-policy'],
    compatibility: { platforms: [platform], runtimes: { node: engines.node } },
    user_config: {
      config: {
        type: 'file',
        title: 'Configuration',
        description: 'A signalbox.yaml. Left empty, your own is used where there is one, and what needs no configuration works without.',
        required: false,
        default: '',
      },
      anthropic_api_key: key(
        'Anthropic API key',
        'For pools with models of Anthropic. Nothing is sent there unless the configuration has such a pool.',
      ),
      openai_api_key: key(
        'OpenAI API key',
        'For pools with models of OpenAI. Nothing is sent there unless the configuration has such a pool.',
      ),
    },
  }
}

/** Folders of the packages that are no tools of development. What is optional and large stays away: the program does without. */
function productionPackages() {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
  const leftOut = /^node_modules\/(onnxruntime-node|@gutenye\/ocr-models|tesseract\.js.*|@tesseract\.js-data\/.+|@types\/.+)$/
  return Object.entries(packages)
    .filter(
      ([place, { dev, devOptional }]) => place !== '' && !dev && !devOptional && !leftOut.test(place) && existsSync(join(root, place)),
    )
    .map(([place]) => place)
}

/** @param {string} file */
function isOfProgram(file) {
  return !/\.d\.ts$|^dist\/(\.|mcpb\/)|\.mcpb$/.test(file)
}

/** Whether Node loads it on this machine, or a licence asks for it. @param {string} file */
function isLoaded(file) {
  if (/\.(ts|mts|cts|map|md|markdown|flow)$/i.test(file) && !/licen[cs]e|notice/i.test(file)) return false
  if (/^node_modules\/onnxruntime-web\/dist\//.test(file)) return /\/(ort\.node\.min\.m?js|ort-wasm-simd-threaded\.(mjs|wasm))$/.test(file)
  if (/^node_modules\/better-sqlite3\/(deps|src)\//.test(file)) return false
  const prebuilt = /^node_modules\/better-sqlite3\/prebuilds\/([^/]+)/.exec(file)?.[1]
  return prebuilt === undefined || (prebuilt.startsWith(process.platform) && prebuilt.includes(process.arch))
}

/** @param {string} folder @param {string} file */
function put(folder, file) {
  const to = join(folder, file)
  mkdirSync(dirname(to), { recursive: true })
  try {
    linkSync(join(root, file), to)
  } catch {
    // Another disk.
    copyFileSync(join(root, file), to)
  }
}
