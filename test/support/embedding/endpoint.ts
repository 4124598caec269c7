import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface EmbeddingRequest {
  headers: IncomingHttpHeaders
  url: string | undefined
  body: { model: string; input: string[] }
}

export interface EmbeddingEndpoint {
  baseUrl: string
  requests: EmbeddingRequest[]
  /** Answers instead of the usual; `undefined` for the usual again. */
  answer: ((request: EmbeddingRequest, response: ServerResponse) => void) | undefined
  close(): Promise<void>
}

/** Speaks OpenAI's `/v1/embeddings`: by letters and not by meaning, of any length, newest text first. */
export async function startEmbeddingEndpoint({ dimensions = 24 }: { dimensions?: number } = {}): Promise<EmbeddingEndpoint> {
  const server = createServer(async (incoming, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of incoming) chunks.push(chunk as Buffer)
    const request = { headers: incoming.headers, url: incoming.url, body: JSON.parse(Buffer.concat(chunks).toString('utf8')) }
    endpoint.requests.push(request)
    if (endpoint.answer) endpoint.answer(request, response)
    else sendJson(response, 200, embeddingsOf(request.body, dimensions))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const endpoint: EmbeddingEndpoint = {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    requests: [],
    answer: undefined,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
  return endpoint
}

export function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}

export function embeddingsOf({ model, input }: EmbeddingRequest['body'], dimensions: number) {
  const data = input.map((text, index) => ({ object: 'embedding', index, embedding: letters(text, dimensions) }))
  return { object: 'list', model, data: data.reverse(), usage: { prompt_tokens: 1, total_tokens: 1 } }
}

function letters(text: string, dimensions: number): number[] {
  const counts: number[] = new Array(dimensions).fill(0)
  for (const [position, character] of [...text.trimEnd()].entries()) {
    const slot = ((character.codePointAt(0) ?? 0) * 7 + position) % dimensions
    counts[slot] = (counts[slot] ?? 0) + 3
  }
  return counts
}
