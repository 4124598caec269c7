import { ProviderError } from '../errors.ts'
import { request } from './endpoint.ts'
import { isRecord, kindOfStatus } from './failure.ts'

export interface ListedModel {
  id: string
  /** The window that the server was started with, where it tells (vLLM does). */
  contextTokens?: number
}

export interface ListModelsOptions {
  /** As of a provider of kind `openai`: ends in `/v1`. */
  baseUrl: string
  apiKey?: string | undefined
  timeoutMs?: number | undefined
  signal?: AbortSignal | undefined
  fetch?: typeof fetch | undefined
}

/**
 * The models that an OpenAI-compatible server says it has.
 *
 * @throws {ProviderError} If the server does not answer in time, or not with a list. An abort rethrows `signal.reason`.
 */
export async function listModels(options: ListModelsOptions): Promise<ListedModel[]> {
  const { baseUrl, apiKey, timeoutMs = 1500, signal, fetch: fetchOption = fetch } = options
  const name = new URL(baseUrl).host
  const credential: Record<string, string> = apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }
  const endpoint = { name, baseUrl: baseUrl.replace(/\/+$/, ''), credential, fetch: fetchOption }
  const timeout = AbortSignal.timeout(timeoutMs)
  try {
    const limited = signal === undefined ? timeout : AbortSignal.any([signal, timeout])
    const response = await request(endpoint, { deployment: name, path: '/models', method: 'GET' }, limited)
    if (!response.ok) {
      await response.body?.cancel()
      const { status } = response
      throw new ProviderError(`${name} answered ${status} when asked for its models`, {
        kind: kindOfStatus(status),
        deployment: name,
        status,
      })
    }
    return toModels(await response.json(), name)
  } catch (error) {
    if (error instanceof ProviderError) throw error
    signal?.throwIfAborted()
    if (timeout.aborted) {
      throw new ProviderError(`${name} did not list its models within ${timeoutMs} ms`, { kind: 'timeout', deployment: name, cause: error })
    }
    throw notAList(name, error)
  }
}

function toModels(body: unknown, name: string): ListedModel[] {
  const data = isRecord(body) ? body['data'] : undefined
  // Ollama without a model lists null.
  if (data === null) return []
  if (!Array.isArray(data)) throw notAList(name)
  return data.flatMap((item: unknown) => {
    if (!isRecord(item) || typeof item['id'] !== 'string') return []
    const window = item['max_model_len']
    return [{ id: item['id'], ...(typeof window === 'number' && { contextTokens: window }) }]
  })
}

function notAList(name: string, cause?: unknown): ProviderError {
  return new ProviderError(`${name} did not answer with a list of models`, { kind: 'bad_response', deployment: name, cause })
}
