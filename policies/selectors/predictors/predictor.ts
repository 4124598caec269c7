/** What a predictor sees of a step. */
export interface PredictorInput {
  /** Of length 1; `undefined` when nothing could be embedded. */
  readonly vector: Float32Array | undefined
  readonly text: string
  /** Numbers that the caller knows beside the text, such as counts of messages and tools: as many and in the order as in training. */
  readonly features: readonly number[]
}

export interface Prediction {
  /** The expected score of the model's answer, 0–1. */
  readonly quality: number
  /** How many known outcomes of this model it rests on. */
  readonly evidence: number
}

/** Foretells how well each model answers. Pure: the same input gives the same prediction. */
export interface Predictor {
  readonly kind: string
  /** The models of which outcomes were known. */
  readonly models: readonly string[]
  /** A model that it knows nothing of, or that cannot be judged without a vector, is missing in the answer. */
  predict(input: PredictorInput, models: readonly string[]): ReadonlyMap<string, Prediction>
}

/** One prompt with the outcomes that are known of it. */
export interface OutcomeRow extends PredictorInput {
  /** 0–1, by model. Models without an outcome are left out. */
  readonly scores: Readonly<Record<string, number>>
}

/**
 * What was learnt, ready to be kept: plain JSON, and rows of numbers apart from it.
 *
 * `facts` is read with a schema of the kind it belongs to; `numbers` are named by it.
 */
export interface TrainedPredictor {
  readonly kind: string
  readonly facts: unknown
  readonly numbers: Readonly<Record<string, Float32Array>>
}

/** One way to learn from outcomes. Learning is pure too: chance in it is the same each time. */
export interface PredictorKind<Options extends object = object> {
  readonly kind: string
  /** @throws {RangeError} If there are no outcomes, or not what the kind needs. */
  train(rows: readonly OutcomeRow[], options?: TrainingOptions & Options): Promise<TrainedPredictor>
  /** @throws {PredictorFileError} If what was kept is not of this kind and whole. */
  open(trained: TrainedPredictor): Predictor
}

export interface TrainingOptions {
  readonly signal?: AbortSignal | undefined
}

/** What was kept of a predictor cannot be used. */
export class PredictorFileError extends Error {
  override readonly name = 'PredictorFileError'
  readonly code = 'predictor_file'
}
