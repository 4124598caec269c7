import type { Command } from 'commander'
import type { GroundingEvaluation } from '../../evaluation/grounding.ts'
import type { RecallEvaluation } from '../../evaluation/recall.ts'
import type { PairEvaluation } from '../../evaluation/same-questions.ts'
import { UsageError } from '../failures.ts'
import { withPolicyBench } from '../given-policy.ts'
import type { GlobalOptions } from '../options.ts'
import { createProgressLine, printJson, printText, table } from '../output.ts'
import type { Terminal } from '../terminal.ts'
import { apartCells, apartFields, apartHead, figure, withLabelledData } from './evaluation.ts'
import { contentOf } from './outcome-files.ts'

interface CacheOptions extends GlobalOptions {
  readonly data: string
  readonly targetError: number
}

interface GroundingOptions extends GlobalOptions {
  readonly data: string
  readonly threshold?: number
}

interface RecallOptions extends GlobalOptions {
  readonly data: string
  readonly turns: string
}

/** What works on texts alone: no database is opened and no server is hosted. */
export function addEvalTexts(evaluate: Command, terminal: Terminal): void {
  evaluate
    .command('cache')
    .description('how well the semantic cache knows that two questions ask the same, beside shared words and cosine')
    .requiredOption('--data <file>', 'JSON Lines: {"one", "other", "same": true | false}')
    .option('--target-error <share>', 'the share of wrong answers that is allowed, as in a policy', between('--target-error'), 0.02)
    .action((_options: unknown, command: Command) => evaluateCache(command.optsWithGlobals<CacheOptions>(), terminal))
  evaluate
    .command('grounding')
    .description('how well the guard of grounding tells answers that their sources bear from others, beside shared words')
    .requiredOption('--data <file>', 'JSON Lines: {"answer", "sources": ["..."], "supported": true | false, "asked"?}')
    .option('--threshold <score>', 'below it a claim counts as not borne; the one that ships unless given', between('--threshold'))
    .action((_options: unknown, command: Command) => evaluateGroundingOf(command.optsWithGlobals<GroundingOptions>(), terminal))
  evaluate
    .command('recall')
    .description('how well recall finds the turns that answer a question, beside words alone and plain embeddings')
    .requiredOption('--turns <file>', 'JSON Lines: {"id", "text", "role"?, "session"?, "at"?}, in the order in which they were said')
    .requiredOption('--data <file>', 'JSON Lines: {"query", "gold": ["id", ...]}')
    .action((_options: unknown, command: Command) => evaluateRecallOf(command.optsWithGlobals<RecallOptions>(), terminal))
}

function between(option: string): (value: string) => number {
  return (value) => {
    const number = /^\d*\.?\d+$/.test(value) ? Number(value) : Number.NaN
    if (!(number > 0 && number < 1)) throw new UsageError(`${option} must be a number between 0 and 1, received "${value}"`)
    return number
  }
}

async function evaluateCache(options: CacheOptions, terminal: Terminal): Promise<void> {
  await withLabelledData(async () => {
    const { evaluatePairs, parsePairs } = await import('../../evaluation/same-questions.ts')
    const pairs = parsePairs(await contentOf(options.data, '--data', terminal), options.data)
    await withPolicyBench(terminal, options, async ({ embedder }) => {
      const progress = createProgressLine(terminal)
      const evaluation = await evaluatePairs(pairs, {
        embedder,
        targetError: options.targetError,
        signal: terminal.signal,
        onProgress: (done) => progress.count(done, pairs.length, 'pairs'),
      }).finally(() => progress.clear())
      if (options.json === true) printJson(terminal, pairFields(evaluation))
      else printText(terminal, pairsInWords(evaluation))
    })
  })
}

function pairFields({ pairs, same, ways, guards, served, ms }: PairEvaluation) {
  return {
    pairs,
    same,
    ways: ways.map(({ name, apart }) => ({ name, ...apartFields(apart) })),
    guards: { passed_same: guards.passedSame, passed_other: guards.passedOther },
    served: { target_error: served.targetError, hits: served.hits, wrong: served.wrong, recall: served.recall },
    ms,
  }
}

function pairsInWords({ pairs, same, ways, guards, served, ms }: PairEvaluation): string {
  return [
    `${same} pairs that ask the same, ${pairs - same} that do not.`,
    '',
    table([['', ...apartHead], ...ways.map(({ name, apart }) => [name, ...apartCells(apart)])]),
    '',
    table([
      ['the guards let through: same', figure(guards.passedSame)],
      ['  not the same', figure(guards.passedOther)],
      [`given again at a target error of ${served.targetError}`, `${served.hits}, of which ${served.wrong} wrong`],
      ['  of those that ask the same', figure(served.recall)],
      ['ms, p50', ms.p50.toFixed(2)],
      ['ms, p99', ms.p99.toFixed(2)],
    ]),
  ].join('\n')
}

async function evaluateGroundingOf(options: GroundingOptions, terminal: Terminal): Promise<void> {
  await withLabelledData(async () => {
    const { evaluateGrounding, parseAnswers } = await import('../../evaluation/grounding.ts')
    const answers = parseAnswers(await contentOf(options.data, '--data', terminal), options.data)
    await withPolicyBench(terminal, options, async ({ embedder }) => {
      const progress = createProgressLine(terminal)
      const evaluation = await evaluateGrounding(answers, {
        embedder,
        threshold: options.threshold,
        signal: terminal.signal,
        onProgress: (done) => progress.count(done, answers.length, 'answers'),
      }).finally(() => progress.clear())
      if (options.json === true) printJson(terminal, groundingFields(evaluation))
      else printText(terminal, groundingInWords(evaluation))
    })
  })
}

function groundingFields({ answers, supported, unscored, whyUnscored, ways, threshold, found, wronglyFlagged, ms }: GroundingEvaluation) {
  return {
    answers,
    supported,
    unscored,
    why_unscored: whyUnscored ?? null,
    ways: ways.map(({ name, apart }) => ({ name, ...apartFields(apart) })),
    threshold,
    found,
    wrongly_flagged: wronglyFlagged,
    ms,
  }
}

function groundingInWords({ answers, supported, unscored, whyUnscored, ways, threshold, found, wronglyFlagged, ms }: GroundingEvaluation) {
  return [
    `${supported} answers that their sources bear, ${answers - supported} that they do not.`,
    ...(unscored === 0 ? [] : [`${unscored} could not be judged: ${whyUnscored}.`]),
    '',
    table([['', ...apartHead], ...ways.map(({ name, apart }) => [name, ...apartCells(apart)])]),
    '',
    table([
      [`not borne, and flagged at ${threshold}`, figure(found)],
      ['borne, and flagged', figure(wronglyFlagged)],
      ['ms, p50', ms.p50.toFixed(2)],
      ['ms, p99', ms.p99.toFixed(2)],
    ]),
  ].join('\n')
}

async function evaluateRecallOf(options: RecallOptions, terminal: Terminal): Promise<void> {
  await withLabelledData(async () => {
    const [{ evaluateRecall, parseQuestions, parseTurns }, { createTokenEstimator }] = await Promise.all([
      import('../../evaluation/recall.ts'),
      import('../../../models/tokens.ts'),
    ])
    const turns = parseTurns(await contentOf(options.turns, '--turns', terminal), options.turns)
    const questions = parseQuestions(await contentOf(options.data, '--data', terminal), options.data, turns)
    await withPolicyBench(terminal, options, async ({ embedder }) => {
      const progress = createProgressLine(terminal)
      const evaluation = await evaluateRecall(
        { turns, questions },
        {
          embedder,
          estimateTokens: createTokenEstimator().estimateText,
          signal: terminal.signal,
          onProgress: (done, all) => progress.count(done, all, 'questions'),
        },
      ).finally(() => progress.clear())
      if (options.json === true) printJson(terminal, recallFields(evaluation))
      else printText(terminal, recallInWords(evaluation))
    })
  })
}

function recallFields({ turns, sessions, questions, ways }: RecallEvaluation) {
  return {
    turns,
    sessions,
    questions,
    ways: ways.map(({ name, recallAt1, recallAt5, recallAt10, ndcgAt5, allGoldAt5, itemsReturned, ms }) => ({
      name,
      recall_at_1: recallAt1,
      recall_at_5: recallAt5,
      recall_at_10: recallAt10,
      ndcg_at_5: ndcgAt5,
      all_gold_at_5: allGoldAt5,
      items_returned: itemsReturned,
      ms,
    })),
  }
}

function recallInWords({ turns, sessions, questions, ways }: RecallEvaluation): string {
  const row = (name: string, cell: (column: (typeof ways)[number]) => string) => [name, ...ways.map(cell)]
  return [
    `${questions} questions over ${turns} turns of ${sessions} ${sessions === 1 ? 'session' : 'sessions'}.`,
    '',
    table([
      ['', ...ways.map(({ name }) => name)],
      row('R@1', (one) => figure(one.recallAt1)),
      row('R@5', (one) => figure(one.recallAt5)),
      row('R@10', (one) => figure(one.recallAt10)),
      row('nDCG@5', (one) => figure(one.ndcgAt5)),
      row('all right turns in 5', (one) => figure(one.allGoldAt5)),
      row('items returned', (one) => one.itemsReturned.toFixed(1)),
      row('ms, p50', (one) => one.ms.p50.toFixed(1)),
      row('ms, p99', (one) => one.ms.p99.toFixed(1)),
    ]),
  ].join('\n')
}
