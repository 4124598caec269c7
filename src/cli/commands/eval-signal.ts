import type { Command } from 'commander'
import type { Signal } from '../../../policies/index.ts'
import { type LabelledText, parseLabelledTexts } from '../../evaluation/labelled-texts.ts'
import type { SignalEvaluation } from '../../evaluation/signals.ts'
import { UsageError } from '../failures.ts'
import { type PolicyBench, withPolicyBench } from '../given-policy.ts'
import type { GlobalOptions } from '../options.ts'
import { createProgressLine, printJson, printText, table } from '../output.ts'
import type { Terminal } from '../terminal.ts'
import { apartCells, apartFields, apartHead, figure, withLabelledData } from './evaluation.ts'
import { contentOf } from './outcome-files.ts'

interface EvalSignalOptions extends GlobalOptions {
  readonly data: string
  readonly examples?: string
  readonly policy?: string
}

export function addEvalSignal(evaluate: Command, terminal: Terminal): void {
  evaluate
    .command('signal')
    .description('how well a signal names the label of your own texts')
    .argument('[signal]', 'one of the policy, or a kind that needs no options, such as domain; not with --examples')
    .requiredOption('--data <file>', 'JSON Lines: {"text", "label", "answer"?}; a label that the signal has not is out of scope')
    .option('--examples <file>', 'JSON Lines: {"text", "label"}; measures a learned embedding signal with these examples')
    .option('--policy <policy>', 'a shipped policy or a file; the one of the configuration unless given')
    .action(async (name: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<EvalSignalOptions>()
      if ((name === undefined) === (options.examples === undefined)) throw new UsageError('Give either the name of a signal or --examples')
      await withLabelledData(() => measure(name, options, terminal))
    })
}

async function measure(name: string | undefined, options: EvalSignalOptions, terminal: Terminal): Promise<void> {
  const rows = parseLabelledTexts(await contentOf(options.data, '--data', terminal), options.data)
  const examples =
    options.examples === undefined
      ? undefined
      : parseLabelledTexts(await contentOf(options.examples, '--examples', terminal), options.examples)
  await withPolicyBench(terminal, options, async (bench) => {
    const signal = examples === undefined ? await namedSignal(name ?? '', options.policy, bench) : await learnedSignal(examples, bench)
    if (signal.type === 'double') throw new UsageError(`"${signal.name}" is a number: it names no label`)
    const { evaluateSignal } = await import('../../evaluation/signals.ts')
    const progress = createProgressLine(terminal)
    const evaluation = await evaluateSignal(signal, rows, {
      abort: terminal.signal,
      onProgress: (done) => progress.count(done, rows.length, 'texts'),
    }).finally(() => progress.clear())
    if (options.json === true) printJson(terminal, inFields(signal.name, evaluation))
    else printText(terminal, inWords(evaluation))
  })
}

async function namedSignal(name: string, policy: string | undefined, { read, pools, embedder }: PolicyBench): Promise<Signal> {
  const { createSignal, parsePolicy, signalSchema } = await import('../../../policies/index.ts')
  const { data, ...text } = await read(policy)
  const { signals } = parsePolicy(data, { ...text, pools, embedder })
  const found = signals.find((one) => one.name === name)
  if (found !== undefined) return found
  const plain = signalSchema.safeParse({ kind: name })
  if (plain.success) return createSignal(name, plain.data, { pools, embedder })
  const known = signals.map((one) => one.name).join(', ')
  throw new UsageError(
    `No signal is called "${name}": the policy ${text.source} has ${known === '' ? 'none' : known}, and it is no kind without options`,
  )
}

async function learnedSignal(rows: readonly LabelledText[], { pools, embedder }: PolicyBench): Promise<Signal> {
  const { createSignal, signalSchema } = await import('../../../policies/index.ts')
  const examples = Object.fromEntries(
    [...Map.groupBy(rows, ({ label }) => label)].map(([label, ones]) => [label, ones.map(({ text }) => text)]),
  )
  const options = signalSchema.safeParse({ kind: 'embedding', aggregation: 'learned', examples })
  if (!options.success) throw new UsageError(`--examples cannot be used: ${options.error.issues.map(({ message }) => message).join('; ')}`)
  return createSignal('examples', options.data, { pools, embedder })
}

function inFields(signal: string, one: SignalEvaluation) {
  return {
    signal,
    texts: one.texts,
    in_scope: one.inScope,
    accuracy: one.accuracy,
    abstained: one.abstained,
    accuracy_where_named: one.accuracyWhereNamed,
    most_frequent: one.mostFrequent,
    out_of_scope: one.outOfScope && { ...one.outOfScope, auc: one.outOfScope.auc ?? null },
    labels: one.labels.map(({ label, texts, recall, precision }) => ({ label, texts, recall, precision: precision ?? null })),
    ...(one.apart && { apart: apartFields(one.apart) }),
    ms: one.ms,
  }
}

function inWords({ texts, inScope, labels, outOfScope, ms, ...one }: SignalEvaluation): string {
  return [
    `${texts} texts, of which ${inScope} have a label that the signal can give.`,
    '',
    table([
      ['accuracy', figure(one.accuracy)],
      ['  the most frequent label alone', figure(one.mostFrequent)],
      ['no label given', figure(one.abstained)],
      ['accuracy where a label is given', figure(one.accuracyWhereNamed)],
      ...(outOfScope === undefined
        ? []
        : [
            ['out of scope: no label given', figure(outOfScope.abstained)],
            ['out of scope: AUC of the confidence', figure(outOfScope.auc)],
          ]),
      ...(one.apart === undefined ? [] : apartHead.map((head, at) => [`its score: ${head}`, apartCells(one.apart)[at] ?? '-'])),
      ['ms, p50', ms.p50.toFixed(2)],
      ['ms, p99', ms.p99.toFixed(2)],
    ]),
    '',
    table([
      ['label', 'texts', 'recall', 'precision'],
      ...labels.map((row) => [row.label, String(row.texts), figure(row.recall), figure(row.precision)]),
    ]),
  ].join('\n')
}
