import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { root, runProgram, TaskError } from './process.js'

/**
 * Runs the measurements one after another: every file in `bench`, or those that are named. What starts with a dash goes to each. `figures`
 * runs others itself, and so only by its name.
 *
 * @param {string} node
 * @param {string[]} args
 */
export async function bench(node, args) {
  const all = readdirSync(join(root, 'bench'))
    .filter((file) => file.endsWith('.ts'))
    .map((file) => basename(file, '.ts'))
  const named = args.filter((arg) => !arg.startsWith('-'))
  const unknown = named.find((name) => !all.includes(name))
  if (unknown !== undefined) throw new TaskError(`Cannot measure "${unknown}": the measurements are ${all.join(', ')}`)
  let worst = 0
  for (const name of named.length > 0 ? named : all.filter((one) => one !== 'figures')) {
    process.stdout.write(`\n${name}\n\n`)
    const code = await runProgram(node, [join('bench', `${name}.ts`), ...args.filter((arg) => arg.startsWith('-'))])
    worst = Math.max(worst, code)
  }
  return worst
}
