import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import { type Command, Option } from 'commander'
import { predictorNames } from '../../../policies/selectors/predictors/names.ts'
import { UsageError } from '../failures.ts'
import { withSignalbox } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { createProgressLine, printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'
import { readOutcomes, routingProgress } from './outcome-files.ts'

interface TrainRoutingOptions extends GlobalOptions {
  readonly data: string
  readonly out: string
  readonly predictor: string
}

export function addTrainRouting(train: Command, terminal: Terminal): void {
  train
    .command('routing')
    .description('learns from labelled outcomes which model answers what well, for the selector "predicted"')
    .requiredOption('--data <file>', 'JSON Lines: {"text" | "prompt" | "query", "scores": {model: 0..1}}; models as provider/model')
    .requiredOption('--out <file>', 'where the predictor is written')
    .addOption(new Option('--predictor <kind>', 'what is learnt').choices(predictorNames).default('combined'))
    .action(async (_options: unknown, command: Command) => {
      await run(command.optsWithGlobals<TrainRoutingOptions>(), terminal)
    })
}

async function run(options: TrainRoutingOptions, terminal: Terminal): Promise<void> {
  const matrix = await readOutcomes({ data: options.data }, terminal)
  await withSignalbox(terminal, options, async (signalbox) => {
    const progress = createProgressLine(terminal)
    const bytes = await signalbox
      .trainRouting({
        matrix,
        predictor: options.predictor,
        signal: terminal.signal,
        onProgress: (now) => progress.show(routingProgress(now)),
      })
      .finally(() => progress.clear())
    await writeFile(resolve(terminal.cwd, options.out), bytes, { mode: 0o600 }).catch((cause: NodeJS.ErrnoException) => {
      throw new UsageError(`--out must be a file that can be written, received "${options.out}" (${cause.code ?? cause.message})`, {
        cause,
      })
    })
    const { rows, models } = matrix
    const facts = { file: options.out, predictor: options.predictor, rows: rows.length, models, bytes: bytes.length }
    if (options.json === true) printJson(terminal, facts)
    else {
      printText(
        terminal,
        `Wrote ${options.out} (${(bytes.length / 1e6).toFixed(1)} MB): ${options.predictor}, from ${rows.length} rows of ${models.length} models.`,
      )
    }
  })
}
