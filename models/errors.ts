/** What went wrong at a provider, as far as routing acts on it (`docs/providers.md` says how). */
export type ProviderErrorKind =
  | 'auth'
  | 'rate_limit'
  | 'input_too_long'
  | 'content_filter'
  | 'timeout'
  | 'unavailable'
  | 'bad_response'
  /** The request itself was refused (400, 422): another deployment would refuse it as well. */
  | 'bad_request'
  /** The model does not exist there (404): a configuration mistake, said as such. */
  | 'not_found'

export interface ProviderErrorOptions {
  kind: ProviderErrorKind
  /** `provider/model`, or the provider alone. */
  deployment: string
  status?: number | undefined
  retryAfterMs?: number | undefined
  /**
   * The provider's own code or type, for the log. Never a header, never a key. One is ours: `reasoning_refused` says
   * that a `bad_request` was about reasoning that was given back, and that the request may be repaired once by leaving it out.
   */
  code?: string | undefined
  /** What the vendor said itself, without its key, for clients that act on the wording. */
  vendor?: VendorWords | undefined
  cause?: unknown
}

export interface VendorWords {
  readonly message: string
  readonly type?: string | undefined
  readonly code?: string | undefined
}

/** `providerCode` of a model that refuses the form in which a computer was offered: there may be another that it takes. */
export const computerRefused = 'computer_tool_refused'

/** A call of a provider failed. `kind` says whether another deployment is worth trying. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError'
  readonly code = 'provider_error'
  readonly kind: ProviderErrorKind
  readonly deployment: string
  readonly status: number | undefined
  readonly retryAfterMs: number | undefined
  readonly providerCode: string | undefined
  readonly vendor: VendorWords | undefined

  constructor(message: string, options: ProviderErrorOptions) {
    super(message, { cause: options.cause })
    this.kind = options.kind
    this.deployment = options.deployment
    this.status = options.status
    this.retryAfterMs = options.retryAfterMs
    this.providerCode = options.code
    this.vendor = options.vendor
  }
}

/** No embedder works; the caller goes on lexically and says so. */
export class EmbedderError extends Error {
  override readonly name = 'EmbedderError'
  readonly code = 'embedder_unavailable'
}

/** The texts or the signs of a picture cannot be read; whoever wanted to look at them says that it did not. */
export class OcrError extends Error {
  override readonly name = 'OcrError'
  readonly code = 'ocr_unavailable'
}

/** An image was refused before or while it was decoded. `rule` names the limit that it broke. */
export class ImageError extends Error {
  override readonly name = 'ImageError'
  readonly code = 'image_refused'
  readonly rule: string

  constructor(message: string, rule: string, options?: { cause?: unknown }) {
    super(message, options)
    this.rule = rule
  }
}

/** Why a computer action was refused: its form, its place, a key, no word for it in another vendor's form, or a safety check. */
export type ComputerActionRule = 'shape' | 'outside' | 'unknown-key' | 'no-word' | 'safety'

/** A computer action cannot be read, or cannot be written in another vendor's form. */
export class ComputerActionError extends Error {
  override readonly name = 'ComputerActionError'
  readonly code = 'computer_action_refused'
  readonly rule: ComputerActionRule

  constructor(message: string, rule: ComputerActionRule, options?: { cause?: unknown }) {
    super(message, options)
    this.rule = rule
  }
}
