import { expect, test } from 'vitest'
import { parseTraceContext, propagated } from '../../src/telemetry/trace-context.ts'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const spanId = '00f067aa0ba902b7'

test('parseTraceContext() reads what the standard allows, and propagated() tells the same again', () => {
  const context = parseTraceContext(`00-${traceId}-${spanId}-01`, 'rojo=00f067aa0ba902b7')

  expect(context).toEqual({ traceId, spanId, sampled: true, state: 'rojo=00f067aa0ba902b7' })
  expect(context && propagated(context)).toEqual({ traceparent: `00-${traceId}-${spanId}-01`, tracestate: 'rojo=00f067aa0ba902b7' })
  expect(parseTraceContext(`00-${traceId}-${spanId}-00`)?.sampled).toBe(false)
  expect(parseTraceContext(`cc-${traceId}-${spanId}-03-what-comes-later`)).toEqual({ traceId, spanId, sampled: true })
})

test.each([
  undefined,
  7,
  '',
  `ff-${traceId}-${spanId}-01`,
  `00-${traceId}-${spanId}-01-more`,
  `00-${traceId.toUpperCase()}-${spanId}-01`,
  `00-${'0'.repeat(32)}-${spanId}-01`,
  `00-${traceId}-${'0'.repeat(16)}-01`,
  `00-${traceId}-${spanId}`,
])('parseTraceContext() takes %j for no trace', (given) => {
  expect(parseTraceContext(given)).toBeUndefined()
})

test('parseTraceContext() leaves a tracestate out that could break a header', () => {
  const parent = `00-${traceId}-${spanId}-01`

  for (const state of ['a=b\r\nx: y', 'x'.repeat(600), 5])
    expect(parseTraceContext(parent, state)).toEqual({ traceId, spanId, sampled: true })
})
