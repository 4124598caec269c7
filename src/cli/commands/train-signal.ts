import { writeFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import type { CrossValidated, Example } from '../../../policies/index.ts'
import { type LabelledText, parseLabelledTexts } from '../../evaluation/labelled-texts.ts'
import { FailedError, UsageError } from '../failures.ts'
import { withPolicyBench } from '../given-policy.ts'
import type { GlobalOptions } from '../options.ts'
import { createProgressLine, printJson, printText, table } from '../output.ts'
import type { Terminal } from '../terminal.ts'
import { withLabelledData } from './evaluation.ts'
import { contentOf } from './outcome-files.ts'

interface TrainOptions extends GlobalOptions {
  readonly data: string
  readonly out?: string
}

const folds = 5
const maxTexts = 20_000
/** Above so many texts, words stand beside the vectors and centres for the texts. */
const many = 2000

/** `train intent` is `train signal intent`. */
export function addTrainSignal(train: Command, terminal: Terminal): void {
  train
    .command('signal', { isDefault: true })
    .description('train a small classifier on your own labelled texts, for a signal of kind head')
    .argument('<signal>', 'what it is called: a name in lower case')
    .requiredOption('--data <file>', 'JSON Lines: {"text", "label"}')
    .option('--out <file>', 'where it is saved; SIGNAL.head unless given')
    .action(async (signal: string, _options: unknown, command: Command) => {
      if (!/^[a-z][a-z0-9_]{0,39}$/.test(signal))
        throw new UsageError(`A signal is named in lower case, such as intent, received "${signal}"`)
      const options = command.optsWithGlobals<TrainOptions>()
      await withLabelledData(() => trainSignal(signal, options, terminal))
    })
}

async function trainSignal(signal: string, options: TrainOptions, terminal: Terminal): Promise<void> {
  const rows = parseLabelledTexts(await contentOf(options.data, '--data', terminal), options.data)
  const labels = new Set(rows.map(({ label }) => label))
  if (labels.size < 2) throw new FailedError(`${options.data} has one label: there is nothing to tell apart`)
  if (rows.length < 2 * folds) throw new FailedError(`${options.data} has ${rows.length} texts: at least ${2 * folds} are needed`)
  if (rows.length > maxTexts) throw new FailedError(`${options.data} has ${rows.length} texts: at most ${maxTexts} can be used`)
  const out = options.out ?? `${signal}.head`

  await withPolicyBench(terminal, options, async ({ embedder }) => {
    const { crossValidate, encodeHead, fitHead } = await import('../../../policies/index.ts')
    const progress = createProgressLine(terminal)
    try {
      const examples = await withVectors(
        rows,
        (texts) => embedder.embed(texts, { signal: terminal.signal }),
        (done) => progress.count(done, rows.length, 'texts'),
      )
      progress.show('Training')
      const large = rows.length > many ? { maxLandmarks: 1024, wordBuckets: 8192 } : {}
      const fit = { embedder: embedder.id, signal: terminal.signal, ...large }
      const measured = await crossValidate(examples, fit, folds)
      const head = await fitHead(examples, fit)
      const bytes = encodeHead({
        head,
        signal,
        trained_on: `${rows.length} texts of ${basename(options.data)}`,
        measured: {
          folds,
          cross_validated_accuracy: measured.accuracy,
          nearest_centroid: measured.nearestCentroid,
          most_frequent: measured.mostFrequent,
        },
      })
      await writeFile(resolve(terminal.cwd, out), bytes)
      progress.clear()
      if (options.json === true) printJson(terminal, inFields(signal, out, bytes.length, measured))
      else printText(terminal, inWords(signal, out, bytes.length, measured))
    } finally {
      progress.clear()
    }
  })
}

const batch = 64

async function withVectors(
  rows: readonly LabelledText[],
  embed: (texts: readonly string[]) => Promise<Float32Array[]>,
  onProgress: (done: number) => void,
): Promise<Example[]> {
  const examples: Example[] = []
  while (examples.length < rows.length) {
    const next = rows.slice(examples.length, examples.length + batch)
    const vectors = await embed(next.map(({ text }) => text))
    examples.push(...next.map(({ text, label }, place) => ({ text, label, vector: vectors[place] as Float32Array })))
    onProgress(examples.length)
  }
  return examples
}

function inFields(signal: string, file: string, bytes: number, { nearestCentroid, mostFrequent, ...measured }: CrossValidated) {
  return { signal, file, bytes, ...measured, baselines: { nearest_centroid: nearestCentroid, most_frequent: mostFrequent } }
}

function inWords(signal: string, file: string, bytes: number, measured: CrossValidated): string {
  const figure = (value: number) => value.toFixed(3)
  return [
    `Saved ${file} (${Math.ceil(bytes / 1000)} kB), trained on ${measured.rows} texts. On texts left out of training, ${measured.folds} folds:`,
    '',
    table([
      ['accuracy', figure(measured.accuracy)],
      ['  the nearest mean vector', figure(measured.nearestCentroid)],
      ['  the most frequent label alone', figure(measured.mostFrequent)],
      ['sure (confidence from .5): share', figure(measured.sure.share)],
      ['sure: accuracy', figure(measured.sure.accuracy)],
    ]),
    '',
    table([
      ['label', 'texts', 'recall', 'precision'],
      ...measured.labels.map((one) => [one.label, String(one.rows), figure(one.recall), figure(one.precision)]),
    ]),
    '',
    'A policy takes it up with:',
    '',
    `signals:\n  ${signal}: { kind: head, file: ${basename(file)} }`,
  ].join('\n')
}
