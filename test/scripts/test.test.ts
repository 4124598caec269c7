import { expect, test } from 'vitest'
import { summarize } from '../../scripts/test.js'

const file = (status: string, ...results: string[]) => ({ status, assertionResults: results.map((result) => ({ status: result })) })
const good = file('passed', 'passed', 'passed')

test('summarize() counts what passed and failed, and names what was skipped', () => {
  expect(summarize({ testResults: [good] }, { code: 0, checks: 0 })).toEqual({ line: '2 passed, 0 failed', ok: true })
  expect(summarize({ testResults: [good, file('failed', 'failed', 'passed', 'skipped', 'todo')] }, { code: 1, checks: 0 })).toEqual({
    line: '3 passed, 1 failed, 2 skipped',
    ok: false,
  })
})

test.each([
  ['a check failed before', { testResults: [good] }, { code: 0, checks: 1 }, '2 passed, 1 failed'],
  ['a file could not be loaded', { testResults: [good, file('failed')] }, { code: 1, checks: 0 }, '2 passed, 1 failed'],
  ['a hook failed after tests that passed', { testResults: [file('failed', 'passed')] }, { code: 1, checks: 0 }, '1 passed, 1 failed'],
  ['the runner failed outside any test', { testResults: [good] }, { code: 1, checks: 0 }, '2 passed, 1 failed'],
  ['the runner left no report', undefined, { code: 137, checks: 0 }, '0 passed, 1 failed'],
  ['no test ran', { testResults: [file('passed', 'skipped')] }, { code: 0, checks: 0 }, '0 passed, 1 failed, 1 skipped'],
])('summarize() does not report success when %s', (_case, report, run, line) => {
  expect(summarize(report, run)).toEqual({ line, ok: false })
})
