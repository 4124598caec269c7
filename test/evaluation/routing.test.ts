import { expect, test } from 'vitest'
import type { Embedder } from '../../models/embedder.ts'
import { fromPredictorBytes } from '../../policies/selectors/predictors/file.ts'
import { type LabelledOutcome, parseOutcomes, parsePrices } from '../../src/evaluation/labelled-outcomes.ts'
import { evaluateRouting, type RoutingProgress } from '../../src/evaluation/routing.ts'
import { trainRouting } from '../../src/evaluation/train-routing.ts'
import { models, world } from '../policies/selectors/predictors/worlds.ts'

const rows = world(120)
const vectors = new Map(rows.map(({ text, vector }) => [text, vector as Float32Array]))
const embedder: Embedder = {
  id: 'scripted',
  dimensions: 12,
  runtime: undefined,
  embed: async (texts) => texts.map((text) => vectors.get(text) as Float32Array),
  close: async () => {},
}
const content = rows.map(({ text, scores }) => JSON.stringify({ text, scores, cost: { 'p/large': 10, 'p/small': 1 } })).join('\n')
const matrix = parseOutcomes(content, 'outcomes.jsonl')

test('evaluateRouting() measures on prompts that were not learnt from, beside the zero router and the oracle', async () => {
  const seen: RoutingProgress[] = []

  const evaluation = await evaluateRouting(
    { matrix, predictors: ['cluster', 'knn'], folds: 4, onProgress: (now) => seen.push(now) },
    embedder,
  )

  const [zero, length, oracle] = evaluation.baselines
  const [cluster, knn] = evaluation.predictors
  expect(evaluation).toMatchObject({ rows: 120, prompts: 120, folds: 4, costsFrom: 'rows', pair: { weak: 'p/small', strong: 'p/large' } })
  expect([zero?.name, length?.name, oracle?.name]).toEqual(['zero router', 'prompt length', 'oracle'])
  for (const column of [cluster, knn]) {
    expect(column?.deferral?.apgr).toBeGreaterThan(0.7)
    expect(column?.aiq).toBeGreaterThan((zero?.aiq ?? 1) + 0.05)
    expect(column?.aiq).toBeLessThan(oracle?.aiq ?? 0)
    expect(column?.priceAtBestSingle).toBeLessThan(0.8)
  }
  expect(zero).toMatchObject({ gapShare: 0, priceAtBestSingle: 1 })
  expect(oracle?.gapShare).toBeCloseTo(1)
  expect(seen.at(-1)).toEqual({ work: 'learning', done: 8, total: 8 })
})

test('evaluateRouting() gains nothing from outcomes that no prompt explains: no row teaches about itself', async () => {
  const shuffled = parseOutcomes(
    rows
      .map(({ text }, index) =>
        JSON.stringify({
          text,
          scores: (rows[(index * 7 + 3) % 120] as (typeof rows)[number]).scores,
          cost: { 'p/large': 10, 'p/small': 1 },
        }),
      )
      .map((line, index) => (index % 3 === 0 ? line.replace(/"p\/small":\d/, `"p/small":${(index / 3) % 2}`) : line))
      .join('\n'),
    'shuffled.jsonl',
  )
  const twice = { ...shuffled, rows: shuffled.rows.flatMap((row): LabelledOutcome[] => [row, { ...row, id: `${row.id} again` }]) }

  const one = await evaluateRouting({ matrix: shuffled, predictors: ['knn'], folds: 5 }, embedder)
  const two = await evaluateRouting({ matrix: twice, predictors: ['knn'], folds: 5 }, embedder)

  expect(two).toMatchObject({ rows: 240, prompts: 120 })
  expect(Math.abs((two.predictors[0]?.aiq ?? 0) - (one.predictors[0]?.aiq ?? 0))).toBeLessThan(0.05)
})

test('evaluateRouting() measures no cost where none is known, and refuses a predictor that does not exist', async () => {
  const costless = parseOutcomes(rows.map(({ text, scores }) => JSON.stringify({ text, scores })).join('\n'), 'costless.jsonl')

  const { predictors, costsFrom } = await evaluateRouting({ matrix: costless, predictors: ['cluster'], folds: 3 }, embedder)

  expect(costsFrom).toBe('none')
  expect(predictors[0]).toMatchObject({ aiq: undefined, priceAtBestSingle: undefined, gapShare: undefined })
  expect(predictors[0]?.deferral?.apgr).toBeGreaterThan(0.7)
  await expect(evaluateRouting({ matrix, predictors: ['oracle'], folds: 3 }, embedder)).rejects.toThrow('no predictor "oracle"')
})

test('evaluateRouting() stops when it is told to', async () => {
  const reason = new Error('The caller left')
  const signal = AbortSignal.abort(reason)

  await expect(evaluateRouting({ matrix, predictors: ['forest'], folds: 3, signal }, embedder)).rejects.toBe(reason)
})

test('trainRouting() gives a file that foretells', async () => {
  const bytes = await trainRouting({ matrix, predictor: 'logistic' }, embedder)

  const { predictor, embedder: learntWith, rows: count } = fromPredictorBytes(bytes)

  expect({ learntWith, count, models: predictor.models }).toEqual({ learntWith: 'scripted', count: 120, models })
})

test('parseOutcomes() takes costs from the row, then from prices and an estimate of tokens', () => {
  const {
    rows: read,
    costsFrom,
    models: names,
  } = parseOutcomes(
    [
      '{"prompt": "abcd", "scores": {"b": true, "a": 0.5}, "cost": {"a": 7}, "price": {"b": 2}}',
      '{"query": "abcdefgh", "scores": {"a": 0, "b": null}, "output_tokens": {"a": 98}, "step": {"tool_calls": 2}}',
    ].join('\n'),
    'o.jsonl',
    { a: 1 },
  )

  expect({ costsFrom, names }).toEqual({ costsFrom: 'rows', names: ['a', 'b'] })
  expect(read[0]).toMatchObject({ id: 'line 1', text: 'abcd', scores: { a: 0.5, b: 1 }, costs: { a: 7, b: (2 * 257) / 1e6 } })
  expect(read[1]).toMatchObject({ scores: { a: 0 }, costs: { a: 100 / 1e6 }, step: { messages: 1, toolCalls: 2 } })
  expect(parsePrices('{"model": "a", "price": 1}\n{"model": "b", "price": 0}', 'p.jsonl')).toEqual({ a: 1, b: 0 })
})

test.each([
  ['{"text": "a", "scores": {"m": 2, "n": 0}}', 'line 1: scores.m: '],
  ['{"text": "a", "prompt": "b", "scores": {"m": 1, "n": 0}}', 'line 1: must have exactly one of text, prompt and query'],
  ['{"text": "a", "scores": {}}', 'line 1: scores: must have one score at least'],
  ['\nnot JSON', 'line 2: must be a JSON object'],
  ['{"text": "a", "scores": {"m": 1}}', 'it must have scores of two models at least, received m'],
  ['{"text": "a", "scores": {"m": 1, "n": 1}, "cost": {"m": 1}}', 'line 1: nothing says what "n" costs, though others have a cost'],
  ['', 'it has no row'],
])('parseOutcomes() refuses %s', (given, message) => {
  expect(() => parseOutcomes(given, 'o.jsonl')).toThrow(message)
})
