import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { RoutingEvaluation, RoutingEvaluationRequest } from '../../src/evaluation/routing.ts'
import type { RoutingTrainingRequest } from '../../src/evaluation/train-routing.ts'
import { runLine, scriptedSignalbox } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'

const hull = [{ cost: 1, quality: 0.5 }]
const column = { aiq: 0.5, aiqFromZero: 0.4, gapShare: 0, bestQuality: 0.6, priceAtBestSingle: 1, deferral: undefined, hull }
const evaluation: RoutingEvaluation = {
  rows: 2,
  prompts: 2,
  folds: 2,
  costsFrom: 'rows',
  singles: [
    { model: 'p/small', quality: 0.5, cost: 1, outcomes: 2 },
    { model: 'p/large', quality: 0.6, cost: 9, outcomes: 2 },
  ],
  baselines: [{ ...column, name: 'zero router' }],
  predictors: [
    { ...column, name: 'knn', deferral: { apgr: 0.7, cpt50: 0.25, cpt80: undefined }, predictMs: { p50: 0.5, p99: 1 }, trainMs: 3 },
  ],
  pair: { weak: 'p/small', strong: 'p/large' },
}
const outcomes = '{"text": "a", "scores": {"p/small": 1, "p/large": 0}}\n{"text": "b", "scores": {"p/small": 0, "p/large": 1}}'

async function run(args: (folder: string) => readonly string[], content = outcomes) {
  using folders = createConfigFolders()
  const file = join(folders.project, 'outcomes.jsonl')
  writeFileSync(file, content)
  const signalbox = scriptedSignalbox({})
  const asked: (RoutingEvaluationRequest | RoutingTrainingRequest)[] = []
  const open: typeof signalbox.open = async (...given) => ({
    ...(await signalbox.open(...given)),
    evaluateRouting: async (request) => {
      asked.push(request)
      return evaluation
    },
    trainRouting: async (request) => {
      asked.push(request)
      return Uint8Array.from([1, 2, 3])
    },
  })
  const done = await runLine(folders, args(folders.project), { openSignalbox: open })
  const read = (name: string) => [...readFileSync(join(folders.project, name))]
  return { ...done, asked, written: done.code === 0 && args('').includes('--out') ? read('routing.model') : [] }
}

test('eval routing prints each model, and each predictor beside its baselines', async () => {
  const { code, out, asked } = await run(() => ['eval', 'routing', '--data', 'outcomes.jsonl', '--predictor', 'knn', '--folds', '2'])

  expect(code).toBe(0)
  expect(asked).toMatchObject([{ predictors: ['knn'], folds: 2, matrix: { models: ['p/large', 'p/small'] } }])
  expect(out).toBe(`2 rows (2 prompts), 2 models, 2 folds; costs: as the rows say.
Weak: p/small; strong: p/large.

model    quality  mean cost  outcomes
p/large  0.600    9.00       2
p/small  0.500    1.00       2

             AIQ    from 0  of the gap  price at best  best quality  APGR   CPT50  CPT80  ms
zero router  0.500  0.400   0.000       1.000          0.600         -      -      -
knn          0.500  0.400   0.000       1.000          0.600         0.700  0.250  -      0.50
`)
})

test('eval routing gives all figures with --json', async () => {
  const { out } = await run(() => ['eval', 'routing', '--data', 'outcomes.jsonl', '--json'])

  expect(JSON.parse(out)).toMatchObject({
    rows: 2,
    weak: 'p/small',
    predictors: [{ name: 'knn', aiq: 0.5, apgr: 0.7, cpt_50: 0.25, cpt_80: null, hull, train_ms: 3 }],
  })
})

test.each([
  [['eval', 'routing', '--data', 'none.jsonl'], 2, '--data must be a file that can be read, received "none.jsonl" (ENOENT)'],
  [['eval', 'routing', '--data', 'outcomes.jsonl', '--folds', '1'], 2, '--folds must be a whole number from 2 to 20, received "1"'],
  [['eval', 'routing', '--data', 'outcomes.jsonl', '--predictor', 'guess'], 2, 'guess'],
  [['train', 'routing', '--data', 'outcomes.jsonl', '--out', 'no/such/folder'], 2, '--out must be a file that can be written'],
])('%j fails with %i', async (args, exit, message) => {
  const { code, err } = await run(() => args)

  expect(code).toBe(exit)
  expect(err).toContain(message)
})

test('eval routing names faulty lines and measures nothing', async () => {
  const { code, err, asked } = await run(() => ['eval', 'routing', '--data', 'outcomes.jsonl'], `${outcomes}\n{"text": "c"}`)

  expect({ code, asked }).toEqual({ code: 1, asked: [] })
  expect(err).toContain('line 3: scores')
})

test('train routing writes what was learnt', async () => {
  const { code, out, asked, written } = await run(() => ['train', 'routing', '--data', 'outcomes.jsonl', '--out', 'routing.model'])

  expect({ code, written }).toEqual({ code: 0, written: [1, 2, 3] })
  expect(asked).toMatchObject([{ predictor: 'combined' }])
  expect(out).toContain('Wrote routing.model (0.0 MB): combined, from 2 rows of 2 models')
})
