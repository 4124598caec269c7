import { anthropicMessages } from '../../models/wire/anthropic-messages.ts'
import { namedBy, plainHeaders } from './asked-model.ts'
import { sendJson } from './client-answer.ts'
import type { GatewayRequest, GatewayServices } from './gateway.ts'
import { withFields } from './json-fields.ts'
import type { ReadBody } from './read-body.ts'

const estimated = { 'x-signalbox-estimated': 'true' }

/**
 * `POST /v1/messages/count_tokens`: counted by the vendor where the name means one model of a provider that can, else estimated
 * from bytes, on the high side, and said so (`x-signalbox-estimated`).
 */
export async function countTokens(
  services: GatewayServices,
  { grant, request, response, signal }: GatewayRequest,
  { text, json, fields }: ReadBody,
): Promise<void> {
  const asked = anthropicMessages.readRequest({ max_tokens: 1, ...json })
  const { model, pools } = namedBy(asked.model, services, grant)
  const deployment = model === undefined ? undefined : pools.flatMap(({ deployments }) => deployments).find(({ id }) => id === model)
  if (deployment !== undefined) {
    const provider = services.provider(deployment)
    if (provider.format === 'anthropic-messages') {
      try {
        const body = Buffer.from(withFields(text, fields, { model: deployment.model }))
        const counted = await provider.forward({ path: '/messages/count_tokens', headers: plainHeaders(request), body }, { signal })
        const told = counted.status === 200 ? ((await new Response(counted.body).json()) as { input_tokens?: unknown }) : {}
        if (typeof told.input_tokens === 'number') {
          sendJson(response, 200, told)
          return
        }
      } catch (error) {
        signal.throwIfAborted()
        services.log.debug('Cannot have tokens counted', { error })
      }
    }
  }
  const tokens = services.tokens.estimateMessages(asked.messages, asked.system, asked.tools)
  sendJson(response, 200, { input_tokens: tokens }, estimated)
}
