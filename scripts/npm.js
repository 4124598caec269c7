/**
 * How to run npm: the one that runs us, on its own Node; the one on the PATH when we were started without npm.
 *
 * @param {string[]} args our own words, never a path: on Windows they may pass through a shell
 * @param {{ env?: NodeJS.ProcessEnv, platform?: NodeJS.Platform }} [from]
 */
export function npmCommand(args, { env = process.env, platform = process.platform } = {}) {
  const cli = env['npm_execpath']
  if (cli && /npm-cli\.c?js$/.test(cli)) {
    return { program: env['npm_node_execpath'] ?? process.execPath, args: [cli, ...args], shell: false }
  }
  return { program: 'npm', args, shell: platform === 'win32' }
}
