// The one door of `npm start`, `npm test` and the other scripts: a fresh clone and any Node from 18 on are enough.
// This folder is plain JavaScript without packages, because it runs before they are installed.
import { build } from './build.js'
import { install } from './install.js'
import { lint } from './lint.js'
import { chooseNode } from './node.js'
import { runProgram, TaskError } from './process.js'
import { failedBeforeTests, test } from './test.js'
import { testPack } from './test-pack.js'

/** @type {Record<string, (node: string, args: string[]) => Promise<number>>} */
const tasks = {
  start: (node, args) => runProgram(node, ['dist/src/cli/start.js', ...args]),
  test,
  lint,
  bench: (node, args) =>
    runProgram(node, ['--experimental-strip-types', '--disable-warning=ExperimentalWarning', 'bench/index.ts', ...args]),
  build: async () => 0,
  'test-pack': testPack,
}

const [name = '', ...args] = process.argv.slice(2)
process.exitCode = await run(name, args)

/**
 * @param {string} name
 * @param {string[]} args
 */
async function run(name, args) {
  const task = tasks[name]
  try {
    if (!task) throw new TaskError(`Cannot run "${name}": the tasks are ${Object.keys(tasks).join(', ')}`)
    await install()
    const node = chooseNode()
    await build(node)
    return await task(node, args)
  } catch (error) {
    if (!(error instanceof TaskError)) throw error
    process.stderr.write(`\n${error.message}\n`)
    if (name === 'test') process.stdout.write(`${failedBeforeTests}\n`)
    return 1
  }
}
