import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AuthorizationServer, startAuthorizationServer } from '../support/authorization-server.ts'
import { connectClient } from '../support/mcp-clients.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { runCommand, runProcess, serveHttp, startCommand, startProgram } from '../support/product/program.ts'
import { until } from '../support/product/until.ts'
import { type HttpSample, serveSample } from '../support/servers/sample-http.ts'

/** Logins at hosted servers: a real authorization server, and a real MCP server that takes nothing but its tokens. */

let issuer: AuthorizationServer
let sample: HttpSample
let home: Home
const running: { stop(): unknown }[] = []

beforeEach(async () => {
  issuer = await startAuthorizationServer('')
  sample = await serveSample({ issuer })
  home = createHome(() => ({ tools: { docs: docs() } }))
})

afterEach(async () => {
  for (const program of running.splice(0)) await program.stop()
  await sample.close()
  await issuer.close()
  home.remove()
})

const docs = (more: Record<string, unknown> = {}) => ({ url: sample.url, pin: 'off', ...more })

/** The page, once it is printed. */
async function pageOf(said: () => string): Promise<URL> {
  return new URL(await until(() => /^http\S+\/authorize\?\S+(?=\n)/m.exec(said())?.[0], 'the page is printed whole'))
}

/** As a person in a browser. */
async function login(...options: string[]): Promise<{ out: string; err: string; page: URL }> {
  const line = startCommand(home, ['tools', 'login', 'docs', ...options])
  running.push(line)
  const page = await pageOf(line.err)
  expect((await fetch(page)).status).toBe(200)
  const { code, out, err } = await line.ended
  expect([code, err]).toEqual([0, err])
  return { out, err, page }
}

const callEcho = ['tools', 'call', 'docs_echo', '{"text": "periwinkle"}']
const echo = () => runCommand(home, callEcho)
const refreshes = () => issuer.grants.filter((grant) => grant.get('grant_type') === 'refresh_token')
const tokensSent = () => new Set(sample.requests.flatMap(({ authorization }) => authorization ?? []))
/** Each token that was ever given or sent. */
const secrets = () => [
  ...[...tokensSent()].map((sent) => sent.replace('Bearer ', '')),
  ...issuer.grants.flatMap((grant) => [grant.get('refresh_token') ?? [], grant.get('code') ?? [], grant.get('code_verifier') ?? []].flat()),
]

test('without a login the server is refused, and call, status and doctor name the command; after it a real client calls its tools', async () => {
  const http = await serveHttp(home)
  running.push(http)
  const status = await until(async () => {
    const { out } = await runCommand(home, ['status', '--json'])
    return out.includes('tools login') && out
  }, 'status names the command')
  const doctor = await runCommand(home, ['doctor'])
  const refused = await runCommand(home, ['tools', 'list'])

  const { out, page } = await login('--json')
  const client = await connectClient('v2 modern', { url: http.mcp })
  const found = await until(async () => {
    const { structuredContent } = await client.callTool({ name: 'find_tools', arguments: { need: 'echo a text' } })
    return (structuredContent as { tools: { name: string }[] }).tools.some(({ name }) => name === 'docs_echo')
  }, 'the running Signalbox has taken up the login')
  const { content } = await client.callTool({
    name: 'call_tool_write',
    arguments: { name: 'docs_echo', arguments: { text: 'periwinkle' } },
  })
  await client.close()

  expect(status).toContain('run: signalbox tools login docs')
  expect(doctor.out + doctor.err).toContain('run: signalbox tools login docs')
  expect(refused.err).toContain('it wants a login; run: signalbox tools login docs')
  expect(found).toBe(true)
  expect(JSON.stringify(content)).toContain('periwinkle')
  expect(JSON.parse(out)).toEqual({ server: 'docs', logged_in: true, scopes: ['tools:read'] })
  expect(page.searchParams.get('resource')).toBe(sample.url)
  expect(page.searchParams.get('code_challenge_method')).toBe('S256')
  expect(issuer.grants[0]?.get('resource')).toBe(sample.url)
  expect(issuer.registrations).toMatchObject([{ client_name: 'Signalbox', redirect_uris: [page.searchParams.get('redirect_uri')] }])
  for (const secret of secrets()) expect(http.errors() + status).not.toContain(secret)
}, 60_000)

test('a token that has run out is renewed unseen, kept, and not lost between processes that renew it together', async () => {
  issuer.lives({ code: -60 })
  await login()

  const together = await Promise.all([1, 2, 3].map(() => runProcess(home, callEcho)))
  const later = await echo()

  for (const { out } of [...together, later]) expect(out).toContain('periwinkle')
  // Each refresh token holds once: a second use of the first would have ended them all.
  expect(refreshes()).toHaveLength(1)
  expect(refreshes()[0]?.get('resource')).toBe(sample.url)
  for (const { err, out } of together) for (const secret of secrets()) expect(err + out).not.toContain(secret)
}, 60_000)

test('a login that the authorization server ended is an error that names the command, and quotes no token', async () => {
  issuer.lives({ code: -60 })
  await login()
  issuer.revoke()

  const { code, out, err } = await echo()

  expect(code).toBe(1)
  expect(out + err).toContain('its login no longer holds (invalid_grant); run: signalbox tools login docs')
  expect(refreshes().length).toBeGreaterThan(0)
  for (const secret of secrets()) expect(out + err).not.toContain(secret)
}, 60_000)

test('an answer with another state, or none, is refused, and the right one still counts', async () => {
  const line = startCommand(home, ['tools', 'login', 'docs'])
  running.push(line)
  const page = await pageOf(line.err)
  const back = (await fetch(page, { redirect: 'manual' })).headers.get('location') ?? ''
  const withState = (state?: string) => {
    const url = new URL(back)
    url.searchParams.delete('state')
    if (state !== undefined) url.searchParams.set('state', state)
    return url
  }

  const wrong = [await fetch(withState('x'.repeat(43))), await fetch(withState()), await fetch(new URL('/other', back))]
  expect(issuer.grants).toEqual([])
  const right = await fetch(back)

  expect(wrong.map(({ status }) => status)).toEqual([400, 400, 404])
  expect(right.status).toBe(200)
  expect((await line.ended).code).toBe(0)
}, 60_000)

test('a no of the authorization server, and a stop by the person, leave nothing behind', async () => {
  const refused = startProgram(home, ['tools', 'login', 'docs'])
  const stopped = startProgram(home, ['tools', 'login', 'docs'])
  running.push(refused, stopped)
  const { searchParams } = await pageOf(refused.errors)
  await pageOf(stopped.errors)

  await fetch(`${searchParams.get('redirect_uri')}?error=access_denied&state=${searchParams.get('state')}`)
  stopped.child.kill('SIGINT')

  expect([await refused.ended(), await stopped.ended()]).toEqual([1, 1])
  expect(refused.errors()).toContain('Cannot log in to docs: the authorization server said no (access_denied)')
  expect(stopped.errors()).toContain('Interrupted')
  expect(existsSync(join(home.data, 'logins'))).toBe(false)
}, 60_000)

test('what is kept is encrypted, private, and of no use under another name, address or key', async () => {
  await login()
  await echo()
  const folder = join(home.data, 'logins')
  const [file = ''] = readdirSync(folder)
  const kept = readFileSync(join(folder, file), 'utf8')
  const modeOf = (path: string) => statSync(path).mode & 0o777

  expect(readdirSync(folder)).toEqual([file])
  for (const secret of [...secrets(), 'access_token', 'a-client']) expect(kept).not.toContain(secret)
  if (process.platform !== 'win32')
    expect([folder, join(folder, file), join(home.data, 'login-key')].map(modeOf)).toEqual([0o700, 0o600, 0o600])

  const elsewhere = await serveSample({ issuer })
  home.configure({ tools: { docs: { url: elsewhere.url, pin: 'off' } } })
  const moved = await runCommand(home, ['tools', 'list'])
  await elsewhere.close()
  home.configure({ tools: { docs: docs() } })
  writeFileSync(join(home.data, 'login-key'), `${'A'.repeat(43)}\n`)
  const unreadable = await runCommand(home, ['tools', 'list'])

  expect(moved.err).toContain('it wants a login')
  expect(elsewhere.requests.every(({ authorization }) => authorization === undefined)).toBe(true)
  expect(unreadable.err).toContain('sealed with another key; run: signalbox tools login docs')
}, 60_000)

test('logout deletes the tokens, and says when there were none', async () => {
  await login()
  const out = await runCommand(home, ['tools', 'logout', 'docs', '--json'])
  const again = await runCommand(home, ['tools', 'logout', 'docs'])
  const after = await runCommand(home, ['tools', 'list'])

  expect(JSON.parse(out.out)).toEqual({ server: 'docs', logged_out: true })
  expect(again).toMatchObject({ code: 0, out: 'There was no login for docs' })
  expect(after.err).toContain('it wants a login')
  expect(readdirSync(join(home.data, 'logins'))).toEqual([])
}, 60_000)

test('a client that is configured is used as it is, with its scopes, and its secret stays in the configuration', async () => {
  const oauth = { client_id: 'by-hand', client_secret: 'a-secret-of-the-client', scopes: ['tools:write'] }
  home.configure({ tools: { docs: docs({ oauth }) } })
  issuer.lives({ code: -60 })
  const { page, err } = await login()
  const { out } = await echo()

  expect(out).toContain('periwinkle')
  expect(issuer.registrations).toEqual([])
  expect(page.searchParams.get('client_id')).toBe('by-hand')
  expect(page.searchParams.get('scope')).toBe('tools:write')
  expect(refreshes()).toHaveLength(1)
  expect(err + page.href).not.toContain(oauth.client_secret)
}, 60_000)

test('an authorization in the configuration wins, and a command, an unknown name or an address that can be overheard is refused', async () => {
  await login()
  const mine = { headers: { Authorization: 'Bearer of-my-own-making' } }
  const servers = { docs: docs(mine), local: { command: 'node' }, open: { url: 'http://docs.example/mcp' } }
  home.configure({ tools: servers })

  const own = await runCommand(home, ['tools', 'login', 'docs'])
  const command = await runCommand(home, ['tools', 'login', 'local'])
  const unknown = await runCommand(home, ['tools', 'login', 'dogs'])
  const open = await runCommand(home, ['tools', 'login', 'open'])
  home.configure({ tools: { docs: docs(mine) } })
  const before = sample.requests.length
  const list = await runCommand(home, ['tools', 'list'])

  expect([own, command, unknown, open].map(({ code }) => code)).toEqual([1, 2, 2, 1])
  expect(own.err).toContain('tools.docs.headers has an authorization')
  expect(command.err).toContain('tools.local is a command')
  expect(unknown.err).toContain('must be one with a url (docs, open), received "dogs"')
  expect(open.err).toContain('tools.open.url must be https')
  expect(list.err).toContain('Correct tools.docs.headers')
  expect(new Set(sample.requests.slice(before).map(({ authorization }) => authorization))).toEqual(new Set(['Bearer of-my-own-making']))
}, 60_000)

test('a server whose authorization server could be overheard, or that names none, gets no login', async () => {
  let authorizationServers: string[] = ['http://login.example']
  const server = createServer((request, response) => {
    const origin = `http://${request.headers.host}`
    if (request.url !== '/.well-known/oauth-protected-resource/mcp') return response.writeHead(request.url === '/mcp' ? 401 : 404).end()
    const metadata = { resource: `${origin}/mcp`, authorization_servers: authorizationServers }
    return response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  running.push({ stop: async () => server.close() })
  home.configure({ tools: { docs: { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp` } } })

  const overheard = await runCommand(home, ['tools', 'login', 'docs'])
  authorizationServers = []
  const none = await runCommand(home, ['tools', 'login', 'docs'])

  expect(overheard).toMatchObject({ code: 1, err: expect.stringContaining('sends its login to http://login.example: it must be https') })
  expect(none).toMatchObject({ code: 1, err: expect.stringContaining('names no authorization server') })
}, 60_000)
