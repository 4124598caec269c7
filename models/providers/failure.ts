import { ProviderError, type ProviderErrorKind, type VendorWords } from '../errors.ts'

/**
 * One thing that a vendor says when it refuses, in one line: `400 type code: message`, with what is absent left out.
 * `sample` is such a line as it has been seen; the tests hold each pattern to it.
 */
export interface FailureRule {
  readonly kind: ProviderErrorKind
  readonly pattern: RegExp
  readonly sample: string
  /** Our own code in the place of the vendor's. */
  readonly code?: string
}

/** What a vendor's error body says, whatever its shape. */
export interface VendorError {
  message: string
  type?: string | undefined
  code?: string | undefined
  status?: number | undefined
}

export interface FailureContext {
  /** `provider/model`. */
  deployment: string
  rules: readonly FailureRule[]
  /** What must not appear in a message. */
  secret: string | undefined
  /** The variable that holds the key, for the message about a refused one. */
  secretVariable: string | undefined
}

/** The error that a vendor's refusal stands for: by its wording where that is known, else by its status. */
export function failureOf(error: VendorError, context: FailureContext, headers?: Headers): ProviderError {
  const { deployment, rules } = context
  const line = [error.status, error.type, error.code].filter((part) => part !== undefined && part !== '').join(' ')
  const rule = rules.find(({ pattern }) => pattern.test(`${line}: ${error.message}`))
  const kind = rule?.kind ?? kindOfStatus(error.status)
  return new ProviderError(messageOf(kind, error, context), {
    kind,
    deployment,
    status: error.status,
    retryAfterMs: headers && retryAfterMs(headers),
    code: rule?.code ?? error.code ?? error.type,
    vendor: isRefusedKey(kind, error) ? undefined : vendorWords(error, context.secret),
  })
}

function isRefusedKey(kind: ProviderErrorKind, { status }: VendorError): boolean {
  return kind === 'auth' && (status === 401 || status === undefined)
}

/** For a client that acts on the vendor's wording: its lines stay, and its keys go. */
function vendorWords({ message, type, code }: VendorError, secret: string | undefined): VendorWords {
  return {
    message: withoutKeys(message, secret).slice(0, 2_000),
    ...(type !== undefined && { type: withoutKeys(type, secret) }),
    ...(code !== undefined && { code: withoutKeys(code, secret) }),
  }
}

/** Before anything is cut: half a key is told from a word by nobody. */
function withoutKeys(words: string, secret: string | undefined): string {
  const named = secret === undefined || secret === '' ? words : words.replaceAll(secret, '[key]')
  return named.replaceAll(/\b(?:sk|pk|gsk|xai|key)-[\w*-]{6,}/g, '[key]')
}

/** The vendor's words, in one line and cut: they may quote the request. Of a refused key nothing is repeated. */
function messageOf(kind: ProviderErrorKind, error: VendorError, { deployment, secret, secretVariable }: FailureContext): string {
  const status = error.status === undefined ? '' : ` (${error.status})`
  if (isRefusedKey(kind, error)) {
    const variable = secretVariable === undefined ? '' : `: set ${secretVariable} to a valid key`
    return `${deployment} refused the key${status}${variable}`
  }
  const words = withoutKeys(error.message, secret).replaceAll(/\s+/g, ' ').trim().slice(0, 400)
  const said = `${deployment} refused the request${status}${words === '' ? '' : `: ${words}`}`
  return kind === 'not_found' ? `${said}; check the model's name and the base URL in the configuration` : said
}

export function kindOfStatus(status: number | undefined): ProviderErrorKind {
  if (status === undefined) return 'unavailable'
  if (status === 401 || status === 402 || status === 403) return 'auth'
  if (status === 404) return 'not_found'
  if (status === 413) return 'input_too_long'
  if (status === 429) return 'rate_limit'
  if (status === 408 || status < 400 || status >= 500) return 'unavailable'
  return 'bad_request'
}

/** The error in a JSON body or event: `{error: {message, type, code}}`, `{error: "…"}` or the fields themselves; `undefined` for all else. */
export function vendorErrorIn(body: unknown, status?: number): VendorError | undefined {
  if (!isRecord(body)) return undefined
  const error = body['error'] ?? (body['type'] === 'error' || body['object'] === 'error' ? body : undefined)
  if (typeof error === 'string') return { message: error, status }
  if (!isRecord(error)) return undefined
  const { message, type, code, details } = error
  const detail = isRecord(details) ? details['error_code'] : undefined
  const numeric = typeof code === 'number' && code >= 400 && code < 600 ? code : undefined
  const named = [detail, code].find((value) => typeof value === 'string' && value !== '')
  return {
    message: typeof message === 'string' ? message : JSON.stringify(error),
    ...(typeof type === 'string' && { type }),
    ...(typeof named === 'string' && { code: named }),
    status: status ?? numeric,
  }
}

/** `retry-after-ms`, or `retry-after` in seconds or as a date. */
export function retryAfterMs(headers: Headers, now = Date.now()): number | undefined {
  const exact = headers.get('retry-after-ms')?.trim()
  if (exact && Number.isFinite(Number(exact))) return Math.max(0, Number(exact))
  const after = headers.get('retry-after')?.trim()
  if (!after) return undefined
  if (Number.isFinite(Number(after))) return Math.max(0, Number(after) * 1000)
  const date = Date.parse(after)
  return Number.isNaN(date) ? undefined : Math.max(0, date - now)
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
