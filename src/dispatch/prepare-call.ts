import type { Deployment } from '../../models/deployment.ts'
import { isRedactedFor } from '../../policies/index.ts'
import type { Placeholders } from '../privacy/placeholders.ts'
import { type Privacy, privacyOf } from '../privacy/privacy.ts'
import { redactRequest } from '../privacy/redact-request.ts'
import { restoreJson } from '../privacy/restore.ts'
import { restoring } from '../privacy/restoring.ts'
import type { Arrival } from './clocks.ts'
import type { Line } from './line.ts'
import type { RequestBuilder, Withheld } from './request.ts'
import { sending } from './sending.ts'
import type { Served } from './serve.ts'
import type { StepRequest } from './step-request.ts'

type Send = (signal: AbortSignal) => AsyncIterable<Arrival>

export interface CallPreparer {
  /** Prepares one call of a deployment, as often as it is tried. */
  of(deployment: Deployment): (how: Withheld) => Promise<Send>
  /** What the deployment did not see when it was called last. */
  redactedFor(deployment: Deployment): Pick<Served, 'redacted' | 'restore'>
}

/**
 * Calls of one step: the request as it came where the provider speaks its format, else in our vocabulary.
 *
 * Where the policy keeps something from the deployment and something is found, it goes in our vocabulary, which has a place for each
 * text: of what came over the wire nothing is sent that was not looked at.
 */
export function createCallPreparer(line: Pick<Line, 'policy' | 'provider'>, request: StepRequest, build: RequestBuilder): CallPreparer {
  const guard = line.policy().default.guards?.privacy
  const redacted = new Map<string, Placeholders>()

  const relaying = async (deployment: Deployment, how: Withheld, privacy?: Privacy): Promise<Send | undefined> => {
    const provider = line.provider(deployment)
    const relayed = build.relay(deployment, provider.format, how)
    if (relayed === undefined || provider.relay === undefined) return undefined
    if (relayed.computer !== undefined && provider.refusedComputer?.(deployment.model)?.has(relayed.computer)) return undefined
    for (const text of privacy === undefined ? [] : textsIn(relayed.body)) if (await privacy?.finds(text)) return undefined
    const relay = provider.relay.bind(provider)
    return (signal) => relay(relayed, { signal })
  }

  const prepare = async (deployment: Deployment, how: Withheld): Promise<Send> => {
    redacted.delete(deployment.id)
    if (guard === undefined || !isRedactedFor(guard, deployment)) {
      return (await relaying(deployment, how)) ?? sending(line.provider(deployment), await build.request(deployment, how))
    }
    const privacy = privacyOf(guard)
    const whole = await relaying(deployment, how, privacy)
    if (whole !== undefined) return whole
    const own = await redactRequest(await build.request(deployment, how), privacy, { keepsImages: request.computerUse === true })
    const send = sending(line.provider(deployment), own.request)
    if (own.placeholders.isEmpty) return send
    redacted.set(deployment.id, own.placeholders)
    const options = { calls: request.holdsPlaceholders !== true, isJson: request.responseSchema !== undefined }
    return (signal) => restoring(send(signal), own.placeholders, options)
  }

  return {
    of: (deployment) => (how) => prepare(deployment, how),
    redactedFor(deployment) {
      const placeholders = redacted.get(deployment.id)
      if (placeholders === undefined) return {}
      return { redacted: placeholders.counts(), restore: (input) => restoreJson(input, placeholders) }
    },
  }
}

/** What is said in a body: all but its tools, which go as they are, pictures, of which nothing can be read, and words of the format itself. */
function textsIn(body: Uint8Array): string[] {
  const texts: string[] = []
  const look = (value: unknown): void => {
    if (typeof value === 'string') texts.push(value)
    else if (Array.isArray(value)) for (const one of value) look(one)
    else if (typeof value === 'object' && value !== null) {
      for (const [name, one] of Object.entries(value)) if (!unsaid.has(name)) look(one)
    }
  }
  look(JSON.parse(Buffer.from(body).toString('utf8')))
  return texts
}

const unsaid = new Set(
  (
    'tools tool_choice data image_url file_data signature encrypted_content id call_id tool_call_id tool_use_id previous_response_id model role type ' +
    'status object format media_type detail effort service_tier truncation include reasoning thinking cache_control response_format'
  ).split(' '),
)
