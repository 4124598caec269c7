import { buffer } from 'node:stream/consumers'
import { pipeline } from 'node:stream/promises'
import type { Deployment, Price } from '../../models/deployment.ts'
import type { Embedder } from '../../models/embedder.ts'
import { ProviderError } from '../../models/errors.ts'
import type { ForwardResponse, Provider } from '../../models/provider.ts'
import { kindOfStatus } from '../../models/providers/failure.ts'
import { ClientRequestError } from '../../models/wire/client-format.ts'
import { isRedactedFor } from '../../policies/index.ts'
import { privacyOf } from '../privacy/privacy.ts'
import { reachedPools } from './asked-model.ts'
import { sendJson } from './client-answer.ts'
import { reserveEmbedding } from './embedding-cost.ts'
import type { GatewayRequest, GatewayServices } from './gateway.ts'
import { withFields } from './json-fields.ts'
import { ModelNameError } from './model-name-error.ts'
import { ownPrefix } from './named-model.ts'
import type { ReadBody } from './read-body.ts'
import { headersOf } from './request-headers.ts'

export interface EmbeddingServices {
  readonly embedder: Pick<Embedder, 'embed' | 'id'>
  /** By its name in the configuration. */
  readonly providerNamed: (name: string) => Provider | undefined
  /** Of a model of that provider; `null`: nobody knows. */
  readonly price: (provider: string, model: string) => Promise<Price | null>
}

const ownModel = `${ownPrefix}embedder`
const mostTexts = 2048

/**
 * `POST /v1/embeddings`: `signalbox/embedder` is embedded here; `provider/model` is passed on as it came but for what the policy keeps from it, for callers who reach a pool
 * of that provider. It is paid for as a step is: reserved where a limit is set, and booked by the usage that the answer tells.
 */
export async function passEmbeddings(services: GatewayServices, given: GatewayRequest, { text, json, fields }: ReadBody): Promise<void> {
  const { grant, request, response, signal } = given
  const asked = json['model']
  if (typeof asked !== 'string') throw new ClientRequestError('model', `must be a string, received ${typeof asked}`)
  if (asked === ownModel) return embedHere(services, given, json)
  const [name = '', ...rest] = asked.split('/')
  const reached = reachedPools(services, grant).flatMap(({ deployments }) => deployments.find(({ provider }) => provider === name) ?? [])[0]
  const provider = reached !== undefined ? services.embedding.providerNamed(name) : undefined
  if (provider === undefined || rest.length === 0 || !provider.format.startsWith('openai')) {
    throw new ModelNameError(
      `No embedding model ${JSON.stringify(asked)}: ask for ${ownModel}, or for provider/model of an OpenAI-compatible provider whose pool you reach`,
    )
  }
  const model = rest.join('/')
  const cost = await reserveEmbedding(services, given, { id: asked, provider: name, model, input: json['input'] })
  const input = reached && (await coveredInput(services, reached, json['input']))
  const body = Buffer.from(withFields(text, fields, { model, ...(input !== undefined && { input }) }))
  let answered: ForwardResponse
  try {
    answered = await provider.forward({ path: '/embeddings', headers: headersOf(request), body }, { signal })
    await refuseKeys(answered, name)
  } catch (error) {
    await cost.nothing()
    throw error
  }
  response.writeHead(answered.status, passedOn(answered.headers))
  if (answered.status < 400) return pipeline(cost.metered(answered.body), response)
  await cost.nothing()
  return pipeline(answered.body, response)
}

/** The texts with placeholders where the policy keeps something from models that are where the provider is; `undefined`: as they are. */
async function coveredInput({ policy }: GatewayServices, deployment: Deployment, input: unknown): Promise<unknown> {
  const guard = policy().default.guards?.privacy
  if (guard === undefined || !isRedactedFor(guard, deployment)) return undefined
  const privacy = privacyOf(guard)
  const covered = async (text: unknown) => (typeof text === 'string' ? (await privacy.cover([text])).texts[0] : text)
  return Array.isArray(input) ? Promise.all(input.map(covered)) : covered(input)
}

/** A client that is told 401 would think its own key refused. */
async function refuseKeys({ status, body }: ForwardResponse, deployment: string): Promise<void> {
  if (kindOfStatus(status) !== 'auth') return
  await buffer(body)
  throw new ProviderError(`${deployment} refused the key (${status})`, { kind: 'auth', deployment, status })
}

function passedOn(headers: Headers): Record<string, string> {
  const passed: Record<string, string> = { 'content-type': headers.get('content-type') ?? 'application/json' }
  const after = headers.get('retry-after')
  return after === null ? passed : { ...passed, 'retry-after': after }
}

async function embedHere(
  { embedding, tokens }: GatewayServices,
  { response, signal }: GatewayRequest,
  json: ReadBody['json'],
): Promise<void> {
  const texts = typeof json['input'] === 'string' ? [json['input']] : json['input']
  if (
    !Array.isArray(texts) ||
    texts.length === 0 ||
    texts.length > mostTexts ||
    texts.some((text) => typeof text !== 'string' || text === '')
  ) {
    throw new ClientRequestError('input', `must be a text or 1 to ${mostTexts} texts that are not empty`)
  }
  const asBase64 = json['encoding_format'] === 'base64'
  const vectors = await embedding.embedder.embed(texts as string[], { signal, priority: 'query' })
  const [{ length: dimensions } = []] = vectors
  const asked = json['dimensions'] ?? dimensions
  if (asked !== dimensions) {
    throw new ClientRequestError(
      'dimensions',
      `must be ${dimensions}, which is all that ${ownModel} has, received ${JSON.stringify(asked)}`,
    )
  }
  const counted = (texts as string[]).reduce((sum, text) => sum + tokens.estimateText(text), 0)
  sendJson(response, 200, {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: asBase64 ? Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64') : [...vector],
    })),
    model: ownModel,
    usage: { prompt_tokens: counted, total_tokens: counted },
  })
}
