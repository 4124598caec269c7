import { cluster } from './cluster.ts'
import { combined } from './combined.ts'
import { forest } from './forest.ts'
import { knn } from './knn.ts'
import { logistic } from './logistic.ts'
import { predictorNames } from './names.ts'
import { type Predictor, PredictorFileError, type PredictorKind, type TrainedPredictor } from './predictor.ts'
import { words } from './words.ts'

const byName: Record<(typeof predictorNames)[number], PredictorKind> = { combined, forest, logistic, knn, cluster, words }

/** Every kind of predictor that can be trained. */
export const predictorKinds: readonly PredictorKind[] = predictorNames.map((name) => byName[name])

/** @throws {PredictorFileError} If its kind is unknown, or what was kept is not whole. */
export function openPredictor(trained: TrainedPredictor): Predictor {
  const kind = predictorKinds.find((one) => one.kind === trained.kind)
  if (kind === undefined) throw new PredictorFileError(`Cannot open a predictor: there is no kind "${trained.kind}"`)
  return kind.open(trained)
}
