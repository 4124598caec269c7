import type { Command } from 'commander'
import { FailedError } from '../failures.ts'
import { withSignalbox } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText } from '../output.ts'
import { stepTree } from '../step-tree.ts'
import type { Terminal } from '../terminal.ts'

export function addTrace(program: Command, terminal: Terminal): void {
  program
    .command('trace')
    .argument('[decision]', 'id of a decision; the newest unless given')
    .description('show one step as a tree: signals, rules, candidates, attempts, tools, cost, outcome')
    .action(async (decision: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>()
      await withSignalbox(terminal, options, async ({ console: owner }) => {
        const { steps } = await owner.steps(undefined)
        const id = decision ?? steps[0]?.id
        if (id === undefined) throw new FailedError('There is no step yet')
        const step = await owner.step(id)
        if (step === undefined) throw new FailedError(`There is no decision "${id}"`)
        const children = steps.filter(({ parent }) => parent === step.id).toReversed()
        if (options.json === true) printJson(terminal, { ...step, steps: children })
        else printText(terminal, stepTree(step, children))
      })
    })
}
