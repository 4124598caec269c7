import { Client, type OAuthClientProvider, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AuthorizationServer, startAuthorizationServer } from '../support/authorization-server.ts'
import { freePort } from '../support/free-port.ts'
import { connectClient, sdks } from '../support/mcp-clients.ts'
import { createHome, type Home } from '../support/product/home.ts'
import { type Program, startProgram } from '../support/product/program.ts'
import { published } from '../support/product/servers.ts'
import { until } from '../support/product/until.ts'

/** Access tokens of an authorization server as keys: who is let in with which roles, what is refused and how it is said. */

const fixed = 'a-static-key-beside-it'
let issuer: AuthorizationServer
let home: Home
let http: Program
let mcp: string

beforeAll(async () => {
  mcp = `http://127.0.0.1:${await freePort()}/mcp`
  issuer = await startAuthorizationServer(mcp)
  home = createHome((one) => ({
    tools: { files: published('filesystem', one.files), thinking: published('sequential-thinking') },
    roles: { reader: { tools: ['files_read_*'] }, thinker: { servers: ['thinking'] } },
    http: {
      tokens: [{ name: 'fixed', token: fixed, roles: ['owner'] }],
      oauth: { issuer: issuer.issuer, audience: mcp, roles_claim: 'groups', scopes: { 'tools:think': ['thinker'] } },
    },
  }))
  http = startProgram(home, ['serve', '--http', new URL(mcp).host])
  await http.nextLine()
  await until(async () => (await names(fixed)).length > 10, 'the servers are there')
}, 60_000)

afterAll(async () => {
  await http?.stop()
  await issuer?.close()
  home?.remove()
})

const get = (key?: string) =>
  fetch(mcp.replace(/mcp$/, 'metrics'), { headers: key === undefined ? {} : { authorization: `Bearer ${key}` } })
const challengeOf = async (key?: string) => {
  const { status, headers } = await get(key)
  return { status, challenge: headers.get('www-authenticate') ?? '' }
}

async function names(key: string, sdk: (typeof sdks)[number] = 'v2 modern'): Promise<string[]> {
  const client = await connectClient(sdk, { url: mcp, headers: { authorization: `Bearer ${key}` } })
  try {
    const { structuredContent } = await client.callTool({
      name: 'find_tools',
      arguments: { need: 'read or write files, think in steps', limit: 20 },
    })
    return (structuredContent as { tools: { name: string }[] }).tools.map(({ name }) => name)
  } finally {
    await client.close()
  }
}

test.each(sdks)('%s: the roles of a token, by claim and by scope, say what is found', async (sdk) => {
  const read = await names(await issuer.token({ sub: 'ada', groups: ['reader', 'owner', 'unknown'] }), sdk)
  const thought = await names(await issuer.token({ sub: 'bob', scope: 'openid tools:think' }), sdk)

  expect(read.length).toBeGreaterThan(0)
  expect(read.every((name) => name.startsWith('files_read_'))).toBe(true)
  expect(thought.length).toBeGreaterThan(0)
  expect(thought.every((name) => name.startsWith('thinking_'))).toBe(true)
})

test('a client finds the issuer by the challenge, gets a token made out to this server, and is let in', async () => {
  let page: URL | undefined
  const saved: { client?: never; tokens?: never; verifier?: string } = {}
  const provider: OAuthClientProvider = {
    redirectUrl: 'http://127.0.0.1:9/callback',
    clientMetadata: { redirect_uris: ['http://127.0.0.1:9/callback'], client_name: 'test', token_endpoint_auth_method: 'none' },
    clientInformation: () => saved.client,
    saveClientInformation: (client) => void Object.assign(saved, { client }),
    tokens: () => saved.tokens,
    saveTokens: (tokens) => void Object.assign(saved, { tokens }),
    redirectToAuthorization(url) {
      page = url
    },
    saveCodeVerifier: (verifier) => void Object.assign(saved, { verifier }),
    codeVerifier: () => saved.verifier ?? '',
  }
  const transport = () => new StreamableHTTPClientTransport(new URL(mcp), { authProvider: provider })
  const connect = async () => {
    const client = new Client({ name: 'test', version: '1' }, { versionNegotiation: { mode: { pin: '2026-07-28' } } })
    await client.connect(transport())
    return client
  }

  await expect(connect()).rejects.toThrow()
  const back = await fetch(page ?? '', { redirect: 'manual' })
  const code = new URL(back.headers.get('location') ?? '').searchParams.get('code') ?? ''
  await transport().finishAuth(code)
  const client = await connect()
  const { tools } = await client.listTools()
  await client.close()

  expect(page?.searchParams.get('resource')).toBe(mcp)
  expect(page?.searchParams.get('scope')).toBe('tools:think')
  expect(tools.map(({ name }) => name)).toContain('find_tools')
})

test('the metadata name issuer, audience and scopes, at both places, without a key', async () => {
  const origin = new URL(mcp).origin
  const [plain, suffixed] = await Promise.all(
    ['', '/mcp'].map(async (suffix) => (await fetch(`${origin}/.well-known/oauth-protected-resource${suffix}`)).json()),
  )

  expect(plain).toEqual({
    resource: mcp,
    resource_name: 'Signalbox',
    authorization_servers: [issuer.issuer],
    bearer_methods_supported: ['header'],
    scopes_supported: ['tools:think'],
  })
  expect(suffixed).toEqual(plain)
})

test('a refusal says why and where to get a token, and a token without a role is another matter than a wrong one', async () => {
  const where = `resource_metadata="${new URL(mcp).origin}/.well-known/oauth-protected-resource/mcp", scope="tools:think"`
  const claims = { sub: 'ada', groups: ['reader'] }
  const refused = (reason: string) => ({
    status: 401,
    challenge: `Bearer realm="signalbox", error="invalid_token", error_description="${reason}", ${where}`,
  })
  const elsewhere = 'the token is not for this server: its issuer, audience, time or principal is not what it must be'
  const right = await issuer.token(claims)

  expect((await get(right)).status).toBe(200)
  expect(await challengeOf()).toEqual({ status: 401, challenge: `Bearer realm="signalbox", ${where}` })
  expect(await challengeOf(await issuer.token(claims, { lifeS: -60 }))).toEqual(refused('the token has expired'))
  expect(await challengeOf(await issuer.token(claims, { audience: 'https://other.example' }))).toEqual(refused(elsewhere))
  expect(await challengeOf(await issuer.token(claims, { issuer: 'https://other.example' }))).toEqual(refused(elsewhere))
  expect(await challengeOf(await issuer.token({ groups: ['reader'] }))).toEqual(refused(elsewhere))
  expect(await challengeOf(await issuer.token(claims, { alg: 'HS256' }))).toEqual(
    refused('the token is signed with an algorithm that is not allowed'),
  )
  expect(await challengeOf(`${right.slice(0, -20)}${'A'.repeat(20)}`)).toEqual(refused('the token is not genuine'))
  expect((await challengeOf('a.b.c')).status).toBe(401)
  expect(await challengeOf(await issuer.token({ sub: 'ada', groups: ['owner'] }))).toEqual({
    status: 403,
    challenge: `Bearer realm="signalbox", error="insufficient_scope", error_description="the token gives no role here", ${where}`,
  })
  expect((await get(right)).status).toBe(200)
})

test('two tokens of one person are one principal, and no token stands in the log', async () => {
  const call = async (key: string, name: string, args: Record<string, unknown>) => {
    const client = await connectClient('v2 modern', { url: mcp, headers: { authorization: `Bearer ${key}` } })
    const { content } = await client.callTool({ name, arguments: args })
    await client.close()
    return content.map(({ text }) => text ?? '').join('\n')
  }
  const [first, second, other] = await Promise.all(
    ['ada', 'ada', 'bob'].map((sub, index) => issuer.token({ sub, groups: ['reader'], jti: `${index}` })),
  )
  await call(first ?? '', 'remember', { text: 'The code word is periwinkle' })

  expect(await call(second ?? '', 'recall', { query: 'code word' })).toContain('periwinkle')
  expect(await call(other ?? '', 'recall', { query: 'code word' })).not.toContain('periwinkle')
  for (const token of [first, second, other]) expect(http.errors()).not.toContain(token)
  expect(issuer.keyRequests()).toBe(1)
})

test('where the keys of the issuer cannot be read, tokens get 503 and static keys go on', async () => {
  issuer.answers(false)
  const program = startProgram(home, ['serve', '--http', '127.0.0.1:0'])
  const metrics = (await program.nextLine()).replace(/mcp$/, 'metrics')
  const status = async (key: string) => (await fetch(metrics, { headers: { authorization: `Bearer ${key}` } })).status
  const token = await issuer.token({ sub: 'ada', groups: ['reader'] })

  const statuses = [await status(token), await status(fixed), await status(token)]
  issuer.answers(true)
  await program.stop()

  expect(statuses).toEqual([503, 200, 503])
  expect(program.errors()).toContain('Cannot read the keys of the issuer')
  expect(program.errors()).not.toContain(token)
})
