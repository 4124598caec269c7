import { existsSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { npmCommand } from './npm.js'
import { root, runProgram, say, TaskError } from './process.js'

/** Brings what `package-lock.json` asks for, unless it is there. */
export async function install() {
  if (!isInstallNeeded(packagesIn('package-lock.json'), packagesIn('node_modules/.package-lock.json'))) return
  const verb = installVerb({ platform: process.platform, execPath: process.execPath, modules: join(root, 'node_modules') })
  const { program, args, shell } = npmCommand([verb, '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'])
  say('Installing the dependencies (once, some 20 seconds and 700 MB)')
  const code = await runProgram(program, args, { stdout: 'stderr', env: installEnvironment(process.env), shell })
  if (code !== 0) {
    throw new TaskError(
      `Cannot install the dependencies: npm ended with code ${code}, its reason stands above. ` +
        'It needs the npm registry (npm config get registry) and nothing else; run the command again when that can be reached',
    )
  }
}

/**
 * @typedef {Record<string, { version?: string, integrity?: string, optional?: boolean, devOptional?: boolean }>} Packages by folder
 * @param {string} path
 * @returns {Packages | undefined}
 */
function packagesIn(path) {
  const file = join(root, path)
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined
}

/**
 * Whether the lock file asks for something else than npm has written down as installed. Their contents are compared, not their
 * dates: a checkout touches the lock file for nothing.
 *
 * Optional packages may be missing, because most of them are for other platforms; what nobody asks for any more may stay.
 *
 * @param {Packages | undefined} wanted
 * @param {Packages | undefined} installed
 */
export function isInstallNeeded(wanted, installed) {
  if (!wanted) throw new TaskError('Cannot install the dependencies: package-lock.json is missing')
  if (!installed) return true
  return Object.entries(wanted).some(([path, { version, integrity, optional, devOptional }]) => {
    const found = installed[path]
    if (!found) return path !== '' && !optional && !devOptional
    return found.version !== version || found.integrity !== integrity
  })
}

/**
 * `npm ci` removes `node_modules` first. Windows does not remove a program that runs, and from the second time on our Node is
 * one of those: there `npm install` replaces what changed.
 *
 * @param {{ platform: NodeJS.Platform, execPath: string, modules: string }} from
 */
export function installVerb({ platform, execPath, modules }) {
  return platform === 'win32' && execPath.startsWith(modules + sep) ? 'install' : 'ci'
}

/**
 * @param {NodeJS.ProcessEnv} env
 * @returns {NodeJS.ProcessEnv}
 */
export function installEnvironment(env) {
  // npm hands a person's own `allow-scripts` down to its scripts, and then refuses it from there.
  const kept = Object.entries(env).filter(([key]) => key.toLowerCase() !== 'npm_config_allow_scripts')
  // For versions of npm that do not read `allowScripts`: what comes inside the package is all that is used.
  return { ...Object.fromEntries(kept), ONNXRUNTIME_NODE_INSTALL: 'skip' }
}
