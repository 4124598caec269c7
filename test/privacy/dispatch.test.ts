import { expect, test } from 'vitest'
import type { Message, ToolCallPart, ToolDefinition } from '../../models/message.ts'
import { dispatchStep } from '../../src/dispatch/dispatch.ts'
import { runToolLoop } from '../../src/dispatch/tool-loop.ts'
import { privateEmbedder } from '../../src/privacy/private-embedder.ts'
import { deployment, pool } from '../support/deployments.ts'
import { lineOf } from '../support/line.ts'
import { standIn, type Turn } from '../support/stand-in-provider.ts'

const email = 'vera.holm@post.example'
const messages: Message[] = [{ role: 'user', content: [{ type: 'text', text: `Write to ${email}` }] }]
const request = { principal: 'local', client: undefined, thread: undefined, messages }
const options = { signal: new AbortController().signal }
const send: ToolDefinition = { name: 'send', description: 'Sends', inputSchema: { type: 'object' } }

async function setUp(
  { local = false, privacy = {}, modalities }: { local?: boolean; privacy?: object; modalities?: ('text' | 'file')[] },
  ...turns: readonly Turn[]
) {
  const provider = standIn('a', ...turns)
  const pools = [pool('one', [deployment('a/m', { local })], { local, ...(modalities && { modalities }) })]
  const policy = { name: 'p', default: { prefer: 'first', guards: { privacy } } }
  return { provider, line: await lineOf({ pools, providers: [provider], policy }) }
}

test.each([
  ['a model on this machine', { local: true }, true],
  ['a model elsewhere', { local: false }, false],
  ['a model on this machine, where it is kept from all', { local: true, privacy: { redact: 'always' } }, false],
  ['a model elsewhere, where it is kept from none', { local: false, privacy: { redact: 'never' } }, true],
  ['a model elsewhere, where other types are kept', { local: false, privacy: { types: ['iban'] } }, true],
  ['a model elsewhere, where the value is let through', { local: false, privacy: { allow: ['VERA.holm@post.example'] } }, true],
])('dispatchStep() shows an address to %s: as it is?', async (_whom, facts, isSeen) => {
  const { provider, line } = await setUp(facts, { text: 'Done' })

  await dispatchStep(line, request, options)

  expect(JSON.stringify(provider.requests[0]).includes(email)).toBe(isSeen)
})

test('runToolLoop() puts values into the arguments of a call that was run, and of no call that was refused', async () => {
  const call = (id: string) => ({ id, name: 'send', input: { to: '[EMAIL_1]' } })
  const { provider, line } = await setUp({}, { calls: [call('1'), call('2')] }, { text: 'Sent to [EMAIL_1]' })
  const judged: unknown[] = []

  const { last, exchange } = await runToolLoop(line, request, {
    ...options,
    tools: [send],
    maxSteps: 3,
    isParallel: () => false,
    async callTool(one: ToolCallPart, _decision, _context, restore) {
      const input = restore?.(one.input) ?? one.input
      judged.push(input)
      const result = {
        type: 'tool-result' as const,
        id: one.id,
        name: one.name,
        content: [{ type: 'text' as const, text: `to ${email}` }],
        isError: false,
      }
      return one.id === '1' ? { result, ran: { ...one, input } } : { result: { ...result, isError: true } }
    },
  })

  expect(judged).toEqual([{ to: email }, { to: email }])
  expect(exchange[0]?.content).toMatchObject([{ input: { to: email } }, { input: { to: '[EMAIL_1]' } }])
  expect(last.outcome.text).toBe(`Sent to ${email}`)
  expect(JSON.stringify(provider.requests)).not.toContain(email)
  expect(provider.requests[1]?.messages[1]?.content).toMatchObject([{ input: { to: '[EMAIL_1]' } }, { input: { to: '[EMAIL_1]' } }])
})

test('dispatchStep() writes values into an answer that is to be JSON with its escapes', async () => {
  const { line } = await setUp(
    { privacy: { recognisers: [{ name: 'motto', pattern: '"Per aspera"' }] } },
    { text: '{"motto":"[MOTTO_1]"}' },
  )
  const asked: Message[] = [{ role: 'user', content: [{ type: 'text', text: 'Our motto is "Per aspera"' }] }]

  const { outcome } = await dispatchStep(line, { ...request, messages: asked, responseSchema: { type: 'object' } }, options)

  expect(JSON.parse(outcome.text)).toEqual({ motto: '"Per aspera"' })
})

test('dispatchStep() keeps what stands beside a form of the policy, too', async () => {
  const { provider, line } = await setUp({ privacy: { recognisers: [{ name: 'flat', pattern: 'Flat \\d+' }] } }, { text: 'Done' })
  const asked: Message[] = [{ role: 'user', content: [{ type: 'text', text: 'I live at Flat 12, 31 Rosebery Gardens, London N8 8SH.' }] }]

  await dispatchStep(line, { ...request, messages: asked }, options)

  expect(JSON.stringify(provider.requests[0])).toContain('[FLAT_1]')
  expect(JSON.stringify(provider.requests[0])).not.toMatch(/Rosebery|8SH/)
})

test('dispatchStep() sends no file to whom it would have to be redacted, unless the policy says so', async () => {
  const withFile: Message[] = [{ role: 'user', content: [{ type: 'file', mediaType: 'application/pdf', data: 'AAAA' }] }]
  const refusing = await setUp({ modalities: ['text', 'file'] }, { text: 'Done' })
  const sending = await setUp({ modalities: ['text', 'file'], privacy: { on_unscored: 'send' } }, { text: 'Done' })

  await expect(dispatchStep(refusing.line, { ...request, messages: withFile }, options)).rejects.toThrow('cannot read files')
  await dispatchStep(sending.line, { ...request, messages: withFile }, options)

  expect(sending.provider.requests[0]?.messages[0]?.content).toEqual(withFile[0]?.content)
})

test('privateEmbedder() embeds placeholders where the embedder is elsewhere', async () => {
  const texts: string[] = []
  const embedder = {
    id: 'e',
    dimensions: 1,
    runtime: 'endpoint',
    async embed(given: readonly string[]) {
      texts.push(...given)
      return given.map(() => new Float32Array([1]))
    },
    async close() {},
  }
  const { line } = await setUp({})
  const guard = () => line.policy().default.guards?.privacy

  await privateEmbedder(embedder, { local: false, guard }).embed([`Write to ${email}`])
  await privateEmbedder(embedder, { local: true, guard }).embed([`Write to ${email}`])

  expect(texts).toEqual(['Write to [EMAIL_1]', `Write to ${email}`])
})
