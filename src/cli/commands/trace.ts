import type { Command } from 'commander'
import type { StepSummary } from '../../console/wire.ts'
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
        const newest = await owner.steps(undefined)
        const id = decision ?? newest.steps[0]?.id
        if (id === undefined) throw new FailedError('There is no step yet')
        const step = await owner.step(id)
        if (step === undefined) throw new FailedError(`There is no decision "${id}"`)
        const children: StepSummary[] = []
        // They came after it, and the newest are listed first.
        for (let page = newest; ; page = await owner.steps(page.next_cursor ?? undefined)) {
          children.unshift(...page.steps.filter(({ parent }) => parent === step.id).toReversed())
          if (page.next_cursor === null || (page.steps.at(-1)?.at ?? 0) < step.at) break
        }
        if (options.json === true) printJson(terminal, { ...step, steps: children })
        else printText(terminal, stepTree(step, children))
      })
    })
}
