import { expect, test } from 'vitest'
import { type Message, type ToolCallPart, type ToolDefinition, textOf } from '../../models/message.ts'
import { parsePolicy } from '../../policies/index.ts'
import { noContext } from '../../src/dispatch/context.ts'
import { LoopCutError, type LoopOptions, runToolLoop } from '../../src/dispatch/tool-loop.ts'
import { deployment, pool } from '../support/deployments.ts'
import { lineOf } from '../support/line.ts'
import { standIn, type Turn } from '../support/stand-in-provider.ts'

const messages: Message[] = [{ role: 'user', content: [{ type: 'text', text: 'What is in a.txt?' }] }]
const request = { principal: 'local', client: undefined, thread: undefined, messages }
const read: ToolDefinition = { name: 'read', description: 'Reads', inputSchema: { type: 'object' } }

function call(id: string, name = 'read') {
  return { id, name, input: { path: id } }
}

function options(facts: Partial<LoopOptions> = {}): LoopOptions {
  return {
    signal: new AbortController().signal,
    tools: [read],
    maxSteps: 5,
    isParallel: () => true,
    callTool: async (one: ToolCallPart) => ({
      result: {
        type: 'tool-result',
        id: one.id,
        name: one.name,
        content: [{ type: 'text', text: `content of ${one.id}` }],
        isError: false,
      },
    }),
    ...facts,
  }
}

async function setUp(...turns: readonly Turn[]) {
  const provider = standIn('a', ...turns)
  const pools = [pool('quick', [deployment('a/m')]), pool('deep', [deployment('b/m')])]
  const line = await lineOf({ pools, providers: [provider, standIn('b')] })
  return { provider, line }
}

test('runToolLoop() gives each call its result and ends with the answer', async () => {
  const { provider, line } = await setUp({ calls: [call('1'), call('2')] }, { text: 'It says hello' })

  const { last, calls, exchange } = await runToolLoop(line, request, options())

  expect(last.outcome.text).toBe('It says hello')
  expect(calls.map((one) => one.call.id)).toEqual(['1', '2'])
  expect(exchange.map((message) => message.role)).toEqual(['assistant', 'user', 'assistant'])
  expect(provider.requests[1]?.messages.at(-1)?.content).toMatchObject([
    { type: 'tool-result', id: '1' },
    { type: 'tool-result', id: '2' },
  ])
})

test('runToolLoop() keeps the model of its first step and ties its decisions together', async () => {
  const { line } = await setUp({ calls: [call('1')] }, { text: 'Done' })

  const { last } = await runToolLoop(line, request, options())

  const { decisions } = await line.decisions.list('local')
  expect(last.plan).toMatchObject({ rule: 'hold', hold: { held: true, model: 'a/m' } })
  expect(decisions[0]?.parent).toBe(decisions[1]?.id)
})

test('runToolLoop() sums usage and cost over its steps', async () => {
  const { line } = await setUp({ calls: [call('1')] }, { text: 'Done' })

  const { usage, costUsd } = await runToolLoop(line, request, options())

  expect(usage).toMatchObject({ inputTokens: 200, outputTokens: 20 })
  expect(costUsd).toBeCloseTo(0.00028, 8)
})

test('runToolLoop() ends after its last step, which is asked without a choice of tools', async () => {
  const { provider, line } = await setUp({ calls: [call('1')] })

  const { warnings } = await runToolLoop(line, request, options({ maxSteps: 3 }))

  expect(provider.requests.map((one) => one.toolChoice)).toEqual(['auto', 'auto', 'none'])
  expect(warnings).toContain('the tool loop was ended after 3 steps')
})

test('runToolLoop() runs calls that write one after the other, in the order of the model', async () => {
  const { line } = await setUp({ calls: [call('1', 'write'), call('2', 'write')] }, { text: 'Done' })
  const running: string[] = []

  await runToolLoop(
    line,
    request,
    options({
      isParallel: () => false,
      async callTool(one) {
        running.push(`start ${one.id}`)
        await new Promise((resolve) => setTimeout(resolve, 5))
        running.push(`end ${one.id}`)
        return { result: { type: 'tool-result', id: one.id, name: one.name, content: [], isError: false } }
      },
    }),
  )

  expect(running).toEqual(['start 1', 'end 1', 'start 2', 'end 2'])
})

test('runToolLoop() offers what a call has found from the next step on, once', async () => {
  const { provider, line } = await setUp({ calls: [call('1')] }, { calls: [call('2')] }, { text: 'Done' })
  const more = [{ ...read }, { ...read, name: 'search' }]

  await runToolLoop(
    line,
    request,
    options({
      callTool: async (one) => ({ result: { type: 'tool-result', id: one.id, name: one.name, content: [], isError: false }, more }),
    }),
  )

  expect(provider.requests.map((one) => one.tools?.map((tool) => tool.name))).toEqual([['read'], ['read', 'search'], ['read', 'search']])
})

test('runToolLoop() stops where the next step may cost more than what is left', async () => {
  const { provider, line } = await setUp({ calls: [call('1')] }, { text: 'Done' })

  const loop = runToolLoop(line, { ...request, maxOutputTokens: 100, maxCostUsd: 0.00055 }, options())

  await expect(loop).rejects.toThrow(/allowed for a call/)
  expect(provider.requests).toHaveLength(1)
})

test('runToolLoop() rejects with the reason of the caller when it leaves during a call', async () => {
  const { line, provider } = await setUp({ calls: [call('1')] })
  const controller = new AbortController()
  const reason = new Error('The caller left')

  const loop = runToolLoop(
    line,
    request,
    options({
      signal: controller.signal,
      async callTool() {
        controller.abort(reason)
        throw reason
      },
    }),
  )

  await expect(loop).rejects.toBe(reason)
  expect(provider.requests).toHaveLength(1)
})

test('runToolLoop() that breaks off after tools had run says which, and hands on what was said', async () => {
  const { line } = await setUp({ calls: [call('1')] }, { fails: 'auth' })

  const failed = await runToolLoop(line, { ...request, pool: 'quick' }, options()).catch((error: unknown) => error)

  if (!(failed instanceof LoopCutError)) throw failed
  expect(failed.message).toMatch(/^The tool loop broke off: Cannot get an answer: a\/m.* What these tools did before stands: read$/)
  expect(failed.exchange.map((message) => message.role)).toEqual(['assistant', 'user'])
  expect(failed.last.outcome.model).toBe('a/m')
})

test('runToolLoop() puts images into words where no model of the loop can see, and cuts what no window holds', async () => {
  const provider = standIn('a', { calls: [call('1')] }, { text: 'done' })
  const blind = deployment('a/m', { modalities: ['text'], contextTokens: 20_000 })
  const line = await lineOf({ pools: [pool('quick', [blind])], providers: [provider] })
  const content = [
    { type: 'image' as const, mediaType: 'image/png' as const, data: 'iVBORw0KGgo=' },
    { type: 'text' as const, text: 'x'.repeat(500_000) },
  ]

  const callTool: LoopOptions['callTool'] = async ({ id, name }) => ({ result: { type: 'tool-result', id, name, content, isError: false } })
  const { last } = await runToolLoop(line, request, options({ callTool }))

  expect(last.outcome.text).toBe('done')
  const [result] = provider.requests[1]?.messages.at(-1)?.content ?? []
  if (result?.type !== 'tool-result') throw new TypeError('no result was sent')
  const texts = result.content.map((part) => (part.type === 'text' ? part.text : part.type))
  expect(texts[0]).toBe('(an image: no model here can see it)')
  expect(texts[1]).toMatch(/^x{20000}\n\[cut: 500000 characters in all\]$/)
})

test('runToolLoop() refuses a tool that a rule leaves out when the model calls it anyway, says which rule, and runs the others', async () => {
  const provider = standIn('a', { calls: [call('1', 'write'), call('2')] }, { text: 'Done' })
  const pools = [pool('quick', [deployment('a/m')])]
  const line = await lineOf({ pools, providers: [provider] })
  const policy = parsePolicy(
    {
      name: 'careful',
      rules: [{ name: 'only_look', when: 'step.tools_offered > 0.0', action: { prefer: 'first', tools: { block: ['wri*'] } } }],
      default: { prefer: 'first' },
    },
    { source: 'test', pools, embedder: undefined },
  )
  const ran: string[] = []

  const { calls } = await runToolLoop(
    { ...line, policy: () => policy },
    request,
    options({
      tools: [read, { ...read, name: 'write' }],
      isParallel: ({ name }) => name === 'read',
      callTool: (one) => {
        ran.push(one.name)
        return options().callTool(one, '', noContext)
      },
    }),
  )

  expect(provider.requests[0]?.tools?.map(({ name }) => name)).toEqual(['read'])
  expect(ran).toEqual(['read'])
  expect(calls.map(({ result }) => ({ id: result.id, isError: result.isError, said: textOf(result.content) }))).toEqual([
    { id: '1', isError: true, said: 'Cannot call write: by the policy careful, the rule only_look leaves it out of this step' },
    { id: '2', isError: false, said: 'content of 2' },
  ])
  expect(provider.requests[1]?.messages.at(-1)?.content).toMatchObject([{ isError: true }, { isError: false }])
})

test('runToolLoop() refuses what the default does not allow, also where the caller named the model and the tool was never offered', async () => {
  const provider = standIn('a', { calls: [call('1', 'secret')] }, { text: 'Done' })
  const pools = [pool('quick', [deployment('a/m')])]
  const line = await lineOf({ pools, providers: [provider] })
  const policy = parsePolicy(
    { name: 'careful', default: { prefer: 'first', tools: { allow: ['read'] } } },
    { source: 'test', pools, embedder: undefined },
  )

  const { calls } = await runToolLoop({ ...line, policy: () => policy }, { ...request, model: 'a/m' }, options())

  expect(textOf(calls[0]?.result.content ?? [])).toBe('Cannot call secret: by the policy careful, the default leaves it out of this step')
})
