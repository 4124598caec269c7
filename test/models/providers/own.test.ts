import { expect, test } from 'vitest'
import { ProviderError } from '../../../models/errors.ts'
import type { ModelEvent, Provider } from '../../../models/provider.ts'
import { createOwnProvider, type ProviderDefinition } from '../../../models/providers/index.ts'

const own = (send: ProviderDefinition['send']) => createOwnProvider({ name: 'own', send })
const usage = { inputTokens: 3 }

async function eventsOf(provider: Provider, signal?: AbortSignal): Promise<ModelEvent[]> {
  return Array.fromAsync(provider.send({ model: 'one', messages: [] }, { signal }))
}

test('createOwnProvider() puts start before and makes the message of what was yielded', async () => {
  const call = { type: 'tool-call', id: 'c1', name: 'add', input: { a: 1 } } as const
  const provider = own(async function* () {
    yield { type: 'text-delta', text: 'I ' }
    yield { type: 'text-delta', text: 'add.' }
    yield { type: 'tool-call', call }
    yield { type: 'finish', finishReason: 'tool-calls', usage }
  })

  const events = await eventsOf(provider)

  expect(events.map(({ type }) => type)).toEqual(['start', 'text-delta', 'text-delta', 'tool-call', 'finish'])
  expect(events.at(-1)).toEqual({
    type: 'finish',
    finishReason: 'tool-calls',
    usage: { inputTokens: 3, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 0 },
    message: { role: 'assistant', content: [{ type: 'text', text: 'I add.' }, call] },
  })
})

test('createOwnProvider() ends with the first finish and keeps a message that was given', async () => {
  const message = { role: 'assistant', content: [{ type: 'text', text: 'Mine' }] } as const
  const provider = own(async function* () {
    yield { type: 'start', servedModel: 'other' }
    yield { type: 'finish', finishReason: 'stop', usage, message: { ...message, content: [...message.content] } }
    yield { type: 'text-delta', text: 'too late' }
  })

  const events = await eventsOf(provider)

  expect(events.map(({ type }) => type)).toEqual(['start', 'finish'])
  expect(events[1]).toMatchObject({ message })
})

test('createOwnProvider() calls an error and a stream without finish bad answers, and passes a ProviderError on', async () => {
  const cause = new TypeError('no such field')
  const refusal = new ProviderError('Too many', { kind: 'rate_limit', deployment: 'own/one' })
  const failing = (error: Error) =>
    own(async function* () {
      yield { type: 'text-delta', text: '' }
      throw error
    })
  const silent = own(async function* () {
    yield { type: 'text-delta', text: 'cut' }
  })

  await expect(eventsOf(failing(cause))).rejects.toMatchObject({ kind: 'bad_response', cause, message: /own\/one: no such field/ })
  await expect(eventsOf(failing(refusal))).rejects.toBe(refusal)
  await expect(eventsOf(silent)).rejects.toMatchObject({ kind: 'bad_response', message: /ended without finish/ })
})

test('createOwnProvider() rejects with the reason of the caller, whatever the definition makes of the signal', async () => {
  const controller = new AbortController()
  const reason = new Error('The caller left')
  const provider = own(async function* () {
    yield { type: 'text-delta', text: 'Hi' }
    controller.abort(reason)
    throw new Error('aborted, in words of its own')
  })

  await expect(eventsOf(provider, controller.signal)).rejects.toBe(reason)
  await expect(eventsOf(provider, controller.signal)).rejects.toBe(reason)
})

test('createOwnProvider() speaks no wire format', async () => {
  const provider = own(async function* () {})

  await expect(provider.forward({ path: '/embeddings', headers: {}, body: new Uint8Array() })).rejects.toMatchObject({
    kind: 'bad_request',
  })
})
