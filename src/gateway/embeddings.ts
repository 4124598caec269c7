import { pipeline } from 'node:stream/promises'
import type { Embedder } from '../../models/embedder.ts'
import type { Provider } from '../../models/provider.ts'
import { ClientRequestError } from '../../models/wire/client-format.ts'
import { reachedPools } from './asked-model.ts'
import { sendJson } from './client-answer.ts'
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
}

const ownModel = `${ownPrefix}embedder`
const mostTexts = 2048

/**
 * `POST /v1/embeddings`: `signalbox/embedder` is embedded here; `provider/model` is passed on as it came, for callers who reach a pool
 * of that provider. What it costs is not counted: the price of an embedding model is not in the configuration.
 */
export async function passEmbeddings(services: GatewayServices, given: GatewayRequest, { text, json, fields }: ReadBody): Promise<void> {
  const { grant, request, response, signal } = given
  const asked = json['model']
  if (typeof asked !== 'string') throw new ClientRequestError('model', `must be a string, received ${typeof asked}`)
  if (asked === ownModel) return embedHere(services, given, json)
  const [name = '', ...rest] = asked.split('/')
  const isReached = reachedPools(services, grant).some(({ deployments }) => deployments.some(({ provider }) => provider === name))
  const provider = isReached ? services.embedding.providerNamed(name) : undefined
  if (provider === undefined || rest.length === 0 || !provider.format.startsWith('openai')) {
    throw new ModelNameError(
      `No embedding model ${JSON.stringify(asked)}: ask for ${ownModel}, or for provider/model of an OpenAI-compatible provider whose pool you reach`,
    )
  }
  const body = Buffer.from(withFields(text, fields, { model: rest.join('/') }))
  const answered = await provider.forward({ path: '/embeddings', headers: headersOf(request), body }, { signal })
  response.writeHead(answered.status, { 'content-type': answered.headers.get('content-type') ?? 'application/json' })
  await pipeline(answered.body, response)
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
