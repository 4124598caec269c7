import { ProviderError } from '../../models/errors.ts'
import { type ClientFailure, ClientRequestError } from '../../models/wire/client-format.ts'
import { AnswerCutError, PolicyDeniedError, PoolExhaustedError } from '../dispatch/errors.ts'
import { meaningOf, speakableMessage } from '../errors.ts'
import { ModelNameError } from './model-name-error.ts'

export interface DoorFailure extends ClientFailure {
  readonly headers?: Readonly<Record<string, string>> | undefined
}

const internal = 'Internal error: the reason is in the log of Signalbox'

/**
 * What a client of a model is told of an error, in the terms that such clients act on: which status to try again, and the
 * vendor's own words where the request itself was refused.
 */
export function failureOf(error: unknown): DoorFailure {
  if (error instanceof ClientRequestError) {
    const { message, field } = error
    return { status: 400, message, field, ...(field === 'previous_response_id' && { code: 'previous_response_not_found' }) }
  }
  if (error instanceof ModelNameError) return { status: 404, message: error.message, code: 'model_not_found', field: 'model' }
  if (error instanceof ProviderError) return ofProvider(error)
  if (error instanceof PoolExhaustedError) return ofPool(error)
  if (error instanceof AnswerCutError) return { status: 502, message: error.message, code: 'answer_cut' }
  if (error instanceof PolicyDeniedError) return { status: 403, message: deniedMessage(error), code: error.code }
  return { status: meaningOf(error)?.http ?? 500, message: speakableMessage(error) ?? internal }
}

/** The request was refused by the one who was asked: nobody else would take it. */
function ofProvider({ kind, status, vendor, message }: ProviderError): DoorFailure {
  const said = { message: vendor?.message ?? message, type: vendor?.type, code: vendor?.code }
  if (kind === 'bad_request' || kind === 'input_too_long' || kind === 'content_filter') return { status: status ?? 400, ...said }
  return { status: 502, message, code: codesOfConfiguration[kind] }
}

/** Nobody answered. A prompt that is too long for all says so as vendors do, since agents shorten it then. */
function ofPool(error: PoolExhaustedError): DoorFailure {
  const { kind, retryAfterMs, cause } = error
  const headers = retryAfterMs === undefined ? undefined : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))) }
  if (kind === 'input_too_long' && cause instanceof ProviderError) return { ...ofProvider(cause), status: cause.status ?? 400 }
  if (kind === 'rate_limit') return { status: 429, message: error.message, code: 'rate_limit_exceeded', headers }
  if (kind === 'timeout') return { status: 504, message: error.message, headers }
  const ofConfiguration = codesOfConfiguration[kind]
  if (ofConfiguration !== undefined) return { status: 502, message: error.message, code: ofConfiguration, headers }
  return { status: 503, message: error.message, headers: headers ?? { 'retry-after': '5' } }
}

/** What whoever runs Signalbox can mend, and neither the caller nor time. */
const codesOfConfiguration: Readonly<Record<string, string>> = {
  auth: 'provider_credentials_refused',
  not_found: 'provider_model_not_found',
}

const mostReasons = 3

/** The plan names each model with its reason; a client is told the reasons, each once. */
function deniedMessage({ plan, message }: PolicyDeniedError): string {
  const counts = Map.groupBy(plan.rejected, ({ reason }) => reason)
  if (counts.size === 0) return message
  const said = [...counts].toSorted(([, one], [, other]) => other.length - one.length).slice(0, mostReasons)
  const reasons = said.map(([reason, { length }]) => `${reason} (${length} ${length === 1 ? 'model' : 'models'})`)
  const more = counts.size > mostReasons ? `; and ${counts.size - mostReasons} more reasons` : ''
  return `Cannot answer this step: no model is eligible. ${reasons.join('; ')}${more}. The decision ${plan.decision} has each of them`
}
