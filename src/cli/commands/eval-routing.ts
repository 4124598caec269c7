import { type Command, Option } from 'commander'
import { predictorNames } from '../../../policies/selectors/predictors/names.ts'
import type { RoutingColumn, RoutingEvaluation } from '../../evaluation/routing.ts'
import { UsageError } from '../failures.ts'
import { withSignalbox } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { createProgressLine, printJson, printText, table } from '../output.ts'
import type { Terminal } from '../terminal.ts'
import { figure } from './evaluation.ts'
import { readOutcomes, routingProgress } from './outcome-files.ts'

interface EvalRoutingOptions extends GlobalOptions {
  readonly data: string
  readonly prices?: string
  readonly predictor: readonly string[]
  readonly folds: number
}

const usualPredictors = ['cluster', 'knn', 'logistic', 'forest', 'combined']

export function addEvalRouting(evaluate: Command, terminal: Terminal): void {
  evaluate
    .command('routing')
    .description('how well a predictor chooses among models, on prompts that it did not learn from')
    .requiredOption('--data <file>', 'JSON Lines: {"text" | "prompt" | "query", "scores": {model: 0..1}, "cost"?: {model: usd}}')
    .option('--prices <file>', 'JSON Lines: {"model", "price"}, US dollars a million tokens, where rows have no cost')
    .addOption(new Option('--predictor <kinds...>', 'what is measured').choices(predictorNames).default(usualPredictors))
    .option('--folds <count>', 'parts that are foretold in turn, 2 to 20', foldCount, 5)
    .action(async (_options: unknown, command: Command) => {
      await run(command.optsWithGlobals<EvalRoutingOptions>(), terminal)
    })
}

function foldCount(given: string): number {
  const count = Number(given)
  if (!Number.isInteger(count) || count < 2 || count > 20) {
    throw new UsageError(`--folds must be a whole number from 2 to 20, received "${given}"`)
  }
  return count
}

async function run(options: EvalRoutingOptions, terminal: Terminal): Promise<void> {
  const matrix = await readOutcomes(options, terminal)
  await withSignalbox(terminal, options, async (signalbox) => {
    const progress = createProgressLine(terminal)
    const evaluation = await signalbox
      .evaluateRouting({
        matrix,
        predictors: options.predictor,
        folds: options.folds,
        signal: terminal.signal,
        onProgress: (now) => progress.show(routingProgress(now)),
      })
      .finally(() => progress.clear())
    if (options.json === true) printJson(terminal, inFields(evaluation))
    else printText(terminal, routingInWords(evaluation))
  })
}

function inFields({ rows, prompts, folds, costsFrom, singles, baselines, predictors, pair }: RoutingEvaluation) {
  const fields = (column: RoutingColumn) => ({
    name: column.name,
    aiq: column.aiq ?? null,
    aiq_from_zero: column.aiqFromZero ?? null,
    share_of_oracle_gap: column.gapShare ?? null,
    best_quality: column.bestQuality,
    price_at_best_single: column.priceAtBestSingle ?? null,
    ...(column.deferral && { apgr: column.deferral.apgr, cpt_50: column.deferral.cpt50 ?? null, cpt_80: column.deferral.cpt80 ?? null }),
    hull: column.hull,
    ...(column.predictMs && { predict_ms: column.predictMs, train_ms: column.trainMs }),
  })
  return {
    rows,
    prompts,
    folds,
    costs_from: costsFrom,
    models: singles.map(({ model, quality, cost, outcomes }) => ({ model, quality, cost, outcomes })),
    ...(pair && { weak: pair.weak, strong: pair.strong }),
    baselines: baselines.map(fields),
    predictors: predictors.map(fields),
  }
}

/** The tables that a person reads. */
export function routingInWords({ rows, prompts, folds, costsFrom, singles, baselines, predictors, pair }: RoutingEvaluation): string {
  const priced = costsFrom !== 'none'
  const head = ['', ...(priced ? ['AIQ', 'from 0', 'of the gap', 'price at best'] : []), 'best quality']
  const pairHead = pair === undefined ? [] : ['APGR', 'CPT50', 'CPT80']
  const line = (column: RoutingColumn) => [
    column.name,
    ...(priced ? [column.aiq, column.aiqFromZero, column.gapShare, column.priceAtBestSingle].map(figure) : []),
    figure(column.bestQuality),
    ...(pair === undefined ? [] : [column.deferral?.apgr, column.deferral?.cpt50, column.deferral?.cpt80].map(figure)),
    column.predictMs === undefined ? '' : column.predictMs.p50.toFixed(2),
  ]
  const costs = { rows: 'as the rows say', prices: 'price times estimated tokens', none: 'unknown: no cost is measured' }[costsFrom]
  return [
    `${rows} rows (${prompts} prompts), ${singles.length} models, ${folds} folds; costs: ${costs}.`,
    ...(pair === undefined ? [] : [`Weak: ${pair.weak}; strong: ${pair.strong}.`]),
    '',
    table([
      ['model', 'quality', ...(priced ? ['mean cost'] : []), 'outcomes'],
      ...singles
        .toSorted((left, right) => right.quality - left.quality)
        .map(({ model, quality, cost, outcomes }) => [model, figure(quality), ...(priced ? [cost.toPrecision(3)] : []), `${outcomes}`]),
    ]),
    '',
    table([[...head, ...pairHead, 'ms'], ...[...baselines, ...predictors].map(line)]),
  ].join('\n')
}
