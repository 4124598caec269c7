import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { fromPredictorBytes, toPredictorBytes } from '../../../../policies/selectors/predictors/file.ts'
import { predictorKinds } from '../../../../policies/selectors/predictors/kinds.ts'
import type { OutcomeRow } from '../../../../policies/selectors/predictors/predictor.ts'
import { models, qualities, world } from './worlds.ts'

const past = world(160)
const asked = world(20, 'another')

describe.each(predictorKinds.map((kind) => [kind.kind, kind] as const))('%s', (name, kind) => {
  test('foretells that the small model fails where it failed before, and only there', async () => {
    const predictor = kind.open(await kind.train(past))

    for (const [index, row] of asked.entries()) {
      const { 'p/large': large = 0, 'p/small': small = 0 } = qualities(predictor.predict(row, models))
      expect(large - small > 0.3, row.text).toBe(index % 2 === 0)
    }
  })

  test('says the same after it was written and read, and the same of the same rows each time', async () => {
    const trained = await kind.train(past)
    const bytes = toPredictorBytes({ trained, embedder: 'e1', rows: past.length })
    const read = fromPredictorBytes(bytes)

    expect({ kind: read.predictor.kind, embedder: read.embedder, rows: read.rows }).toEqual({ kind: name, embedder: 'e1', rows: 160 })
    expect(read.predictor.models).toEqual(models)
    for (const row of asked) expect(read.predictor.predict(row, models)).toEqual(kind.open(trained).predict(row, models))
    expect(toPredictorBytes({ trained: await kind.train(past), embedder: 'e1', rows: past.length })).toEqual(bytes)
  })

  test('answers for the models that are asked and known alone, with what it rests on', async () => {
    const predictor = kind.open(await kind.train(past))

    const foretold = predictor.predict(asked[0] as OutcomeRow, ['p/small', 'p/unknown'])

    expect([...foretold.keys()]).toEqual(['p/small'])
    expect(foretold.get('p/small')?.evidence).toBeGreaterThan(0)
    expect(foretold.get('p/small')?.evidence).toBeLessThanOrEqual(past.length)
  })

  test('learns from rows of which outcomes are missing, and counts what it has of each model', async () => {
    const sparse = past.map(
      (row, index): OutcomeRow => ({ ...row, scores: index % 5 === 0 ? row.scores : { 'p/large': row.scores['p/large'] ?? 0 } }),
    )

    const foretold = kind.open(await kind.train(sparse)).predict(asked[0] as OutcomeRow, models)

    expect(foretold.get('p/small')?.evidence).toBeLessThan(foretold.get('p/large')?.evidence ?? 0)
    for (const { quality } of foretold.values()) expect(Number.isFinite(quality)).toBe(true)
  })

  test('refuses to learn from nothing, and to open what is damaged', async () => {
    await expect(kind.train([])).rejects.toThrow(RangeError)
    await expect(kind.train([{ ...(past[0] as OutcomeRow), scores: {} }])).rejects.toThrow(RangeError)
    const trained = await kind.train(past)
    expect(() => kind.open({ ...trained, kind: 'other' })).toThrow('must be of kind')
    expect(() => kind.open({ ...trained, facts: {} })).toThrow(`Cannot open a predictor of kind "${name}"`)
    expect(() => kind.open({ ...trained, numbers: {} })).toThrow('Cannot open a predictor of kind')
  })
})

test('a predictor that learnt from vectors says nothing without one; words need none', async () => {
  for (const kind of predictorKinds) {
    const predictor = kind.open(await kind.train(past))
    const foretold = predictor.predict({ ...(asked[0] as OutcomeRow), vector: undefined }, models)
    expect(foretold.size, kind.kind).toBe(kind.kind === 'words' ? 2 : 0)
  }
})

test('forest, logistic and combined learn from texts alone where nothing could be embedded', async () => {
  const lexical = past.map((row): OutcomeRow => ({ ...row, vector: undefined }))
  for (const kind of predictorKinds.filter((one) => ['forest', 'logistic', 'combined'].includes(one.kind))) {
    const predictor = kind.open(await kind.train(lexical))
    const { 'p/large': large = 0, 'p/small': small = 0 } = qualities(predictor.predict(asked[0] as OutcomeRow, models))
    expect(large - small, kind.kind).toBeGreaterThan(0.3)
  }
})

test('fromPredictorBytes() refuses bytes that are cut, lengthened or no predictor, and never opens others', async () => {
  const trained = await (predictorKinds.find(({ kind }) => kind === 'forest') as (typeof predictorKinds)[number]).train(past)
  const bytes = toPredictorBytes({ trained, embedder: undefined, rows: past.length })

  expect(() => fromPredictorBytes(bytes.subarray(0, bytes.length - 1))).toThrow(/bytes of numbers must follow/)
  expect(() => fromPredictorBytes(Buffer.concat([bytes, Buffer.from([0])]))).toThrow(/bytes of numbers must follow/)
  expect(() => fromPredictorBytes(Buffer.from('{"format":"signalbox-predictor","version":2}\n'))).toThrow('version')
  expect(() => fromPredictorBytes(Buffer.from('hello'))).toThrow('must begin with a line of JSON')
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 64 }), (noise) => {
      expect(() => fromPredictorBytes(noise)).toThrow('Cannot read a predictor')
    }),
    { numRuns: 100 },
  )
})
