import { runProgram, say } from './process.js'

const checks = [
  { name: 'types', args: ['node_modules/typescript/bin/tsc', '-p', '.'] },
  { name: 'types of the console', args: ['node_modules/typescript/bin/tsc', '--noEmit', '-p', 'console'] },
  { name: 'format and lint', args: ['node_modules/@biomejs/biome/bin/biome', 'ci', '--error-on-warnings', '.'] },
  { name: 'arrows between folders', args: ['scripts/check-arrows.js'] },
  { name: 'unused files, exports and packages', args: ['node_modules/knip/bin/knip.js'] },
]

/** @param {string} node */
export async function lint(node) {
  return (await failedChecks(node)).length === 0 ? 0 : 1
}

/**
 * Runs every check, also after one has failed.
 *
 * @param {string} node
 * @returns {Promise<string[]>} the names of those that failed
 */
export async function failedChecks(node) {
  const failed = []
  for (const { name, args } of checks) {
    say(`Checking ${name}`)
    if ((await runProgram(node, args)) !== 0) failed.push(name)
  }
  if (failed.length > 0) say(`\nChecks that failed: ${failed.join(', ')}`)
  return failed
}
