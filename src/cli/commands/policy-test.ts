import type { Command } from 'commander'
import type { PolicyTestResult } from '../../../policies/index.ts'
import { FailedError } from '../failures.ts'
import { withPolicyBench } from '../given-policy.ts'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'

export function addPolicyTest(policy: Command, terminal: Terminal): void {
  policy
    .command('test')
    .description('run the tests that stand in a policy file')
    .argument('[policy]', 'a shipped policy or a file; the one of the configuration unless given')
    .action(async (given: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>()
      await withPolicyBench(terminal, options, async ({ read, pools, embedder }) => {
        const { runPolicyTests } = await import('../../../policies/index.ts')
        const { data, ...text } = await read(given)
        const { source } = text
        const results = await runPolicyTests(data, { ...text, pools, embedder })
        const failed = results.filter(({ passed }) => !passed).length
        if (options.json === true) printJson(terminal, { policy: source, passed: results.length - failed, failed, tests: results })
        else printText(terminal, inWords(source, results))
        if (failed > 0) throw new FailedError(`${failed} of ${results.length} tests failed`, { printed: true })
      })
    })
}

function inWords(source: string, results: readonly PolicyTestResult[]): string {
  if (results.length === 0) return `${source}: no tests stand in this policy`
  const passed = results.filter((one) => one.passed).length
  return [...results.flatMap(lines), `${source}: ${passed} passed, ${results.length - passed} failed`].join('\n')
}

function lines({ test, passed, error, differences, decided }: PolicyTestResult): string[] {
  if (passed) return [`ok    ${test}`]
  if (error !== undefined) return [`FAIL  ${test}`, `      ${error}`]
  const shown = differences.map(({ of, expected, received }) => `      ${of}: expected ${inJson(expected)}, received ${inJson(received)}`)
  return [`FAIL  ${test}`, ...shown, `      it was decided by ${decided.rule}: ${decided.why}`]
}

function inJson(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing'
}
