import type { Deployment } from '../../models/deployment.ts'
import { anthropicMessages } from '../../models/wire/anthropic-messages.ts'
import { isRedactedFor } from '../../policies/index.ts'
import { namedBy } from './asked-model.ts'
import { sendJson } from './client-answer.ts'
import type { GatewayRequest, GatewayServices } from './gateway.ts'
import { withFields } from './json-fields.ts'
import type { ReadBody } from './read-body.ts'
import { headersOf } from './request-headers.ts'

const estimated = { 'x-signalbox-estimated': 'true' }

/**
 * `POST /v1/messages/count_tokens`: counted by the vendor where the name means one model of a provider that can, else estimated
 * from bytes, on the high side, and said so (`x-signalbox-estimated`).
 */
export async function countTokens(services: GatewayServices, given: GatewayRequest, body: ReadBody): Promise<void> {
  const asked = anthropicMessages.readRequest({ max_tokens: 1, ...body.json })
  const { model, pools } = namedBy(asked.model, services, given.grant)
  const deployment = pools.flatMap(({ deployments }) => deployments).find(({ id }) => id === model)
  const counted = deployment && (await countedByVendor(services, deployment, given, body))
  if (counted !== undefined) {
    sendJson(given.response, 200, counted)
    return
  }
  const tokens = services.tokens.estimateMessages(asked.messages, asked.system, asked.tools)
  sendJson(given.response, 200, { input_tokens: tokens }, estimated)
}

/** `undefined` where it cannot count, or does not now. */
async function countedByVendor(
  { provider: providerOf, log, policy }: GatewayServices,
  deployment: Deployment,
  { request, signal }: GatewayRequest,
  { text, fields }: ReadBody,
): Promise<unknown> {
  const provider = providerOf(deployment)
  // What the policy keeps from it is not sent there to be counted.
  if (isRedactedFor(policy().default.guards?.privacy, deployment)) return undefined
  if (provider.format !== 'anthropic-messages') return undefined
  try {
    const body = Buffer.from(withFields(text, fields, { model: deployment.model }))
    const counted = await provider.forward({ path: '/messages/count_tokens', headers: headersOf(request), body }, { signal })
    if (counted.status !== 200) return undefined
    const told = (await new Response(counted.body).json()) as { input_tokens?: unknown }
    return typeof told.input_tokens === 'number' ? told : undefined
  } catch (error) {
    signal.throwIfAborted()
    log.debug('Cannot have tokens counted', { error })
    return undefined
  }
}
