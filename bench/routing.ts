import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMiniLM } from '../models/local/index.ts'
import { routingInWords } from '../src/cli/commands/eval-routing.ts'
import { parseOutcomes } from '../src/evaluation/labelled-outcomes.ts'
import { evaluateRouting } from '../src/evaluation/routing.ts'
import { createPrepared } from './learning/vectors.ts'
import { folder, type Row, read, string } from './tool-search/data.ts'

/*
 * Foretells the outcomes of models on prompts that were not learnt from, by five folds; a prompt that occurs twice stands in one fold.
 * The weights of `combined` are chosen inside the folds that it learns from; sizes and strengths of the others were set by hand while scores
 * of these same sets were looked at, so what is printed is a little kind to them.
 * `--only=gsm8k` (nine, mmlu) takes one set, `--predictors=forest,knn` some predictors: `combined` learns each of its parts four times a
 * fold, and takes many minutes on the larger sets.
 */
const predictors = option('predictors')?.split(',') ?? ['cluster', 'knn', 'logistic', 'forest', 'combined']
const only = option('only')

const sets: readonly { name: string; goal: string; content(): string; prices?(): Record<string, number> }[] = [
  {
    name: 'gsm8k',
    goal: 'RouteLLM, GSM8K. Goal: APGR .69 (random .50, prompt length .60, best simple recipe .66, oracle 1.12)',
    content: () => lines(read('routellm/gsm8k.jsonl').map(weakAndStrong)),
  },
  {
    name: 'nine',
    goal: 'Nine open models of 7B to 70B. Goal: AIQ .63 where the zero router has .57, clusters .60, kNN .61, oracle .77; price at best .30',
    content: () => lines(read('llmrouter-scores/train.jsonl.gz')),
    prices: () =>
      Object.fromEntries(read('llmrouter-scores/models.jsonl').map((row) => [string(row['model']), Number(row['input_price_per_mtok'])])),
  },
  {
    name: 'mmlu',
    goal: 'RouteLLM, MMLU. Goal: APGR .70 (random .50, prompt length .59, best simple recipe .68, oracle 1.34)',
    content: () => lines(read('routellm/mmlu_rest.jsonl.gz').map(weakAndStrong)),
  },
]

export async function benchRouting(): Promise<void> {
  if (!existsSync(join(folder, 'routellm'))) {
    console.log(`Routing: no data in ${folder}. Set SIGNALBOX_DATA to the folder that holds routellm and llmrouter-scores.`)
    return
  }
  process.env['SIGNALBOX_BENCH_CACHE'] ??= join(tmpdir(), 'signalbox-bench')
  const embedder = createPrepared(createMiniLM())
  try {
    for (const { name, goal, content, prices } of sets.filter((one) => only === undefined || one.name === only)) {
      const matrix = parseOutcomes(content(), name, prices?.())
      await embedder.prepare(
        `routing-${name}`,
        matrix.rows.map(({ text }) => text),
      )
      const evaluation = await evaluateRouting({ matrix, predictors, folds: 5 }, embedder)
      console.log(`${goal}\n${routingInWords(evaluation)}\n`)
    }
  } finally {
    await embedder.close()
  }
}

function option(name: string): string | undefined {
  return process.argv.find((one) => one.startsWith(`--${name}=`))?.slice(name.length + 3)
}

function weakAndStrong({ id, prompt, weak_correct: weak, strong_correct: strong }: Row): Row {
  return { id, prompt, scores: { weak, strong } }
}

function lines(rows: readonly Row[]): string {
  return rows.map((row) => JSON.stringify(row)).join('\n')
}

if (import.meta.main) await benchRouting()
