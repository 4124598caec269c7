/** A client named a model that is in none of the pools that it reaches. */
export class ModelNameError extends Error {
  override readonly name = 'ModelNameError'
  readonly code = 'model_unknown'
}
