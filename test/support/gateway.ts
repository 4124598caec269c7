import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Anthropic from '@anthropic-ai/sdk'
import OpenAI from 'openai'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { openSignalbox } from '../../src/box.ts'
import { loadConfig } from '../../src/config/load.ts'
import { type Clocks, defaultClocks } from '../../src/dispatch/clocks.ts'
import { createKeys } from '../../src/http/identity/keys.ts'
import { type ServeHttpOptions, serveHttp } from '../../src/http/serve.ts'
import type { Signalbox } from '../../src/signalbox.ts'
import { type ScriptedProvider, startScriptedProvider } from './scripted-provider/index.ts'

export const formats = ['openai-chat', 'openai-responses', 'anthropic-messages'] as const
export type FormatName = (typeof formats)[number]

/** Client format x provider format. */
export const pairs = formats.flatMap((client) => formats.map((provider) => ({ client, provider })))

export const paths = {
  'openai-chat': '/v1/chat/completions',
  'openai-responses': '/v1/responses',
  'anthropic-messages': '/v1/messages',
} as const

/** Names of the pools: each has `alpha` of one credential and `beta` of another; `<pool>-own` has a model alone whose name no other has, `<pool>-model`. */
export const poolOf = { 'openai-chat': 'chat', 'openai-responses': 'items', 'anthropic-messages': 'blocks' } as const

/** What stands in each key of a provider, and in no other text. */
export const providerSecret = 'sk-secret-of-the-vendor'
/** A key of the door's caller, which no provider may see. */
export const callerKey = 'key-of-the-caller-0123456789'

/** What opens the console of the door. */
export const instanceToken = 'token-of-the-instance-0123456789-0123456789'

export interface GatewayDoor {
  readonly url: string
  readonly cloud: ScriptedProvider
  readonly box: Signalbox
  /** Of the configuration; the data is in `data` below it. */
  readonly folder: string
  /** All that was logged, at any level. */
  readonly logged: string[]
  /** Moves the clock of cooldowns on. */
  advance(ms: number): void
  /** One request as a client of the format sends it. */
  post(path: string, body: unknown, options?: PostOptions): Promise<Response>
  /** The decision that an answer names, as its caller reads it. */
  decisionOf(response: Pick<Response, 'headers'>, key?: string): Promise<Record<string, unknown>>
  openai(): OpenAI
  anthropic(): Anthropic
  close(): Promise<void>
}

export interface PostOptions {
  headers?: Record<string, string>
  signal?: AbortSignal
}

export interface GatewayOptions {
  clocks?: Partial<Clocks>
  arrival?: ServeHttpOptions['arrival']
}

/** A door for all tests of a file: nothing that one of them scripted or made fail is left for the next. */
export function useGateway(rest?: GatewayRest, options?: GatewayOptions): GatewayDoor {
  const door = {} as GatewayDoor
  beforeAll(async () => {
    Object.assign(door, await openGateway(rest, options))
  })
  beforeEach(() => {
    door.cloud.reset()
    // No failure of another test counts any more.
    door.advance(3_600_000)
  })
  afterAll(() => door.close())
  return door
}

/** What is added to the configuration. */
export type GatewayRest = Record<string, unknown> | ((cloud: ScriptedProvider) => Record<string, unknown>)

/** The door over a Signalbox with pools at the scripted provider, in each wire format. */
export async function openGateway(rest: GatewayRest = {}, { clocks, arrival }: GatewayOptions = {}): Promise<GatewayDoor> {
  const cloud = await startScriptedProvider()
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-gateway-')))
  const file = join(folder, 'signalbox.yaml')
  const providers = Object.fromEntries(
    formats.flatMap((format) => ['a', 'b'].map((name) => [`${poolOf[format]}-${name}`, providerOf(format, name, cloud)])),
  )
  const pools = Object.fromEntries(
    formats.flatMap((format) => {
      const name = poolOf[format]
      return [
        [name, { models: [`${name}-a/alpha`, `${name}-b/beta`], modalities: ['text', 'image'] }],
        [`${name}-own`, { models: [`${name}-a/${name}-model`] }],
      ]
    }),
  )
  const more = typeof rest === 'function' ? rest(cloud) : rest
  await writeFile(
    file,
    JSON.stringify({
      ...more,
      providers: { ...providers, ...asRecord(more['providers']) },
      pools: { ...pools, ...asRecord(more['pools']) },
    }),
  )
  const config = await loadConfig({ path: file, env: { SIGNALBOX_HOME: join(folder, 'data') }, cwd: folder, home: folder })
  const logged: string[] = []
  const record = (message: string, facts?: object) => void logged.push(`${message} ${textOf(facts)}`)
  const log = { debug: record, info: record, warn: record, error: record }
  let ahead = 0
  const box = await openSignalbox(config, { log, clock: () => Date.now() + ahead, clocks: { ...defaultClocks, ...clocks } })
  const door = await serveHttp(box, config, { log, port: 0, graceMs: 100, arrival, instanceToken })
  const { url } = door
  const identify = createKeys(config.http, { isRevoked: async () => false })

  return {
    url,
    cloud,
    box,
    folder,
    logged,
    advance(ms) {
      ahead += ms
    },
    post: (path, body, { headers = {}, signal } = {}) =>
      fetch(url + path, {
        method: 'POST',
        signal: signal ?? null,
        headers: { 'content-type': 'application/json', authorization: `Bearer ${callerKey}`, ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      }),
    async decisionOf({ headers }, key = callerKey) {
      const grant = await identify(new Headers({ 'x-api-key': key }))
      if ('refused' in grant) throw new Error(grant.refused)
      const id = headers.get('x-signalbox-decision')
      const found = await box.readResource(`signalbox://decision/${id}`, { ...grant, door: 'http', capabilities: {} })
      if (found?.text === undefined) throw new Error(`There is no decision ${id}`)
      return JSON.parse(found.text) as Record<string, unknown>
    },
    openai: () => new OpenAI({ baseURL: `${url}/v1`, apiKey: callerKey, maxRetries: 0 }),
    anthropic: () => new Anthropic({ baseURL: url, apiKey: callerKey, maxRetries: 0 }),
    async close() {
      await door.close()
      await box.close()
      await cloud.close()
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}

/** Errors do not show what they hold in JSON. */
function textOf(facts: object | undefined): string {
  return JSON.stringify(facts, (_, value: unknown) =>
    value instanceof Error ? { ...value, message: value.message, cause: value.cause } : value,
  )
}

function providerOf(format: FormatName, name: string, cloud: ScriptedProvider) {
  const price = { input: 1, output: 4 }
  const api_key = `${providerSecret}-${poolOf[format]}-${name}`
  if (format === 'anthropic-messages') return { kind: 'anthropic', base_url: cloud.url, api_key, price }
  return { kind: 'openai', format, base_url: cloud.openaiUrl, api_key, price }
}

/** The smallest request of a format; `prompt` tells one conversation from another. */
export function simpleBody(format: FormatName, model: string, prompt: string, stream: boolean): Record<string, unknown> {
  if (format === 'openai-responses') return { model, input: prompt, stream, store: false }
  return { model, messages: [{ role: 'user', content: prompt }], stream, ...(format === 'anthropic-messages' && { max_tokens: 100 }) }
}

/** The next request of a client: what it was answered, and the result of each call in it. */
export function goingOn(format: FormatName, body: Record<string, unknown>, answer: unknown, result: string): Record<string, unknown> {
  const {
    choices = [],
    output = [],
    content = [],
  } = answer as {
    choices?: { message: { tool_calls?: { id: string }[] } }[]
    output?: { type: string; call_id?: string }[]
    content?: { type: string; id?: string }[]
  }
  if (format === 'openai-responses') {
    const results = output.flatMap(({ type, call_id }) =>
      type === 'function_call' ? [{ type: 'function_call_output', call_id, output: result }] : [],
    )
    return { ...body, input: [{ role: 'user', content: body['input'] }, ...output, ...results] }
  }
  const before = body['messages'] as object[]
  if (format === 'openai-chat') {
    const message = choices[0]?.message
    const results = (message?.tool_calls ?? []).map(({ id }) => ({ role: 'tool', tool_call_id: id, content: result }))
    return { ...body, messages: [...before, message, ...results] }
  }
  const results = content.flatMap(({ type, id }) =>
    type === 'tool_use' ? [{ type: 'tool_result', tool_use_id: id, content: result }] : [],
  )
  return { ...body, messages: [...before, { role: 'assistant', content }, { role: 'user', content: results }] }
}

export interface SentEvent {
  event: string | undefined
  data: Record<string, unknown>
}

export interface ReadStream {
  events: SentEvent[]
  /** `complete`: its format's own end. `error`: its format's own error. `cut`: neither, which must never be. */
  end: 'complete' | 'error' | 'cut'
  text: string
}

/** Reads a stream as strictly as a client of the format would. */
export function readStream(format: FormatName, body: string): ReadStream {
  const events: SentEvent[] = []
  let isDone = false
  for (const block of body.split('\n\n')) {
    const lines = block.split('\n')
    const data = lines
      .find((line) => line.startsWith('data:'))
      ?.slice(5)
      .trim()
    if (data === undefined) continue
    if (isDone) throw new Error(`An event after the end: ${block}`)
    if (data === '[DONE]') isDone = true
    else
      events.push({
        event: lines
          .find((line) => line.startsWith('event:'))
          ?.slice(6)
          .trim(),
        data: JSON.parse(data),
      })
  }
  const text = events.map(({ data }) => textDelta(data)).join('')
  const hasError = events.some(({ event, data }) => event === 'error' || event === 'response.failed' || isObject(data['error']))
  const last = events.at(-1)?.event
  const isComplete = {
    'openai-chat': isDone,
    'openai-responses': /^response\.(completed|incomplete)$/.test(last ?? ''),
    'anthropic-messages': last === 'message_stop',
  }[format]
  if (hasError && isComplete) throw new Error(`An error and a clean end: ${body}`)
  return { events, text, end: hasError ? 'error' : isComplete ? 'complete' : 'cut' }
}

interface Delta {
  choices?: { delta?: { content?: string } }[]
  delta?: string | { text?: string }
  type?: string
}

function textDelta(data: Delta): string {
  if (data.choices !== undefined) return data.choices[0]?.delta?.content ?? ''
  if (data.type === 'response.output_text.delta') return String(data.delta)
  return typeof data.delta === 'object' ? (data.delta.text ?? '') : ''
}

/** The text of an answer that came whole. */
export function wholeText(format: FormatName, body: Record<string, unknown>): string {
  const { choices, output, content } = body as {
    choices?: { message: { content: string | null } }[]
    output?: { content?: { text?: string }[] }[]
    content?: { text?: string }[]
  }
  if (format === 'openai-chat') return choices?.[0]?.message.content ?? ''
  const parts = format === 'openai-responses' ? output?.flatMap((item) => item.content ?? []) : content
  return parts?.map(({ text = '' }) => text).join('') ?? ''
}

/** What is wrong with an error body as a client of the format reads it; `undefined`: nothing. */
export function wrongInFailure(format: FormatName, body: unknown): string | undefined {
  if (!isObject(body) || !isObject(body['error'])) return `no error: ${JSON.stringify(body)}`
  const { message, type } = body['error']
  if (typeof message !== 'string' || message === '') return 'no message'
  if (typeof type !== 'string') return 'no type'
  if (format === 'anthropic-messages' && body['type'] !== 'error') return 'no type: error'
  return undefined
}

function asRecord(value: unknown): Record<string, unknown> {
  return isObject(value) ? value : {}
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
