import { type Command, Option } from 'commander'
import { withSignalbox } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText, table } from '../output.ts'
import { printResult, runOperation } from '../run-operation.ts'
import { defined } from '../step-options.ts'
import type { Terminal } from '../terminal.ts'

const verdicts = ['good', 'wrong', 'overkill', 'failed']

/** `outcomes rate`, `outcomes show` and `outcomes export`: how steps turned out. */
export function addOutcomes(program: Command, terminal: Terminal): void {
  const outcomes = program.command('outcomes').description('how steps turned out, which teaches routing')
  outcomes
    .command('rate')
    .description('say how a decision turned out')
    .argument('<decision>', 'as ask and plan show it')
    .argument('<verdict>', verdicts.join(', '))
    .addOption(new Option('--note <text>', 'what to remember beside it'))
    .action(async (decision: string, outcome: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { note?: string }>()
      await withSignalbox(terminal, options, async (signalbox) => {
        printResult(
          await runOperation(signalbox, 'rate', { decision, outcome, ...defined({ note: options.note }) }, terminal),
          options,
          terminal,
        )
      })
    })
  outcomes
    .command('show')
    .description('how each model did, in each domain and with each tool')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>()
      await withSignalbox(terminal, options, async ({ routing }) => {
        const found = routing.reputations()
        if (options.json === true) return printJson(terminal, { reputation: found })
        const rows = found.map(({ model, topic, good, bad, mean, lower, drifting }) => [
          model,
          topic === undefined ? 'all steps' : 'tool' in topic ? `tool ${topic.tool}` : topic.domain,
          good.toFixed(1),
          bad.toFixed(1),
          mean.toFixed(2),
          lower.toFixed(2),
          drifting ? 'changed of late' : '',
        ])
        printText(
          terminal,
          rows.length === 0 ? 'Nothing is known yet.' : table([['model', 'in', 'good', 'bad', 'mean', 'at least', ''], ...rows]),
        )
      })
    })
  outcomes
    .command('export')
    .description('everything that was seen of steps, of all callers, as JSON Lines')
    .action(async (_options: unknown, command: Command) => {
      await withSignalbox(terminal, command.optsWithGlobals<GlobalOptions>(), async ({ routing }) => {
        for await (const entry of routing.entries()) terminal.stdout.write(`${JSON.stringify(entry)}\n`)
      })
    })
}
