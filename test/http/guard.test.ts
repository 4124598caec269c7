import { request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { ConfigError } from '../../src/config/config-error.ts'
import { maxMessageBytes } from '../../src/mcp/limits.ts'
import { answerOf, type HttpFixture, modernRequest, startHttp } from '../support/mcp-http.ts'

const doors: HttpFixture[] = []
const start = async (...args: Parameters<typeof startHttp>) => {
  const door = await startHttp(...args)
  doors.push(door)
  return door
}
afterEach(async () => {
  await Promise.all(doors.splice(0).map((door) => door.close()))
})

/** `fetch` would not send these headers. */
function send(url: string, options: { method?: string; headers: Record<string, string> }): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, options, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    sent.on('error', reject)
    sent.end(options.method === 'POST' ? '{}' : undefined)
  })
}

const paths = ['/mcp', '/healthz', '/metrics', '/v1/plan', '/nowhere']

test.each(paths)('%s refuses a request that is addressed to another host', async (path) => {
  const { url } = await start()

  expect(await send(url + path, { headers: { host: 'evil.example' } })).toBe(403)
})

test.each(paths)('%s refuses a request that comes from a page of another host', async (path) => {
  const { url } = await start()

  expect(await send(url + path, { headers: { origin: 'http://evil.example' } })).toBe(403)
  expect(await send(url + path, { headers: { origin: 'null' } })).toBe(403)
})

test('a host that configuration allows is let in', async () => {
  const { url } = await start({ http: { allowedHosts: ['box.example'] } })

  expect(await send(`${url}/healthz`, { headers: { host: 'box.example:8737' } })).toBe(200)
})

test.each(['/mcp', '/v1/plan', '/v1/outcomes'])('POST %s takes nothing but JSON', async (path) => {
  const { url } = await start()

  expect(await send(url + path, { method: 'POST', headers: { 'content-type': 'text/plain' } })).toBe(415)
  expect(await send(url + path, { method: 'POST', headers: {} })).toBe(415)
})

test('POST refuses a body that is no JSON', async () => {
  const { url } = await start()

  const response = await fetch(`${url}/mcp`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' })

  expect(response.status).toBe(400)
  expect(await response.json()).toMatchObject({ jsonrpc: '2.0', error: { code: -32700 } })
})

test('POST refuses a body over the limit and names the limit', async () => {
  const { url } = await start()
  const body = JSON.stringify({ text: 'x'.repeat(maxMessageBytes) })

  const response = await fetch(`${url}/v1/plan`, { method: 'POST', headers: { 'content-type': 'application/json' }, body })

  expect(response.status).toBe(413)
  expect(await response.text()).toContain(String(maxMessageBytes))
})

test('a configured token is asked for on every path but the health checks', async () => {
  const { url } = await start({ http: { token: 'right' } })
  const list = (headers: Record<string, string>) => modernRequest(`${url}/mcp`, 'tools/list', {}, { headers })

  expect((await fetch(`${url}/healthz`)).status).toBe(200)
  expect((await fetch(`${url}/readyz`)).status).toBe(200)
  expect((await fetch(`${url}/metrics`)).status).toBe(401)
  expect((await list({})).headers.get('www-authenticate')).toMatch(/^Bearer/)
  expect((await list({ authorization: 'Bearer wrong' })).status).toBe(401)
  expect((await list({ authorization: 'Bearer right' })).status).toBe(200)
  expect((await list({ 'x-api-key': 'right' })).status).toBe(200)
})

test('serveHttp() refuses an address that others can reach, unless token and hosts are set', async () => {
  await expect(start({ host: '0.0.0.0' })).rejects.toThrow(ConfigError)
  await expect(start({ host: '0.0.0.0' })).rejects.toThrow(/http\.token.*http\.allowed_hosts/s)
  await expect(start({ host: '0.0.0.0', http: { token: 't' } })).rejects.toThrow(/http\.allowed_hosts/)
  await expect(start({ host: '0.0.0.0', http: { token: 't', allowedHosts: ['box.example'] } })).resolves.toBeDefined()
})

test('serveHttp() takes the next free port for the configured one, and only the named one when it is named', async () => {
  const first = await start()
  const taken = Number(new URL(first.url).port)

  const second = await start({ http: { port: taken } })

  expect(Number(new URL(second.url).port)).toBeGreaterThan(taken)
  await expect(start({ port: taken })).rejects.toThrow(`port ${taken} is taken`)
})

test('what is not there is said in JSON', async () => {
  const { url } = await start()

  const response = await fetch(`${url}/nowhere`)

  expect(response.status).toBe(404)
  expect(await response.json()).toEqual({ error: { message: 'There is nothing at GET /nowhere', status: 404 } })
  expect(response.headers.get('access-control-allow-origin')).toBeNull()
})

test('/metrics counts requests without naming what strangers asked for', async () => {
  const { url } = await start()
  await fetch(`${url}/secret-name`)

  const text = await (await fetch(`${url}/metrics`)).text()

  expect(text).toContain('signalbox_http_requests_total{path="other",status="404"} 1')
  expect(text).not.toContain('secret-name')
})

test('close() lets a call under way finish, takes no new one, and ends the streams', async () => {
  const door = await startHttp()
  const call = modernRequest(`${door.url}/mcp`, 'tools/call', { name: 'wait', arguments: { steps: 20 } })
  const listening = await modernRequest(`${door.url}/mcp`, 'subscriptions/listen', { notifications: { toolsListChanged: true } })
  while (door.box.ran.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))

  const closed = door.close()
  const { result } = await answerOf(await call)
  await closed

  expect(result.content[0]?.text).toBe('waited 20 steps')
  expect(await listening.text()).toContain('subscriptions/acknowledged')
  await expect(fetch(`${door.url}/healthz`)).rejects.toThrow()
})

test('close() aborts a call that takes longer than the grace', async () => {
  const door = await startHttp({ graceMs: 20 })
  const call = modernRequest(`${door.url}/mcp`, 'tools/call', { name: 'wait', arguments: { steps: 100_000 } })
  call.catch(() => undefined)
  while (door.box.ran.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))

  await door.close()

  expect(door.box.aborted).toHaveLength(1)
})

test('a client that breaks off in the middle of its headers harms nobody', async () => {
  const { url } = await start()
  const socket = connect(Number(new URL(url).port), '127.0.0.1')
  socket.write('POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le')
  socket.destroy()

  expect((await fetch(`${url}/healthz`)).status).toBe(200)
})
