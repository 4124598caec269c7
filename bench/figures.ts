import { spawn } from 'node:child_process'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { readDocumented, root } from './figures/documented.ts'
import { type Compared, compare } from './figures/outcome.ts'
import { type Printed, readPrinted } from './figures/printed.ts'

/*
 * Runs what prints the figures of the documents, and says which of them come out again. `--only=tool-search,recall` runs some of it,
 * `--json` prints data. Exit code 1 where a figure differs. Times need a machine that does nothing else.
 */

async function run(command: string): Promise<Printed | string> {
  const [name = '', ...args] = command.split(' ')
  const child = spawn(process.execPath, [`bench/${name}.ts`, ...args], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] })
  const [output, code] = await Promise.all([text(child.stdout), new Promise((resolve) => child.once('close', resolve))])
  if (code !== 0) return `the program ended with ${code}`
  const without = /no (?:open )?data in .*|^Not measured: .*/im.exec(output)?.[0]
  return without !== undefined && !/\d\.\d/.test(output) ? without : readPrinted(output)
}

function tableOf(compared: readonly Compared[]): string {
  const shown = compared.map(({ document, name, run: by, documented, measured, outcome, why }) => [
    outcome,
    `${document}: ${name}`,
    by,
    documented.value.toFixed(documented.decimals),
    String(measured ?? why),
  ])
  const lines = [['outcome', 'figure', 'npm run bench --', 'documented', 'measured'], ['---', '---', '---', '---:', '---:'], ...shown]
  return lines.map((cells) => `| ${cells.map((cell) => cell.replaceAll('|', '/')).join(' | ')} |`).join('\n')
}

async function benchFigures(): Promise<void> {
  const { values } = parseArgs({ options: { only: { type: 'string' }, json: { type: 'boolean', default: false } } })
  const only = values.only?.split(',')
  const { figures, unprinted, problems } = readDocumented()
  for (const problem of problems) process.stderr.write(`${problem}\n`)
  const wanted = figures.filter(({ run: by }) => only?.includes(by.split(' ')[0] ?? '') ?? true)
  const compared: Compared[] = []
  for (const [command, ones] of Map.groupBy(wanted, ({ run: by }) => by)) {
    process.stderr.write(`npm run bench -- ${command}: ${ones.length} figures\n`)
    const printed = await run(command)
    compared.push(...ones.map((figure) => compare(figure, printed)))
  }
  const count = (outcome: Compared['outcome']) => compared.filter((one) => one.outcome === outcome).length
  if (values.json) console.log(JSON.stringify(compared, null, 2))
  else {
    console.log(tableOf(compared))
    if (only === undefined) for (const { document, name, why } of unprinted) console.log(`| not run | ${document}: ${name} | | | ${why} |`)
    console.log(`\n${count('reproduced')} reproduced, ${count('differs')} differ, ${count('not run')} not run`)
  }
  if (count('differs') > 0) process.exitCode = 1
}

if (import.meta.main) await benchFigures()
