import { Command, CommanderError, Option } from 'commander'
import { nearestName } from '../config/nearest.ts'
import { logLevels } from '../log.ts'
import { version } from '../version.ts'
import { addApprovals } from './commands/approvals.ts'
import { addAsk } from './commands/ask.ts'
import { addCache } from './commands/cache.ts'
import { addCommitments } from './commands/commitments.ts'
import { addCompletions } from './commands/completions.ts'
import { addConfig } from './commands/config.ts'
import { addConsole } from './commands/console.ts'
import { addDoctor } from './commands/doctor.ts'
import { addEval } from './commands/eval.ts'
import { addGuard } from './commands/guard.ts'
import { addInit } from './commands/init.ts'
import { addKeys } from './commands/keys.ts'
import { addForget, addRecall, addRemember } from './commands/memory.ts'
import { addOutcomes } from './commands/outcomes.ts'
import { addPlan } from './commands/plan.ts'
import { addPolicy } from './commands/policy.ts'
import { addReplay } from './commands/replay.ts'
import { addSelectors } from './commands/selectors.ts'
import { addServe, serve } from './commands/serve.ts'
import { addStatus } from './commands/status.ts'
import { addThreads } from './commands/threads.ts'
import { addTools } from './commands/tools.ts'
import { addTop } from './commands/top.ts'
import { addTrace } from './commands/trace.ts'
import { addTrain } from './commands/train.ts'
import { addExport, addImport } from './commands/transfer.ts'
import { addTrust } from './commands/trust.ts'
import { exitCodeOf, report } from './exit.ts'
import { UsageError } from './failures.ts'
import type { GlobalOptions } from './options.ts'
import type { Terminal } from './terminal.ts'

const commands = [
  addInit,
  addServe,
  addConsole,
  addStatus,
  addTop,
  addTrace,
  addDoctor,
  addTrust,
  addKeys,
  addApprovals,
  addPlan,
  addAsk,
  addGuard,
  addPolicy,
  addOutcomes,
  addSelectors,
  addTools,
  addThreads,
  addRecall,
  addRemember,
  addForget,
  addCache,
  addCommitments,
  addExport,
  addImport,
  addConfig,
  addEval,
  addTrain,
  addReplay,
  addCompletions,
]

/** Runs one command line, without the program's own name, and gives its exit code: 0 done, 1 failed, 2 wrongly called. */
export async function runProgram(args: readonly string[], terminal: Terminal): Promise<number> {
  const program = createProgram(terminal)
  try {
    await program.parseAsync([...args], { from: 'user' })
    return 0
  } catch (error) {
    // Help, version and wrong options have been written already.
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    report(error, terminal, program.opts<GlobalOptions>())
    return exitCodeOf(error)
  }
}

/** All commands and their options, before a line is read. */
export function createProgram(terminal: Terminal): Command {
  const program = new Command('signalbox')
    .description(
      'One MCP server between an agent and everything it can use.\n\nWithout a command: the MCP server on a pipe, this help on a terminal.',
    )
    .version(version, '-V, --version', 'print the version')
    .option('--config <file>', 'the configuration to use')
    .option('--json', 'print data as JSON')
    .addOption(new Option('--log-level <level>', 'the least that is logged').choices([...logLevels]))
    .addOption(new Option('--log-format <format>', 'how it is logged').choices(['text', 'json']))
    .configureOutput({
      writeOut: (text) => terminal.stdout.write(text),
      writeErr: (text) => terminal.stderr.write(text),
    })
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride()
    .allowExcessArguments()
    .action(async (options: GlobalOptions, command: Command) => {
      const [unknown] = command.args
      if (unknown !== undefined) {
        const nearest = nearestName(
          unknown,
          command.commands.map((one) => one.name()),
        )
        throw new UsageError(
          `unknown command "${unknown}"${nearest === undefined ? '' : ` (did you mean "${nearest}"?)`}; see: signalbox --help`,
        )
      }
      if (terminal.stdin.isTTY === true) command.outputHelp()
      else await serve({ ...options, stdio: true }, terminal)
    })
  for (const add of commands) add(program, terminal)
  return program
}
