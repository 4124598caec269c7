import { calibrate } from './calibrate.ts'
import { type Centres, centresOf } from './centres.ts'
import { factorise, letOthersRun, solve } from './cholesky.ts'
import type { Head } from './head.ts'
import { defaultGamma, defaultRidge, kernelRow, packed } from './kernel.ts'
import { landmarksOf, seededRandom } from './landmarks.ts'
import { fitWords, type WordPart } from './word-fit.ts'

/** A labelled text with its vector. */
export interface Example {
  readonly text: string
  readonly vector: Float32Array
  readonly label: string
  /** A finer class within the label, such as a subject of a domain; the label itself unless told. */
  readonly class?: string | undefined
}

export interface FitOptions {
  readonly embedder: string
  /** Above so many examples their k-means centres stand for them. */
  readonly maxLandmarks?: number | undefined
  /** Buckets of hashed words beside the vector; 0 for none. They pay from some thousand examples on. */
  readonly wordBuckets?: number | undefined
  /** How much short texts lean on the mean vectors of the labels; not at all unless told. */
  readonly centres?: Omit<Centres, 'vectors'> | undefined
  /** Of the kernel. A wider one (smaller) suits centres that stand for many examples each. */
  readonly gamma?: number | undefined
  readonly seed?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Fits a head to labelled texts: (FᵀF + λK) C = FᵀY over landmarks, or (K + λ) C = Y where each example is its own.
 *
 * The same examples and seed give the same head.
 *
 * @throws {RangeError} Without examples of at least one label.
 */
export async function fitHead(
  examples: readonly Example[],
  { embedder, maxLandmarks = 4096, wordBuckets = 0, centres, gamma = defaultGamma, seed = 1, signal }: FitOptions,
): Promise<Head> {
  if (examples.length === 0) throw new RangeError('Cannot fit a head: it needs at least one example')
  const { labels, classes, labelOf } = classesOf(examples)
  const classOf = examples.map((one) => classes.indexOf(classKey(one)))
  const dimensions = (examples[0] as Example).vector.length
  const vectors = packed(examples.map(({ vector }) => vector))
  const landmarks = await landmarksOf(vectors, { dimensions, count: maxLandmarks, random: seededRandom(seed), signal })
  const kernel = await createKernelPart(examples, landmarks, gamma, signal)

  const targets = new Float64Array(examples.length * classes.length)
  classOf.forEach((place, row) => {
    targets[row * classes.length + place] = 1
  })
  let coefficients = await kernel.fit(targets, classes.length)
  let words: WordPart | undefined
  if (wordBuckets > 0) {
    // The words explain what the vectors leave, then the vectors what the words leave.
    const left = difference(targets, await kernel.predict(coefficients, classes.length))
    const fitted = await fitWords(
      examples.map(({ text }) => text),
      left,
      classes.length,
      wordBuckets,
      signal,
    )
    words = fitted.part
    coefficients = await kernel.fit(difference(targets, fitted.predicted), classes.length)
  }
  const calibration = await calibrate(examples, { gamma, ridge: defaultRidge, seed, signal })
  return {
    labels,
    labelOf,
    embedder,
    dimensions,
    gamma,
    landmarks,
    coefficients: Float32Array.from(coefficients),
    words,
    centres: centres && { ...centres, vectors: centresOf(classes.map(vectorsOfClass), labels.length, dimensions) },
    calibration,
  }

  function vectorsOfClass(_: string, place: number) {
    return {
      label: labelOf[place] as number,
      vectors: examples.filter((_example, row) => classOf[row] === place).map(({ vector }) => vector),
    }
  }
}

/** Labels by name, each with its classes. */
function classesOf(examples: readonly Example[]) {
  const labels = [...new Set(examples.map(({ label }) => label))].toSorted()
  const classes = [...new Set(examples.map(classKey))].toSorted()
  const labelOfClass = new Map(examples.map((one) => [classKey(one), labels.indexOf(one.label)]))
  return { labels, classes, labelOf: classes.map((one) => labelOfClass.get(one) as number) }
}

function classKey({ label, class: finer }: Example): string {
  return `${label}\n${finer ?? ''}`
}

/** Regression on the kernel with the landmarks: one factorisation for all targets. */
async function createKernelPart(examples: readonly Example[], landmarks: Float32Array, gamma: number, signal: AbortSignal | undefined) {
  const count = landmarks.length / (examples[0] as Example).vector.length
  const features: Float64Array[] = []
  for (const { vector } of examples) {
    features.push(kernelRow(vector, landmarks, gamma))
    if (features.length % 64 === 0) await letOthersRun(signal)
  }
  const isExact = count === examples.length
  const factor = isExact ? ownKernel(features, count) : await normalMatrix(features, landmarks, count, gamma, signal)
  await factorise(factor, count, signal)

  return {
    async fit(targets: Float64Array, columns: number): Promise<Float64Array> {
      const right = isExact ? targets.slice() : new Float64Array(count * columns)
      if (!isExact) {
        for (const [row, feature] of features.entries()) {
          for (let place = 0; place < count; place += 1) {
            for (let column = 0; column < columns; column += 1) {
              const at = place * columns + column
              right[at] = (right[at] as number) + (feature[place] as number) * (targets[row * columns + column] as number)
            }
          }
          if (row % 256 === 0) await letOthersRun(signal)
        }
      }
      await solve(factor, count, right, columns, signal)
      return right
    },
    async predict(coefficients: Float64Array, columns: number): Promise<Float64Array> {
      const predicted = new Float64Array(features.length * columns)
      for (const [row, feature] of features.entries()) {
        for (let place = 0; place < count; place += 1) {
          for (let column = 0; column < columns; column += 1) {
            const at = row * columns + column
            predicted[at] = (predicted[at] as number) + (feature[place] as number) * (coefficients[place * columns + column] as number)
          }
        }
        if (row % 256 === 0) await letOthersRun(signal)
      }
      return predicted
    },
  }
}

function ownKernel(features: readonly Float64Array[], count: number): Float64Array {
  const matrix = new Float64Array(count * count)
  features.forEach((row, place) => {
    matrix.set(row, place * count)
    matrix[place * count + place] = (matrix[place * count + place] as number) + defaultRidge
  })
  return matrix
}

/** FᵀF + λK(Z, Z), with a little on the diagonal for landmarks that lie together. */
async function normalMatrix(
  features: readonly Float64Array[],
  landmarks: Float32Array,
  count: number,
  gamma: number,
  signal: AbortSignal | undefined,
): Promise<Float64Array> {
  const matrix = new Float64Array(count * count)
  const dimensions = landmarks.length / count
  for (let place = 0; place < count; place += 1) {
    const own = kernelRow(landmarks.subarray(place * dimensions, (place + 1) * dimensions), landmarks, gamma)
    for (let other = 0; other < count; other += 1) matrix[place * count + other] = defaultRidge * (own[other] as number)
    matrix[place * count + place] = (matrix[place * count + place] as number) + 1e-3
  }
  for (const [row, feature] of features.entries()) {
    for (let place = 0; place < count; place += 1) {
      const times = feature[place] as number
      const start = place * count
      for (let other = 0; other <= place; other += 1)
        matrix[start + other] = (matrix[start + other] as number) + times * (feature[other] as number)
    }
    if (row % 32 === 0) await letOthersRun(signal)
  }
  return matrix
}

function difference(left: Float64Array, right: Float64Array): Float64Array {
  return left.map((value, index) => value - (right[index] as number))
}
