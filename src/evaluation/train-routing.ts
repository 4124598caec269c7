import type { Embedder } from '../../models/embedder.ts'
import { toPredictorBytes } from '../../policies/selectors/predictors/file.ts'
import { predictorKinds } from '../../policies/selectors/predictors/kinds.ts'
import type { OutcomeMatrix } from './labelled-outcomes.ts'
import { outcomeRows, type RoutingProgress } from './routing.ts'

export interface RoutingTrainingRequest {
  readonly matrix: OutcomeMatrix
  readonly predictor: string
  readonly signal?: AbortSignal | undefined
  readonly onProgress?: ((progress: RoutingProgress) => void) | undefined
}

/** Learns from all rows; gives the bytes of a predictor file. */
export async function trainRouting(
  { matrix, predictor, signal, onProgress }: RoutingTrainingRequest,
  embedder: Embedder,
): Promise<Uint8Array> {
  const kind = predictorKinds.find((one) => one.kind === predictor)
  if (kind === undefined) throw new RangeError(`Cannot train: there is no predictor "${predictor}"`)
  const rows = await outcomeRows(matrix, embedder, { signal, onProgress })
  onProgress?.({ work: 'learning', done: 0, total: 1 })
  const trained = await kind.train(rows, { signal })
  return toPredictorBytes({ trained, embedder: embedder.id, rows: rows.length })
}
