import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { initialize, isAnswered } from './initialize.js'
import { npmCommand } from './npm.js'
import { root, say, TaskError } from './process.js'

/**
 * Packs, has the tarball checked by publint and arethetypeswrong, installs it into an empty project as a stranger would, and uses
 * the command that appears there. Apart from the tests, because checks and installation need the npm registry.
 *
 * @param {string} node
 */
export async function testPack(node) {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-pack-'))
  const env = {
    ...process.env,
    PATH: [dirname(node), process.env['PATH']].join(delimiter),
    SIGNALBOX_HOME: join(folder, 'home'),
    SIGNALBOX_LINGER_S: '0',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
  }
  /**
   * @param {string[]} args
   * @param {{ cwd?: string, input?: string }} [options]
   */
  const npm = (args, { cwd = folder, input = '' } = {}) => {
    const command = npmCommand(args)
    say(`npm ${args.join(' ')}`)
    const done = spawnSync(command.program, command.args, { cwd, env, input, shell: command.shell, encoding: 'utf8', timeout: 300_000 })
    if (done.status !== 0) throw new TaskError(`Cannot use the package: npm ${args.join(' ')} ended with ${done.status}\n${done.stderr}`)
    return done.stdout
  }

  try {
    const [packed] = JSON.parse(npm(['pack', '--ignore-scripts', '--json'], { cwd: root }))
    copyFileSync(join(root, packed.filename), join(folder, packed.filename))
    rmSync(join(root, packed.filename))
    for (const check of checks) npm(['exec', '--yes', '--', ...check, `./${packed.filename}`])
    writeFileSync(join(folder, 'package.json'), '{ "private": true }\n')
    npm(['install', `./${packed.filename}`])
    const fast = existsSync(join(folder, 'node_modules', 'onnxruntime-node'))
    say(`onnxruntime-node ${fast ? 'was installed' : 'could not run its install script and was left out'}`)

    const signalbox = ['exec', '--no', '--', 'signalbox']
    say(npm([...signalbox, '--version']).trim())
    const answer = npm(signalbox, { input: `${initialize}\n` })
    if (!isAnswered(answer)) throw new TaskError(`Cannot use the package: initialize was answered with ${answer}`)
    say('initialize over stdio was answered')
    return 0
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
}

/** What looks at the tarball for those who import it: pinned here, since nothing else of the package needs them. */
const checks = [
  ['publint@0.3.25', 'run', '--strict'],
  ['@arethetypeswrong/cli@0.18.5', '--profile', 'esm-only', '--format', 'ascii'],
]
