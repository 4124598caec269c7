import fc from 'fast-check'
import { expect, test } from 'vitest'
import { factorise, solve } from '../../../policies/signals/heads/cholesky.ts'
import { crossValidate } from '../../../policies/signals/heads/cross-validate.ts'
import { decodeHead, encodeHead, HeadFileError } from '../../../policies/signals/heads/file.ts'
import { type Example, fitHead } from '../../../policies/signals/heads/fit.ts'
import { judge } from '../../../policies/signals/heads/head.ts'
import { landmarksOf, seededRandom } from '../../../policies/signals/heads/landmarks.ts'
import { rarityOf, wordFeatures } from '../../../policies/signals/heads/word-features.ts'

const dimensions = 16

/** Texts around one direction for each label, with noise: what an embedder makes of intents. */
function examplesAround(labels: readonly string[], each: number, seed: number, noise = 0.5): Example[] {
  const random = seededRandom(seed)
  const unit = (numbers: number[]) => {
    const norm = Math.hypot(...numbers)
    return Float32Array.from(numbers, (value) => value / norm)
  }
  return labels.flatMap((label, axis) =>
    Array.from({ length: each }, (_, index) => ({
      label,
      text: `${label} number ${index}`,
      vector: unit(Array.from({ length: dimensions }, (_, at) => (at === axis ? 1 : 0) + noise * (random() - 0.5))),
    })),
  )
}

const labels = ['pay', 'send', 'stop']
const training = examplesAround(labels, 12, 1)

test('solve() finds X with A X = B for any positive definite A', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 3 }), fc.integer(), async (size, columns, seed) => {
      const random = seededRandom(seed)
      const half = Array.from({ length: size * size }, () => random() - 0.5)
      const cell = (row: number, column: number) =>
        Array.from({ length: size }, (_, at) => (half[row * size + at] as number) * (half[column * size + at] as number)).reduce(
          (sum, one) => sum + one,
          row === column ? 0.1 : 0,
        )
      const matrix = Float64Array.from({ length: size * size }, (_, at) => cell(Math.floor(at / size), at % size))
      const right = Float64Array.from({ length: size * columns }, () => random())
      const [factor, solution] = [matrix.slice(), right.slice()]

      await factorise(factor, size)
      await solve(factor, size, solution, columns)

      for (let row = 0; row < size; row += 1) {
        for (let column = 0; column < columns; column += 1) {
          let sum = 0
          for (let at = 0; at < size; at += 1) sum += (matrix[row * size + at] as number) * (solution[at * columns + column] as number)
          expect(sum).toBeCloseTo(right[row * columns + column] as number, 8)
        }
      }
    }),
    { numRuns: 40 },
  )
})

test('factorise() refuses a matrix that is not positive definite', async () => {
  await expect(factorise(Float64Array.from([1, 2, 2, 1]), 2)).rejects.toThrow('positive definite')
})

test('fitHead() names the label of texts it has not seen, and is less sure of what is like none', async () => {
  const head = await fitHead(training, { embedder: 'test' })

  for (const { text, vector, label } of examplesAround(labels, 5, 2)) {
    const verdict = judge(head, text, vector)
    expect(verdict.label).toBe(label)
    expect(verdict.confidence).toBeGreaterThan(0.5)
  }
  const [stranger] = examplesAround(['', '', '', '', 'stranger'], 1, 3).slice(-1) as [Example]
  expect(judge(head, stranger.text, stranger.vector).confidence).toBeLessThan(0.3)
})

test('fitHead() stands by centres where examples are many, and still names the labels', async () => {
  const centres = { weight: 4, words: 7 }
  const head = await fitHead(training, { embedder: 'test', maxLandmarks: 6, wordBuckets: 64, centres })

  expect(head.landmarks).toHaveLength(6 * dimensions)
  for (const { text, vector, label } of examplesAround(labels, 5, 4)) expect(judge(head, text, vector).label).toBe(label)
})

test('fitHead() gives a label the score of its best class', async () => {
  const classes = examplesAround(['a1', 'a2', 'b1'], 8, 5).map((one) => ({ ...one, label: one.label.charAt(0), class: one.label }))

  const head = await fitHead(classes, { embedder: 'test' })

  expect(head.labels).toEqual(['a', 'b'])
  expect(head.labelOf).toEqual([0, 0, 1])
  for (const { text, vector, label } of classes) expect(judge(head, text, vector).label).toBe(label)
})

test('fitHead() makes the same head of the same examples, and stops when told', async () => {
  const options = { embedder: 'test', maxLandmarks: 6, seed: 7 }

  expect(await fitHead(training, options)).toEqual(await fitHead(training, options))
  await expect(fitHead(training, { ...options, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow('enough')
  await expect(fitHead([], options)).rejects.toThrow(RangeError)
})

test('judge() refuses a vector of another length', async () => {
  const head = await fitHead(training, { embedder: 'test' })

  expect(() => judge(head, 'x', new Float32Array(3))).toThrow(RangeError)
})

test('crossValidate() counts each example once, and sees through labels that mean nothing', async () => {
  const meaningful = await crossValidate(training, { embedder: 'test' })
  const random = seededRandom(9)
  const shuffledLabels = training.map((one) => ({ ...one, label: labels[Math.floor(random() * 3)] as string }))
  const meaningless = await crossValidate(shuffledLabels, { embedder: 'test' })

  expect(meaningful).toMatchObject({ rows: 36, folds: 5, accuracy: 1, nearestCentroid: 1 })
  expect(meaningful.labels.map(({ rows }) => rows)).toEqual([12, 12, 12])
  expect(meaningless.accuracy).toBeLessThan(0.7)
})

test('judge() leans on the mean vectors of the labels where a text is short, and not where it is long', async () => {
  const centres = { weight: 5, words: 4 }
  const [plain, leaning] = [await fitHead(training, { embedder: 'test' }), await fitHead(training, { embedder: 'test', centres })]
  const [{ vector }] = examplesAround(['pay'], 1, 3) as [Example]
  const long = 'word '.repeat(30)

  expect(judge(leaning, long, vector)).toEqual(judge(plain, long, vector))
  expect(judge(leaning, 'pay', vector)).toMatchObject({ label: 'pay', confidence: judge(plain, 'pay', vector).confidence })
  expect(judge(leaning, 'pay', vector).lead).toBeGreaterThan(judge(plain, 'pay', vector).lead + 1)
})

test('a label of many examples in one class has no other centre than one of few in each', async () => {
  const [one, two] = [examplesAround(['pay'], 1, 3), examplesAround(['pay'], 1, 4)] as [Example[], Example[]]
  const named = (all: readonly Example[], finer: string) => all.map((example) => ({ ...example, class: finer }))
  const others = examplesAround(labels, 4, 5).slice(4)
  const centresFor = async (times: number) => {
    const many = Array.from({ length: times }, () => named(one, 'first')).flat()
    const head = await fitHead([...many, ...named(two, 'second'), ...others], { embedder: 'test', centres: { weight: 1, words: 4 } })
    return [...(head.centres?.vectors ?? [])].map((value) => Math.round(value * 1e5))
  }

  expect(await centresFor(9)).toEqual(await centresFor(1))
})

test('decodeHead() gives back what encodeHead() wrote, to the precision of its numbers', async () => {
  const head = await fitHead(training, { embedder: 'test', maxLandmarks: 6, wordBuckets: 64 })
  const notes = { signal: 'intent', trained_on: 'made up', measured: { accuracy: 0.9 } }

  const decoded = decodeHead(encodeHead({ head, ...notes }), 'intent.head')

  expect(decoded).toMatchObject(notes)
  expect(decoded.head).toMatchObject({ labels: head.labels, labelOf: head.labelOf, embedder: 'test', calibration: head.calibration })
  for (const { text, vector } of examplesAround(labels, 5, 6)) {
    expect(judge(decoded.head, 'pay', vector).scores[0]).toBeCloseTo(judge(head, 'pay', vector).scores[0] ?? Number.NaN, 1)
    expect(judge(decoded.head, text, vector).score).toBeCloseTo(judge(head, text, vector).score, 1)
  }
})

test('decodeHead() refuses any file that is cut, longer, or no head, and names it', async () => {
  const bytes = encodeHead({
    head: await fitHead(training, { embedder: 'test' }),
    signal: 's',
    trained_on: '',
    measured: {},
  })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
      expect(() => decodeHead(bytes.slice(0, length), 'cut.head')).toThrow(HeadFileError)
    }),
  )
  expect(() => decodeHead(Buffer.concat([bytes, Buffer.from('x')]), 'long.head')).toThrow(/long\.head.*bytes/)
  expect(() => decodeHead(Buffer.from('{"format":"other"}\n'), 'other.head')).toThrow(/other\.head.*format/)
})

test('landmarksOf() gives unit vectors, as many as asked for, and all where there are fewer', async () => {
  const vectors = Float32Array.from(training.flatMap(({ vector }) => [...vector]))

  const centres = await landmarksOf(vectors, { dimensions, count: 3, random: seededRandom(1) })

  expect(centres).toHaveLength(3 * dimensions)
  for (let place = 0; place < 3; place += 1)
    expect(Math.hypot(...centres.slice(place * dimensions, (place + 1) * dimensions))).toBeCloseTo(1, 4)
  expect(await landmarksOf(vectors, { dimensions, count: 100, random: seededRandom(1) })).toBe(vectors)
})

test('wordFeatures() has unit length for any text with a word, and none without', () => {
  const rarity = rarityOf(['pay the bill', 'send the letter'], 128)
  fc.assert(
    fc.property(fc.array(fc.constantFrom('pay', 'the', 'bill', 'Straße', '日本'), { minLength: 1, maxLength: 20 }), (words) => {
      expect(Math.hypot(...wordFeatures(words.join(' '), rarity).values)).toBeCloseTo(1, 4)
    }),
  )
  expect(wordFeatures(' ?! ', rarity).buckets).toHaveLength(0)
})
