// The one door of `npm start`, `npm test` and the other scripts: a fresh clone and any Node from 18 on are enough.
// This folder is plain JavaScript without packages, because it runs before they are installed.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { bench } from './bench.js'
import { build } from './build.js'
import { install } from './install.js'
import { lint } from './lint.js'
import { bundle } from './mcpb.js'
import { chooseNode } from './node.js'
import { root, runProgram, TaskError } from './process.js'
import { failedBeforeTests, test } from './test.js'
import { testPack } from './test-pack.js'

const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

/** @type {Record<string, { range: string, run(node: string, args: string[]): Promise<number> }>} */
const tasks = {
  start: { range: engines.node, run: (node, args) => runProgram(node, ['dist/program/start.js', ...args]) },
  // The tests are TypeScript that Node runs by itself, and declare with `using`.
  test: { range: '>=24.0', run: test },
  // A measurement asks `import.meta.main`.
  bench: { range: '>=24.2', run: bench },
  // On real keys, under a cap on what it spends; no part of the tests. Node runs TypeScript by itself from 22.18 on.
  live: { range: '>=22.18', run: (node, args) => runProgram(node, ['test/live/main.ts', ...args]) },
  docs: { range: '>=24.2', run: (node, args) => runProgram(node, ['scripts/docs-site/build.ts', ...args]) },
  lint: { range: engines.node, run: lint },
  build: { range: engines.node, run: async () => 0 },
  bundle: { range: engines.node, run: bundle },
  'test-pack': { range: engines.node, run: testPack },
}

const [name = '', ...args] = process.argv.slice(2)
try {
  const task = tasks[name]
  if (!task) throw new TaskError(`Cannot run "${name}": the tasks are ${Object.keys(tasks).join(', ')}`)
  await install()
  const node = chooseNode(task.range)
  await build(node)
  process.exitCode = await task.run(node, args)
} catch (error) {
  if (!(error instanceof TaskError)) throw error
  process.stderr.write(`\n${error.message}\n`)
  if (name === 'test') process.stdout.write(`${failedBeforeTests}\n`)
  process.exitCode = 1
}
