import type { Command } from 'commander'
import { withSignalbox } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { printResult, runOperation, settleServers } from '../run-operation.ts'
import type { Terminal } from '../terminal.ts'

export function addStatus(program: Command, terminal: Terminal): void {
  program
    .command('status')
    .description('show pools, budgets, spend, tool servers, memory and versions')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>()
      await withSignalbox(terminal, options, async (signalbox) => {
        await settleServers(signalbox, terminal)
        printResult(await runOperation(signalbox, 'status', {}, terminal), options, terminal)
      })
    })
}
