import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { openSignalbox } from '../../src/box.ts'
import { runProgram } from '../../src/cli/program.ts'
import { httpDoors, noteHttpDoor } from '../../src/instance/http-door.ts'
import { recordedTerminal, runLine } from '../support/cli-terminal.ts'
import { createConfigFolders } from '../support/config-folders.ts'
import { instanceToken, simpleBody, useGateway } from '../support/gateway.ts'
import { until } from '../support/product/until.ts'

const door = useGateway()
let cookie = ''

const own = { 'x-signalbox-console': '1' }

function ask(path: string, init: RequestInit & { headers?: Record<string, string> } = {}): Promise<Response> {
  return fetch(`${door.url}${path}`, { ...init, headers: { ...own, cookie, ...init.headers } })
}

function send(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Response> {
  return ask(`/console/api/${path}`, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...headers },
  })
}

async function read<T = Record<string, unknown>>(path: string): Promise<T> {
  return (await (await ask(`/console/api/${path}`)).json()) as T
}

function enter(secret: string, headers: Record<string, string> = {}): Promise<Response> {
  const sent = { ...own, authorization: `Bearer ${secret}`, ...headers }
  return fetch(`${door.url}/console/api/login`, { method: 'POST', headers: sent })
}

function cookieOf(response: Response): string {
  return (response.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
}

async function step(prompt: string, text = 'Fine'): Promise<string> {
  door.cloud.script([{ text }])
  const response = await door.post('/v1/chat/completions', simpleBody('openai-chat', 'signalbox/chat', prompt, false))
  return response.headers.get('x-signalbox-decision') ?? ''
}

beforeAll(async () => {
  cookie = cookieOf(await enter(instanceToken))
})

describe('the door of the console', () => {
  test('login exchanges the token for a cookie that no script reads and no other site sends', async () => {
    const response = await enter(instanceToken)

    expect(response.status).toBe(200)
    expect(response.headers.get('set-cookie')).toMatch(
      /^signalbox-console-\d+=[\w-]{43}; Path=\/console; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    )
    expect(response.headers.get('set-cookie')).not.toContain(instanceToken)
  })

  test.each(['wrong', `${instanceToken}x`, ''])('login refuses %j', async (secret) => {
    const response = await enter(secret)

    expect(response.status).toBe(401)
    expect(response.headers.get('set-cookie')).toBeNull()
  })

  test('everything below the API needs the cookie, also on loopback and with the key of a caller', async () => {
    const paths = ['session', 'steps', 'approvals', 'commitments', 'events', 'policy', 'pools']
    const asCaller = { ...own, authorization: `Bearer ${instanceToken}`, 'x-api-key': 'any' }
    const answers = await Promise.all(paths.map((path) => fetch(`${door.url}/console/api/${path}`, { headers: asCaller })))

    expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 401))
  })

  test('a code opens the console once', async () => {
    const asked = await fetch(`${door.url}/console/api/codes`, {
      method: 'POST',
      headers: { ...own, authorization: `Bearer ${instanceToken}` },
    })
    const { code } = (await asked.json()) as { code: string }

    expect((await enter(code)).status).toBe(200)
    expect((await enter(code)).status).toBe(401)
  })

  test('a session ends with its logout, and its stream of events with it', async () => {
    const own = { cookie: cookieOf(await enter(instanceToken)) }
    const events = await ask('/console/api/events', { headers: own })
    const reading = events.text()
    await send('logout', {}, own)

    await expect(reading).resolves.toContain('connected')
    expect((await ask('/console/api/session', { headers: own })).status).toBe(401)
  })

  test.each([
    ['another page of this machine', { origin: 'http://localhost:3000' }],
    ['another site', { origin: 'https://example.com' }],
    ['no own script', { 'x-signalbox-console': undefined }],
    ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }],
    ['another port of this host', { 'sec-fetch-site': 'same-site' }],
  ])('a change that %s sends is refused, cookie and all', async (_, changed) => {
    const id = await step('rate me')
    const headers = Object.fromEntries(
      Object.entries({ ...own, cookie, 'content-type': 'application/json', ...changed }).filter(([, value]) => value !== undefined),
    ) as Record<string, string>
    const body = JSON.stringify({ outcome: 'good' })
    const response = await fetch(`${door.url}/console/api/steps/${id}/rating`, { method: 'POST', headers, body })

    expect(response.status).toBe(403)
    expect((await read<{ verdicts: unknown[] }>(`steps/${id}`)).verdicts).toEqual([])
  })

  test('a page, an answer and a refusal carry the content security policy', async () => {
    for (const path of ['/', '/console/api/session', '/console/api/nothing', '/console/assets/nothing.js']) {
      const { headers } = await ask(path)
      const policy = headers.get('content-security-policy')
      expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self'")
      expect(policy).not.toContain('unsafe')
      expect(policy).toContain("frame-ancestors 'none'")
      expect(headers.get('x-content-type-options')).toBe('nosniff')
    }
  })

  test('the page has no inline code, and its files are the built ones alone', async () => {
    const page = await (await fetch(`${door.url}/`)).text()
    const [, script = ''] = /<script[^>]* src="([^"]+)"/.exec(page) ?? []

    expect(page).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=/)
    expect((await fetch(door.url + script)).headers.get('content-type')).toContain('javascript')
    expect((await fetch(`${door.url}/console/assets/..%2f..%2fpackage.json`)).status).toBe(404)
  })
})

describe('steps', () => {
  test('a step is listed and opened with its plan, its rules and its attempts, whoever asked for it', async () => {
    const id = await step('When does the ferry leave?', 'At 07:40')

    const { steps } = await read<{ steps: Record<string, unknown>[] }>('steps')
    const opened = await read<{
      principal: string
      plan: { candidates: unknown[] }
      rules: { rule: string; verdict: string }[]
      outcome: object
    }>(`steps/${id}`)

    expect(steps[0]).toMatchObject({ id, text: 'When does the ferry leave?', status: 'answered', pool: 'chat' })
    expect(opened.principal).toMatch(/^key:/)
    expect(opened.rules.length).toBeGreaterThan(0)
    expect(opened.outcome).toMatchObject({ text: 'At 07:40', attempts: [{ deployment: 'chat-a/alpha' }] })
  })

  test('a rating counts as a person’s, for the caller whose step it was', async () => {
    const id = await step('Rate this')
    const response = await send(`steps/${id}/rating`, { outcome: 'overkill', note: 'too much' })

    expect(response.status).toBe(200)
    expect(await read(`steps/${id}`)).toMatchObject({ verdicts: [{ outcome: 'overkill', note: 'too much', by: 'person' }] })
  })

  test('what if: another policy plans the same step, and nothing is sent', async () => {
    const id = await step('What if')
    const sent = door.cloud.requests.length
    const planned = (await (await send(`steps/${id}/what-if`, { policy: { name: 'private' } })).json()) as { plan: { rejected: unknown[] } }

    expect(planned).toMatchObject({ policy: 'private', plan: { rejected: expect.any(Array) } })
    expect(planned.plan.rejected.length).toBeGreaterThan(0)
    expect(door.cloud.requests).toHaveLength(sent)
  })

  test('an unknown step, and a body that is none, are refused in words', async () => {
    expect((await ask('/console/api/steps/dec_unknown')).status).toBe(404)
    const response = await send('steps/dec_unknown/rating', { outcome: 'splendid' })
    expect(response.status).toBe(400)
    expect(await response.text()).toContain('outcome')
  })

  test('what a person said that sounds like a boundary is listed, binds once it is accepted, and is lifted', async () => {
    await step('Do not send mails to customers.')
    const listed = async () => (await read<{ commitments: { id: string; text: string; state: string }[] }>('commitments')).commitments
    const [proposed] = await listed()
    const id = String(proposed?.id)
    const asked = async (verb: unknown, of = id) => (await send(`commitments/${of}`, { do: verb })).status

    expect(proposed).toMatchObject({ state: 'proposed', by: 'heard', text: 'Do not send mails to customers.', deeds: expect.any(Array) })
    expect(await asked('burn')).toBe(400)
    expect(await asked('accept', 'co_unknown')).toBe(409)
    expect(await asked('accept')).toBe(200)
    expect(await asked('accept')).toBe(409)
    expect(await listed()).toMatchObject([{ id, state: 'active', binds: expect.stringMatching(/^key:/) }])
    expect(await asked('lift')).toBe(200)
    expect(await asked('lift')).toBe(409)
    expect(await listed()).toEqual([])
  })

  test('events tell of a step as it is recorded', async () => {
    const leaving = new AbortController()
    const events = await ask('/console/api/events', { signal: leaving.signal })
    const id = await step('Tell me live')
    let told = ''
    for await (const piece of events.body ?? []) {
      told += new TextDecoder().decode(piece)
      if (told.includes(id)) break
    }
    leaving.abort()

    expect(told).toMatch(/^event: steps$/m)
    expect(told).toContain('Tell me live')
  })
})

describe('the policy', () => {
  const text = 'name: own\nversion: 1\ndefault: { pools: [chat] }\n'

  test('check says what is wrong with a text, and publish refuses it', async () => {
    const bad = 'name: own\nrules: [{ name: a, when: "nonsense(" }]\n'
    const checked = (await (await send('policy/check', { text: bad })).json()) as { issues: unknown[]; sha256: string }
    const { sha256: base } = await read<{ sha256: string }>('policy')
    const refused = await send('policy/publish', { text: bad, checked: checked.sha256, base })

    expect(checked.issues.length).toBeGreaterThan(0)
    expect(refused.status).toBe(400)
  })

  test('publish writes the checked text beside the configuration and names it there, once', async () => {
    const { sha256: base, target } = await read<{ sha256: string; target: string }>('policy')
    const shipped = await readFile(new URL('../../policies/shipped/cheap.yaml', import.meta.url), 'utf8')
    const { sha256: checked } = (await (await send('policy/check', { text: shipped })).json()) as { sha256: string }

    expect((await send('policy/publish', { text, checked, base })).status).toBe(400)
    const published = await send('policy/publish', { text: shipped, checked, base })

    expect(await published.json()).toEqual({ path: target })
    expect(await readFile(target, 'utf8')).toBe(shipped)
    expect(await readFile(join(door.folder, 'signalbox.yaml'), 'utf8')).toContain('policy.yaml')
    expect((await send('policy/publish', { text: shipped, checked, base })).status).toBe(400)
    await rm(target)
    await writeFile(join(door.folder, 'signalbox.yaml'), await readFile(join(door.folder, 'signalbox.yaml.before-policy')))
  })
})

test('signalbox console finds the server that runs on the data, and prints the address that opens it', async () => {
  const data = join(door.folder, 'data')
  await writeFile(join(data, 'http-token'), `${instanceToken}\n`, { mode: 0o600 })
  const removeNote = noteHttpDoor(data, door.url, { debug() {}, info() {}, warn() {}, error() {} })
  const line = ['console', '--no-open', '--json', '--config', join(door.folder, 'signalbox.yaml')]
  using folders = createConfigFolders()
  const { code, out } = await runLine(folders, line, { env: { SIGNALBOX_HOME: data } })
  removeNote()

  expect(code).toBe(0)
  expect(JSON.parse(out)).toEqual({ url: door.url, console: `${door.url}/#login=${instanceToken}` })
  expect(httpDoors(data)).toEqual([])
})

test('signalbox console starts a server where none runs, which the printed address opens, and ends it when it is asked to', async () => {
  using folders = createConfigFolders()
  const asked = new AbortController()
  const data = join(folders.root, 'own-data')
  const terminal = recordedTerminal(folders, { env: { SIGNALBOX_HOME: data }, signal: asked.signal, openSignalbox })

  const ended = runProgram(['console', '--no-open', '--json', '--log-level', 'error'], terminal)
  const { url, console: address } = JSON.parse(await until(() => terminal.out(), 'it printed its address')) as {
    url: string
    console: string
  }
  const token = address.split('#login=')[1] ?? ''
  const login = await fetch(`${url}/console/api/login`, { method: 'POST', headers: { ...own, authorization: `Bearer ${token}` } })
  const found = httpDoors(data)
  asked.abort()
  await ended

  expect(login.status).toBe(200)
  expect(found).toEqual([url])
  expect(httpDoors(data)).toEqual([])
  await expect(fetch(url)).rejects.toThrow()
})
