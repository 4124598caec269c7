import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { EmbedderError } from '../../../models/errors.ts'
import { createEndpointEmbedder } from '../../../models/local/index.ts'
import { embedderContract } from '../../contract/embedder.ts'
import { type EmbeddingRequest, embeddingsOf, sendJson, startEmbeddingEndpoint } from '../../support/embedding/endpoint.ts'

embedderContract('createEndpointEmbedder()', async () => {
  const endpoint = await startEmbeddingEndpoint()
  return { embedder: createEndpointEmbedder({ baseUrl: endpoint.baseUrl, model: 'letters' }), after: endpoint.close }
})

const endpoint = await startEmbeddingEndpoint()
afterAll(() => endpoint.close())
beforeEach(() => {
  endpoint.answer = undefined
  endpoint.requests.length = 0
})

const key = 'sk-secret-0123456789'
const create = (options: Partial<Parameters<typeof createEndpointEmbedder>[0]> = {}) =>
  createEndpointEmbedder({ baseUrl: endpoint.baseUrl, model: 'letters', apiKey: key, cooldownMs: 0, ...options })

async function failure(work: Promise<unknown>): Promise<EmbedderError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(EmbedderError)
  return error as EmbedderError
}

describe('embed()', () => {
  test('sends model, texts and key to /embeddings of the base URL', async () => {
    const embedder = create({ baseUrl: `${endpoint.baseUrl}/` })

    await embedder.embed(['one', 'two'])

    const [request] = endpoint.requests
    expect(request?.url).toBe('/v1/embeddings')
    expect(request?.headers).toMatchObject({ authorization: `Bearer ${key}`, 'content-type': 'application/json' })
    expect(request?.body).toEqual({ model: 'letters', input: ['one', 'two'], encoding_format: 'float' })
  })

  test('sends no credential when there is none', async () => {
    await create({ apiKey: undefined }).embed(['one'])

    expect(endpoint.requests[0]?.headers).not.toHaveProperty('authorization')
  })

  test('sends 32 texts a request, each cut at maxCharacters', async () => {
    await create({ maxCharacters: 10 }).embed(Array.from({ length: 70 }, (_, index) => `text number ${index}`))

    expect(endpoint.requests.map(({ body }) => body.input.length)).toEqual([32, 32, 6])
    expect(endpoint.requests[0]?.body.input[0]).toBe('text numbe')
  })

  test('learns the dimensions from the first answer', async () => {
    const embedder = create()

    const before = [embedder.dimensions, embedder.runtime]
    await embedder.embed(['one'])

    expect(before).toEqual([undefined, undefined])
    expect([embedder.dimensions, embedder.runtime]).toEqual([24, 'endpoint'])
  })

  test('lets a query pass a running re-index', async () => {
    const embedder = create()
    const held: (() => void)[] = []
    endpoint.answer = ({ body }, response) => {
      const go = () => sendJson(response, 200, embeddingsOf(body, 24))
      if (body.input.includes('query')) go()
      else held.push(go)
    }

    const index = embedder.embed(['a', 'b'], { priority: 'index' })
    const vectors = await embedder.embed(['query'], { priority: 'query' })
    for (const go of held) go()

    expect(vectors).toHaveLength(1)
    await expect(index).resolves.toHaveLength(2)
  })

  test('uses the fetch it was given', async () => {
    const urls: string[] = []
    const embedder = create({
      fetch: async (input, init) => {
        urls.push(String(input))
        return fetch(input, init)
      },
    })

    await embedder.embed(['one'])

    expect(urls).toEqual([`${endpoint.baseUrl}/embeddings`])
  })
})

describe('a failure is an EmbedderError that names endpoint and rule, and neither key nor text', () => {
  const body = (change: (data: { index: number; embedding: unknown }[]) => unknown) => (request: EmbeddingRequest) => ({
    data: change(embeddingsOf(request.body, 24).data),
  })
  test.each([
    ['another number of embeddings', body((data) => data.slice(1)), /2 embeddings .* received 1/],
    ['no data', () => ({ object: 'list' }), /2 embeddings .* received undefined/],
    ['a string', () => 'hello', /2 embeddings .* received undefined/],
    ['an index twice', body((data) => data.map((entry) => ({ ...entry, index: 0 }))), /each "index" from 0 to 1 .* received 0/],
    ['an index outside', body((data) => data.map((entry) => ({ ...entry, index: entry.index + 1 }))), /received 2/],
    ['a vector of zeros', body((data) => data.map((entry) => ({ ...entry, embedding: [0, 0, 0] }))), /not all zero/],
    ['an empty vector', body((data) => data.map((entry) => ({ ...entry, embedding: [] }))), /finite numbers/],
    ['text in a vector', body((data) => data.map((entry) => ({ ...entry, embedding: ['1', 2] }))), /finite numbers/],
    [
      'vectors of two lengths',
      body((data) => data.map((entry) => ({ ...entry, embedding: new Array(3 + entry.index).fill(1) }))),
      /must have \d numbers/,
    ],
  ])('an answer with %s', async (_what, answer, message) => {
    endpoint.answer = (request, response) => sendJson(response, 200, answer(request))

    const error = await failure(create().embed(['a private text', 'another']))

    expect(error.message).toMatch(message)
    expect(error.message).toContain(endpoint.baseUrl)
    expect(error.message).not.toContain('private')
  })

  test('an answer that is not JSON', async () => {
    endpoint.answer = (_request, response) => response.end('<html>')

    expect((await failure(create().embed(['one']))).message).toMatch(/must be JSON/)
  })

  test.each([400, 401, 404, 429, 500, 503])('status %i, whose body may repeat the key', async (status) => {
    endpoint.answer = (_request, response) => sendJson(response, status, { error: { message: `Incorrect API key provided: ${key}` } })

    const error = await failure(create().embed(['a private text']))

    expect(error.message).toContain(`answered ${status}`)
    expect(JSON.stringify([error.message, error.stack, error.cause])).not.toMatch(/sk-secret|private text/)
  })

  test('another length than before', async () => {
    const embedder = create()
    await embedder.embed(['one'])
    endpoint.answer = (request, response) => sendJson(response, 200, embeddingsOf(request.body, 30))

    expect((await failure(embedder.embed(['two']))).message).toMatch(/must have 24 numbers, received 30/)
  })

  test('no answer in time', async () => {
    endpoint.answer = () => {}

    expect((await failure(create({ timeoutMs: 50 }).embed(['one']))).message).toMatch(/no answer within 50 ms/)
  })

  test('nobody there', async () => {
    const gone = await startEmbeddingEndpoint()
    await gone.close()

    expect((await failure(create({ baseUrl: gone.baseUrl }).embed(['one']))).message).toMatch(/cannot be reached/)
  })

  test('a redirect, which is not followed', async () => {
    const elsewhere = await startEmbeddingEndpoint()
    endpoint.answer = (_request, response) => response.writeHead(307, { location: `${elsewhere.baseUrl}/embeddings` }).end()

    await failure(create().embed(['one']))

    expect(elsewhere.requests).toEqual([])
    await elsewhere.close()
  })

  test('close() while a request runs', async () => {
    const embedder = create()
    endpoint.answer = () => {}

    const running = failure(embedder.embed(['one']))
    await embedder.close()

    expect((await running).message).toMatch(/closed/)
  })
})

describe('after a failure', () => {
  test('that others would meet as well, calls fail at once for a while', async () => {
    endpoint.answer = (_request, response) => sendJson(response, 503, {})
    const embedder = create({ cooldownMs: 60_000 })

    const first = await failure(embedder.embed(['one']))
    const second = await failure(embedder.embed(['two']))

    expect(second).toBe(first)
    expect(endpoint.requests).toHaveLength(1)
  })

  test('of these very texts, the next call is tried', async () => {
    endpoint.answer = (_request, response) => sendJson(response, 400, {})
    const embedder = create({ cooldownMs: 60_000 })
    await failure(embedder.embed(['one']))
    endpoint.answer = undefined

    await expect(embedder.embed(['two'])).resolves.toHaveLength(1)
  })

  test('and a pause, the next call is tried', async () => {
    endpoint.answer = (_request, response) => sendJson(response, 503, {})
    const embedder = create({ cooldownMs: 0 })
    await failure(embedder.embed(['one']))
    endpoint.answer = undefined

    await expect(embedder.embed(['two'])).resolves.toHaveLength(1)
  })
})

test.each(['', 'localhost:11434', 'file:///etc/passwd', 'https://user:pass@example.com/v1', 'https://example.com/v1?key=secret'])(
  'createEndpointEmbedder() refuses the base URL %j without repeating it',
  (baseUrl) => {
    const attempt = () => createEndpointEmbedder({ baseUrl, model: 'm' })

    expect(attempt).toThrow(RangeError)
    expect(attempt).not.toThrow(/pass@|secret/)
  },
)

test('`id` tells endpoints and models apart, and not keys', () => {
  const ids = [{ model: 'a' }, { model: 'b' }, { model: 'a', baseUrl: 'https://example.com/v1' }, { model: 'a', apiKey: 'another' }].map(
    (options) => create(options).id,
  )

  expect(new Set(ids).size).toBe(3)
  expect(ids[3]).toBe(ids[0])
})
