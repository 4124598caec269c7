import type { Command } from 'commander'
import { withSignalbox } from '../open-box.ts'
import { printResult, runOperation } from '../run-operation.ts'
import { addStepOptions, type StepOptions, stepInput } from '../step-options.ts'
import type { Terminal } from '../terminal.ts'

export function addPlan(program: Command, terminal: Terminal): void {
  addStepOptions(
    program.command('plan').description('say which model would answer, why, at what cost, and why the others would not'),
  ).action(async (prompt: string | undefined, _options: unknown, command: Command) => {
    const options = command.optsWithGlobals<StepOptions>()
    const input = await stepInput(prompt, options, terminal)
    await withSignalbox(terminal, options, async (signalbox) => {
      printResult(await runOperation(signalbox, 'plan_step', input, terminal, { metadata: options.meta }), options, terminal)
    })
  })
}
