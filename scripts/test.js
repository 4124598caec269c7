import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { failedChecks } from './lint.js'
import { runProgram } from './process.js'

/** The last line when not even the build came about. */
export const failedBeforeTests = '0 passed, 1 failed'

/**
 * The checks, then the tests; each check that failed counts as one failure. The last line says how it went.
 *
 * @param {string} node
 * @param {string[]} args which test files to run; all unless told
 */
export async function test(node, args) {
  const checks = await failedChecks(node)
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-tests-'))
  try {
    const file = join(folder, 'result.json')
    const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`]
    const code = await runProgram(node, ['node_modules/vitest/vitest.mjs', 'run', ...reporters, ...args], {
      env: { ...process.env, SIGNALBOX_TESTS: 'built' },
    })
    const { line, ok } = summarize(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined, { code, checks: checks.length })
    process.stdout.write(`\n${line}\n`)
    return ok ? 0 : 1
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/**
 * One line from the report of the test runner. Nothing that went wrong passes as a success: a file that could not be loaded is
 * one failure, and so is a run without a report or without a test, or one that failed for a reason outside any test.
 *
 * @typedef {{ status: string, assertionResults: { status: string }[] }} FileReport
 * @param {{ testResults: FileReport[] } | undefined} report
 * @param {{ code: number, checks: number }} run exit code of the runner, and how many checks failed before
 */
export function summarize(report, { code, checks }) {
  const files = report?.testResults ?? []
  const results = files.flatMap((file) => file.assertionResults.map(({ status }) => status))
  const count = (/** @type {string} */ status) => results.filter((result) => result === status).length
  const isBroken = (/** @type {FileReport} */ file) =>
    file.status === 'failed' && !file.assertionResults.some(({ status }) => status === 'failed')
  const passed = count('passed')
  const skipped = results.length - passed - count('failed')
  let failed = count('failed') + files.filter(isBroken).length + checks
  if (failed === 0 && (code !== 0 || passed === 0)) failed = 1
  return { line: `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`, ok: failed === 0 }
}
