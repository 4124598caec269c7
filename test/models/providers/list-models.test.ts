import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { listModels } from '../../../models/providers/index.ts'
import { startScriptedProvider } from '../../support/scripted-provider/index.ts'

let server: Server | undefined
afterEach(async () => {
  server?.closeAllConnections()
  await new Promise<void>((resolve) => (server === undefined ? resolve() : server.close(() => resolve())))
  server = undefined
})

async function serving(status: number, body: string | undefined): Promise<string> {
  server = createServer((_, response) => {
    if (body !== undefined) response.writeHead(status, { 'content-type': 'application/json' }).end(body)
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}

describe('listModels()', () => {
  test('lists ids, with the window where the server tells it', async () => {
    const baseUrl = await serving(200, JSON.stringify({ data: [{ id: 'a', max_model_len: 8192 }, { id: 'b' }, { name: 'no id' }] }))

    expect(await listModels({ baseUrl })).toEqual([{ id: 'a', contextTokens: 8192 }, { id: 'b' }])
  })

  test('a server that has none lists none', async () => {
    expect(await listModels({ baseUrl: await serving(200, '{"object":"list","data":null}') })).toEqual([])
  })

  test.each([
    ['a page', 200, '<html></html>', 'bad_response'],
    ['another shape', 200, '{"models":[]}', 'bad_response'],
    ['a refusal', 500, '{}', 'unavailable'],
  ])('%s is said to be one', async (_, status, body, kind) => {
    await expect(listModels({ baseUrl: await serving(status, body) })).rejects.toMatchObject({ kind })
  })

  test('a server that says nothing is given up', async () => {
    await expect(listModels({ baseUrl: await serving(200, undefined), timeoutMs: 30 })).rejects.toMatchObject({ kind: 'timeout' })
  })

  test('sends the key, and takes a refusal for what it is', async () => {
    const cloud = await startScriptedProvider({ key: 'right' })

    expect(await listModels({ baseUrl: cloud.openaiUrl, apiKey: 'right' })).toHaveLength(2)
    await expect(listModels({ baseUrl: cloud.openaiUrl, apiKey: 'wrong' })).rejects.toMatchObject({ kind: 'auth', status: 401 })

    await cloud.close()
  })
})
