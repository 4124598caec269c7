import { reachedPools } from './asked-model.ts'
import { sendJson } from './client-answer.ts'
import type { GatewayRequest, GatewayServices } from './gateway.ts'
import { ModelNameError } from './model-name-error.ts'
import { namesOf } from './named-model.ts'
import { modelsPath } from './paths.ts'

/** Nobody knows when a model was made that is only named in a configuration. */
const createdAt = 0

/**
 * `GET /v1/models` and `/v1/models/{name}`: the names that a client may ask for. In Anthropic's shape when `anthropic-version` is
 * sent, else in OpenAI's.
 */
export async function listModels(services: GatewayServices, { path, grant, request, response }: GatewayRequest): Promise<void> {
  const names = namesOf(reachedPools(services, grant), services.config().route)
  const isAnthropic = request.headers['anthropic-version'] !== undefined
  const entry = isAnthropic ? anthropicModel : openaiModel
  const wanted = path === modelsPath ? undefined : decoded(path.slice(modelsPath.length + 1))
  if (wanted !== undefined) {
    if (!names.includes(wanted)) throw new ModelNameError(`No model ${JSON.stringify(wanted)} is in a pool that you reach`)
    sendJson(response, 200, entry(wanted))
    return
  }
  const data = names.map(entry)
  sendJson(
    response,
    200,
    isAnthropic ? { data, has_more: false, first_id: names[0] ?? null, last_id: names.at(-1) ?? null } : { object: 'list', data },
  )
}

function openaiModel(id: string): Record<string, unknown> {
  const [owner = 'signalbox'] = id.includes('/') ? id.split('/') : []
  return { id, object: 'model', created: createdAt, owned_by: owner }
}

function anthropicModel(id: string): Record<string, unknown> {
  return { type: 'model', id, display_name: id, created_at: new Date(createdAt).toISOString() }
}

/** A name that is not encoded well is that of no model. */
function decoded(name: string): string {
  try {
    return decodeURIComponent(name)
  } catch {
    return name
  }
}
