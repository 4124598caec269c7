import { z } from 'zod'

export interface LocalServer {
  /** The name of its provider in the configuration. */
  readonly name: string
  readonly title: string
  readonly baseUrl: string
}

/** Where model servers listen on this machine unless told otherwise. */
export const localServers: readonly LocalServer[] = [
  { name: 'ollama', title: 'Ollama', baseUrl: 'http://127.0.0.1:11434/v1' },
  { name: 'lmstudio', title: 'LM Studio', baseUrl: 'http://127.0.0.1:1234/v1' },
  { name: 'vllm', title: 'vLLM', baseUrl: 'http://127.0.0.1:8000/v1' },
]

const answerSchema = z.object({ data: z.array(z.object({ id: z.string().max(200) })).max(10_000) })
const maxBytes = 5_000_000

/** The models that an OpenAI-compatible server says it has. Rejects when it does not answer in time, or with something else. */
export async function listModels(
  baseUrl: string,
  { apiKey, timeoutMs, signal }: { apiKey?: string | undefined; timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<string[]> {
  const limit = AbortSignal.timeout(timeoutMs)
  const response = await fetch(`${baseUrl}/models`, {
    headers: { accept: 'application/json', ...(apiKey !== undefined && { authorization: `Bearer ${apiKey}` }) },
    redirect: 'error',
    signal: signal === undefined ? limit : AbortSignal.any([limit, signal]),
  })
  if (!response.ok) {
    await response.body?.cancel()
    throw new Error(`${baseUrl}/models answered ${response.status}`)
  }
  const text = await readText(response)
  const parsed = answerSchema.safeParse(JSON.parse(text))
  if (!parsed.success) throw new Error(`${baseUrl}/models did not answer with a list of models`)
  return parsed.data.data.map((model) => model.id)
}

/** The servers that answer, with the models that they can generate text with. Nobody waits for one that does not. */
export async function findLocalServers(
  servers: readonly LocalServer[],
  signal: AbortSignal,
): Promise<(LocalServer & { models: string[] })[]> {
  const found = await Promise.all(
    servers.map(async (server) => {
      try {
        const models = await listModels(server.baseUrl, { timeoutMs: 800, signal })
        return { ...server, models: models.filter((model) => /^[^\s/]\S*$/.test(model) && !/embed/i.test(model)) }
      } catch {
        // Nobody there, or somebody else: both mean that there is nothing to offer.
        return undefined
      }
    }),
  )
  signal.throwIfAborted()
  return found.filter((server) => server !== undefined)
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length
    if (bytes > maxBytes) throw new Error('The list of models is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
