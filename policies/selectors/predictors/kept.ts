import type { z } from 'zod'
import type { Axes } from './axes.ts'
import { PredictorFileError, type TrainedPredictor } from './predictor.ts'

/** The facts of what was kept, checked. @throws {PredictorFileError} If they are of another kind or shape. */
export function factsOf<Facts>({ kind, facts }: TrainedPredictor, expected: string, schema: z.ZodType<Facts>): Facts {
  if (kind !== expected) throw new PredictorFileError(`Cannot open a predictor: it must be of kind "${expected}", received "${kind}"`)
  const parsed = schema.safeParse(facts)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw damaged(expected, `${issue?.path.join('.')}: ${issue?.message}`)
}

/** The numbers called `name`. @throws {PredictorFileError} If there are not so many. */
export function numbersOf({ kind, numbers }: TrainedPredictor, name: string, length: number): Float32Array {
  const found = numbers[name]
  if (found?.length !== length) throw damaged(kind, `"${name}" must hold ${length} numbers, received ${found?.length ?? 0}`)
  return found
}

export function damaged(kind: string, reason: string): PredictorFileError {
  return new PredictorFileError(`Cannot open a predictor of kind "${kind}": ${reason}`)
}

export function axesNumbers(axes: Axes | undefined): Record<string, Float32Array> {
  return axes === undefined ? {} : { axesMean: axes.mean, axesDirections: axes.directions }
}

/** The axes that were kept; none when vectors were not learnt from. */
export function axesFrom(trained: TrainedPredictor, width: number, count: number): Axes | undefined {
  if (width === 0) return undefined
  const mean = numbersOf(trained, 'axesMean', width)
  return { width, count, mean, directions: numbersOf(trained, 'axesDirections', width * count) }
}
