import { join } from 'node:path'
import { expect, test } from 'vitest'
import { installEnvironment, installVerb, isInstallNeeded } from '../../scripts/install.js'
import { npmCommand } from '../../scripts/npm.js'

const wanted = {
  '': { version: '0.1.0' },
  'node_modules/zod': { version: '4.6.7', integrity: 'sha512-a' },
  'node_modules/other-platform': { version: '1.0.0', integrity: 'sha512-b', optional: true },
}
const { '': _root, 'node_modules/other-platform': _optional, ...installed } = wanted

test('isInstallNeeded() is true when nothing is installed', () => {
  expect(isInstallNeeded(wanted, undefined)).toBe(true)
})

test('isInstallNeeded() is false when all is there but optional packages of other platforms', () => {
  expect(isInstallNeeded(wanted, installed)).toBe(false)
})

test.each([
  ['a package is missing', {}],
  ['a package has another version', { 'node_modules/zod': { version: '4.6.6', integrity: 'sha512-a' } }],
  ['a package has other content', { 'node_modules/zod': { version: '4.6.7', integrity: 'sha512-c' } }],
])('isInstallNeeded() is true when %s', (_case, present) => {
  expect(isInstallNeeded(wanted, present)).toBe(true)
})

test('isInstallNeeded() is false when a package is left that nobody asks for', () => {
  expect(isInstallNeeded(wanted, { ...installed, 'node_modules/left': { version: '1.0.0' } })).toBe(false)
})

test('isInstallNeeded() refuses to go on without a lock file', () => {
  expect(() => isInstallNeeded(undefined, installed)).toThrow('package-lock.json is missing')
})

test('installVerb() is "ci", but on Windows not while the Node that runs lies in the folder that npm ci removes', () => {
  const modules = join('project', 'node_modules')
  const inside = join(modules, 'node', 'bin', 'node')
  const outside = join('programs', 'node')

  expect(installVerb({ platform: 'linux', execPath: inside, modules })).toBe('ci')
  expect(installVerb({ platform: 'win32', execPath: outside, modules })).toBe('ci')
  expect(installVerb({ platform: 'win32', execPath: inside, modules })).toBe('install')
})

test('installEnvironment() keeps a download of onnxruntime-node away, and what npm refuses to be handed down', () => {
  const env = installEnvironment({ PATH: '/bin', npm_config_allow_scripts: 'zod', NPM_CONFIG_ALLOW_SCRIPTS: 'zod' })

  expect(env).toEqual({ PATH: '/bin', ONNXRUNTIME_NODE_INSTALL: 'skip' })
})

test('npmCommand() runs the npm that runs us on its own Node, without a shell', () => {
  const env = { npm_execpath: '/lib/npm/bin/npm-cli.js', npm_node_execpath: '/usr/bin/node' }

  expect(npmCommand(['ci'], { env, platform: 'win32' })).toEqual({ program: '/usr/bin/node', args: [env.npm_execpath, 'ci'], shell: false })
})

test.each([{ npm_execpath: '/lib/pnpm/pnpm.cjs' }, {}])('npmCommand() takes npm from the PATH when another program runs us: %o', (env) => {
  expect(npmCommand(['ci'], { env, platform: 'linux' })).toEqual({ program: 'npm', args: ['ci'], shell: false })
  expect(npmCommand(['ci'], { env, platform: 'win32' })).toEqual({ program: 'npm', args: ['ci'], shell: true })
})
