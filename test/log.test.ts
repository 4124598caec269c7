import { expect, test } from 'vitest'
import { createLog, logOfVariable, printable } from '../src/log.ts'
import { within } from '../src/telemetry/active.ts'

function recorded(options: { level?: 'debug' | 'warn'; format?: 'text' | 'json' } = {}) {
  const lines: string[] = []
  return {
    lines,
    log: createLog({ ...options, stream: { write: (line) => lines.push(line) }, clock: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6) }),
  }
}

test('createLog() writes a line of text an entry', () => {
  const { lines, log } = recorded()

  log.warn('Server failed', { server: 'files', tries: 3, none: undefined, why: 'it ended', error: new Error('gone') })

  expect(lines).toEqual(['03:04:05.006 warn  Server failed server=files tries=3 why="it ended" error="gone"\n'])
})

test('createLog() writes a line of JSON an entry, whose own fields facts cannot replace', () => {
  const { lines, log } = recorded({ format: 'json' })

  log.info('Started', { level: 'fatal', port: 8737 })

  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { time: '2026-01-02T03:04:05.006Z', level: 'info', message: 'Started', port: 8737 },
  ])
})

test('createLog() leaves out what is below its level', () => {
  const { lines, log } = recorded({ level: 'warn' })

  log.debug('a')
  log.info('b')
  log.warn('c')
  log.error('d')

  expect(lines).toHaveLength(2)
})

test.each(['text', 'json'] as const)('createLog() hides known secrets in messages, facts, errors and long texts, as %s', (format) => {
  const { lines, log } = recorded({ format })
  log.hide(['secret-1234', 'quo"ted-5678'])

  log.info('key secret-1234', {
    deep: [{ key: 'secret-1234' }],
    error: new Error('secret-1234'),
    json: JSON.stringify({ key: 'quo"ted-5678' }),
  })
  log.info(`${'x'.repeat(8188)}secret-1234`)

  expect(lines.join('')).not.toMatch(/secr|5678/)
  expect(lines.join('')).toContain('[hidden]')
})

test('createLog() writes an entry whose facts cannot be written', () => {
  const { lines, log } = recorded()
  const circular: Record<string, unknown> = {}
  circular['self'] = circular

  log.info('Odd', { circular, large: 10n })

  expect(lines[0]).toContain('circular="(cannot be shown)" large="10"')
})

test('printable() leaves nothing that a terminal obeys', () => {
  expect(printable('a\u001b[31mb\u0007\r\n\u202ec')).toBe('a\\u001b[31mb\\u0007\\u000d\\n\\u202ec')
})

test('createLog() names the trace and the decision that a line belongs to, and nothing where there is none', () => {
  const lines: string[] = []
  const log = createLog({ format: 'json', clock: () => 0, stream: { write: (line) => lines.push(line) } })
  const context = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', sampled: true }

  log.info('outside')
  within({ context }, () => log.info('before the plan'))
  within({ context, decision: 'de_1' }, () => log.warn('in a step', { error: new Error('x') }))

  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { time: '1970-01-01T00:00:00.000Z', level: 'info', message: 'outside' },
    { time: '1970-01-01T00:00:00.000Z', level: 'info', message: 'before the plan', trace_id: context.traceId },
    { time: '1970-01-01T00:00:00.000Z', level: 'warn', message: 'in a step', trace_id: context.traceId, decision: 'de_1', error: 'x' },
  ])
})

test('logOfVariable() reads a level, a format, or both, and refuses the rest', () => {
  expect(logOfVariable('debug,json')).toEqual({ level: 'debug', format: 'json' })
  expect(logOfVariable(' Text ')).toEqual({ format: 'text' })
  expect(logOfVariable(undefined)).toEqual({})
  expect(() => logOfVariable('loud')).toThrow(/SIGNALBOX_LOG must be a level .* received "loud"/)
})
