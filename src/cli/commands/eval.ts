import type { Command } from 'commander'
import { parseCatalogue, parseNeeds } from '../../evaluation/labelled-tools.ts'
import type { ToolColumn, ToolEvaluation } from '../../evaluation/tools.ts'
import { FailedError } from '../failures.ts'
import { withSignalbox } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { createProgressLine, printJson, printText, table } from '../output.ts'
import { settleServers } from '../run-operation.ts'
import type { Terminal } from '../terminal.ts'
import { addEvalGuard } from './eval-guard.ts'
import { addEvalRouting } from './eval-routing.ts'
import { addEvalSignal } from './eval-signal.ts'
import { addEvalTexts } from './eval-texts.ts'
import { figure, withLabelledData } from './evaluation.ts'
import { contentOf } from './outcome-files.ts'

interface EvalOptions extends GlobalOptions {
  readonly data: string
  readonly catalogue?: string
}

export function addEval(program: Command, terminal: Terminal): void {
  const evaluate = program.command('eval').description('measure on your own labelled data')
  evaluate
    .command('tools')
    .description('how well find_tools finds the right tool, beside words alone and plain embeddings')
    .requiredOption('--data <file>', 'JSON Lines: {"need": "...", "gold": ["tool", ...] or "none"}')
    .option('--catalogue <file>', 'JSON Lines: {"name", "server"?, "description"?, "inputSchema"?}; the hosted tools unless given')
    .action(async (_options: unknown, command: Command) => {
      await evaluateTools(command.optsWithGlobals<EvalOptions>(), terminal)
    })
  addEvalRouting(evaluate, terminal)
  addEvalSignal(evaluate, terminal)
  addEvalTexts(evaluate, terminal)
  addEvalGuard(evaluate, terminal)
}

async function evaluateTools(options: EvalOptions, terminal: Terminal): Promise<void> {
  const data = await contentOf(options.data, '--data', terminal)
  const given = options.catalogue === undefined ? undefined : await contentOf(options.catalogue, '--catalogue', terminal)
  await withLabelledData(async () => {
    const catalogue = given === undefined ? undefined : parseCatalogue(given, options.catalogue ?? '')
    await withSignalbox(terminal, options, async (signalbox) => {
      if (catalogue === undefined) await settleServers(signalbox, terminal)
      const tools = catalogue ?? signalbox.host.catalogue().tools.filter(({ quarantined }) => quarantined === undefined)
      if (tools.length === 0) throw new FailedError('No tool is hosted: name a catalogue with --catalogue, or add servers under tools:')
      const needs = parseNeeds(data, options.data, tools)
      const progress = createProgressLine(terminal)
      const evaluation = await signalbox
        .evaluateTools({
          tools,
          needs,
          signal: terminal.signal,
          onProgress: (done, total) => progress.count(done, total, 'needs'),
        })
        .finally(() => progress.clear())
      if (options.json === true) printJson(terminal, inFields(evaluation))
      else printText(terminal, inWords(evaluation))
    })
  })
}

function inFields({ tools, needs, fitting, allTokens, columns }: ToolEvaluation) {
  return {
    tools,
    needs,
    needs_with_a_tool: fitting,
    tokens_of_all_tools: allTokens,
    columns: columns.map((column) => ({
      name: column.name,
      ...(fitting > 0 && {
        recall_at_1: column.recallAt1,
        recall_at_5: column.recallAt5,
        recall_at_10: column.recallAt10,
        ndcg_at_5: column.ndcgAt5,
        all_gold_at_5: column.allGoldAt5,
      }),
      abstention: column.abstention && {
        auc: column.abstention.auc,
        curve: column.abstention.curve.map(({ kept, falseOffers }) => ({ kept, false_offers: falseOffers })),
      },
      said_none: column.saidNone && { where_one_fits: column.saidNone.fitting, where_none_fits: column.saidNone.none },
      tokens_an_answer: column.answerTokens,
      ms: column.ms,
    })),
  }
}

function inWords({ tools, needs, fitting, allTokens, columns }: ToolEvaluation): string {
  const row = (name: string, cell: (column: ToolColumn) => string) => [name, ...columns.map(cell)]
  const ranked =
    fitting === 0
      ? []
      : [
          row('R@1', (one) => figure(one.recallAt1)),
          row('R@5', (one) => figure(one.recallAt5)),
          row('R@10', (one) => figure(one.recallAt10)),
          row('nDCG@5', (one) => figure(one.ndcgAt5)),
          row('all right tools in 5', (one) => figure(one.allGoldAt5)),
        ]
  const kept = columns[0]?.abstention?.curve.map((point) => point.kept) ?? []
  const abstained =
    fitting === needs || fitting === 0
      ? []
      : [
          row('none fits, AUC', (one) => figure(one.abstention?.auc)),
          ...kept.map((share, index) =>
            row(`false offers, ${share * 100} % kept`, (one) => figure(one.abstention?.curve[index]?.falseOffers)),
          ),
          row('said none, one fits', (one) => figure(one.saidNone?.fitting)),
          row('said none, none fits', (one) => figure(one.saidNone?.none)),
        ]
  return [
    `${needs} needs, of which a tool fits ${fitting}, over ${tools} tools (${allTokens} tokens if all were listed).`,
    '',
    table([
      ['', ...columns.map(({ name }) => name)],
      ...ranked,
      ...abstained,
      row('tokens an answer', (one) => one.answerTokens.toFixed(0)),
      row('ms, p50', (one) => one.ms.p50.toFixed(1)),
      row('ms, p99', (one) => one.ms.p99.toFixed(1)),
    ]),
    ...(columns.some(({ name }) => name === 'learned') ? [] : ['', 'Nothing was learnt yet of these tools: there is no learned column.']),
  ].join('\n')
}
