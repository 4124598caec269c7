import { expect, test } from 'vitest'
import { dispatchStep } from '../../src/dispatch/dispatch.ts'
import type { StepRequest } from '../../src/dispatch/step-request.ts'
import { activeTrace } from '../../src/telemetry/active.ts'
import { offTracer } from '../../src/telemetry/tracer.ts'
import { deployment, pool } from '../support/deployments.ts'
import { lineOf } from '../support/line.ts'
import { servicesFor } from '../support/services.ts'
import { keepSpans } from '../support/spans.ts'
import { standIn } from '../support/stand-in-provider.ts'

const never = new AbortController().signal
const caller = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', sampled: true, state: 'a=b' }

function saying(text: string): StepRequest {
  return {
    principal: 'key:somebody',
    client: undefined,
    thread: undefined,
    messages: [{ role: 'user', content: [{ type: 'text', text }] }],
  }
}

test('dispatchStep() is a tree of spans: signals, policy, each attempt, learning; the provider is told of its own', async () => {
  const { tracer, spans, tree } = keepSpans()
  const providers = [standIn('bad', { fails: 'unavailable' }), standIn('a', { text: 'Hi', servedModel: 'm-2026' })]
  const base = await lineOf({ pools: [pool('quick', [deployment('bad/m'), deployment('a/m')])], providers })
  const { thread } = await base.threads.open('key:somebody', 'talk')

  const { plan, outcome } = await dispatchStep({ ...base, tracer }, { ...saying('My password is hunter2'), thread }, { signal: never })

  const names = ['signalbox.recall', 'signalbox.signals', 'signalbox.policy', 'chat m', 'chat m', 'signalbox.learn']
  expect(tree()).toEqual([{ name: 'signalbox.step', children: names.map((name) => ({ name, children: [] })) }])
  const [failed, answered] = spans.filter(({ name }) => name === 'chat m')
  expect(failed).toMatchObject({ kind: 'client', attributes: { 'gen_ai.provider.name': 'bad', 'error.type': 'unavailable' }, failed: '' })
  expect(answered?.attributes).toMatchObject({
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'a',
    'gen_ai.request.model': 'm',
    'gen_ai.response.model': 'm-2026',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.output_tokens': outcome.usage.outputTokens,
  })
  expect(spans.at(-1)?.attributes).toMatchObject({
    'signalbox.decision': plan.decision,
    'signalbox.pool': 'quick',
    'gen_ai.conversation.id': thread,
  })
  const { traceId, spanId } = answered?.context ?? {}
  expect(providers[1]?.requests[0]?.headers).toEqual({ traceparent: `00-${traceId}-${spanId}-01` })
  expect((await base.decisions.get('key:somebody', plan.decision))?.recorded).toMatchObject({ trace_id: traceId })
  expect(JSON.stringify(spans)).not.toMatch(/hunter2|somebody/)
})

test('dispatchStep() belongs to the trace of its caller, which wants it recorded or not', async () => {
  const { tracer, spans } = keepSpans()
  const provider = standIn('a', { text: 'Hi' })
  const line = { ...(await lineOf({ pools: [pool('quick', [deployment('a/m')])], providers: [provider] })), tracer }

  await tracer.from(caller, () => dispatchStep(line, saying('Hello'), { signal: never }))
  const recorded = spans.splice(0)
  await tracer.from({ ...caller, sampled: false }, () => dispatchStep(line, saying('Hello'), { signal: never }))

  expect(new Set(recorded.map(({ context }) => context.traceId))).toEqual(new Set([caller.traceId]))
  expect(recorded.at(-1)?.parent).toBe(caller.spanId)
  expect(provider.requests[0]?.headers).toMatchObject({ traceparent: expect.stringMatching(/-01$/), tracestate: 'a=b' })
  expect(spans).toEqual([])
  expect(provider.requests[1]?.headers).toEqual({ traceparent: `00-${caller.traceId}-${caller.spanId}-00`, tracestate: 'a=b' })
})

test('a tracer that is off records nothing, passes on what its caller told, and adds nothing where nobody did', async () => {
  const provider = standIn('a', { text: 'Hi' })
  const line = await lineOf({ pools: [pool('quick', [deployment('a/m')])], providers: [provider] })

  const { plan } = await dispatchStep(line, saying('Hello'), { signal: never })
  await offTracer.from(caller, () => dispatchStep(line, saying('Hello'), { signal: never }))

  expect(provider.requests.map(({ headers }) => headers?.['traceparent'])).toEqual([undefined, `00-${caller.traceId}-${caller.spanId}-01`])
  expect((await line.decisions.get('key:somebody', plan.decision))?.recorded).not.toHaveProperty('trace_id')
  expect(activeTrace()).toBeUndefined()
})

test('spans hold what was said only where content is wanted, without keys, and with placeholders where the policy wants them', async () => {
  const { tracer, spans } = keepSpans({ content: true })
  const policy = { name: 'private', default: { prefer: 'first', guards: { privacy: { redact: 'remote' } } } }
  const base = await lineOf({ pools: [pool('quick', [deployment('a/m')])], providers: [standIn('a', { text: 'Hi there' })], policy })
  const key = `sk-ant-api03-${'A1b2'.repeat(23)}AA`

  await dispatchStep({ ...base, tracer }, saying(`Mail ada@example.org with ${key}`), { signal: never })

  const { attributes } = spans.find(({ name }) => name === 'chat m') ?? {}
  expect(attributes?.['gen_ai.input.messages']).toMatch(/^\[\{"role":"user","parts":\[\{"type":"text","content":"Mail /)
  expect(attributes?.['gen_ai.output.messages']).toContain('Hi there')
  expect(JSON.stringify(spans)).not.toMatch(/ada@example|A1b2A1b2/)
})

test('call_tool is a span with what the policy said and how it ended; the server is told of it in _meta', async () => {
  const { tracer, spans } = keepSpans()
  const told: unknown[] = []
  const { services, run } = await servicesFor({
    tools: [
      { name: 'read', readOnly: true, answer: () => ({ content: [{ type: 'text', text: 'ok' }] }) },
      { name: 'broken', readOnly: true, answer: () => ({ content: [], isError: true }) },
    ],
  })
  const host: typeof services.host = {
    ...services.host,
    call(name, args, options) {
      told.push(options.meta)
      return services.host.call(name, args, options)
    },
  }

  for (const name of ['read', 'broken']) await run('call_tool', { name, arguments: { path: '/secret' } }, {}, { tracer, host })

  const [read, broken] = spans
  expect(read).toMatchObject({ name: 'execute_tool read', kind: 'client', failed: undefined })
  expect(read?.attributes).toMatchObject({
    'gen_ai.operation.name': 'execute_tool',
    'signalbox.server': 'files',
    'signalbox.verdict': 'allow',
  })
  expect(broken).toMatchObject({ failed: '', attributes: { 'error.type': 'tool_error' } })
  expect(told[0]).toEqual({ traceparent: `00-${read?.context.traceId}-${read?.context.spanId}-01` })
  expect(JSON.stringify(spans)).not.toContain('/secret')
})
