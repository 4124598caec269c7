import type { Command } from 'commander'
import type { Finding } from '../../../policies/linter/lint.ts'
import { FailedError } from '../failures.ts'
import { withPolicyBench } from '../given-policy.ts'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'

export function addPolicyCheck(policy: Command, terminal: Terminal): void {
  policy
    .command('check')
    .description('say what a policy can never do, and where its rules contradict each other')
    .argument('[policy]', 'a shipped policy or a file; the one of the configuration unless given')
    .action(async (given: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>()
      await withPolicyBench(terminal, options, async ({ read, pools, embedder }) => {
        const [{ parsePolicy }, { lintPolicy }, { extractivePool }] = await Promise.all([
          import('../../../policies/index.ts'),
          import('../../../policies/linter/lint.ts'),
          import('../../dispatch/line.ts'),
        ])
        const { data, ...text } = await read(given)
        const { source } = text
        const configured = pools.filter(({ name }) => name !== extractivePool)
        const findings = lintPolicy(parsePolicy(data, { ...text, pools, embedder }), { pools: configured })
        const counts = countsOf(findings)
        if (options.json === true) printJson(terminal, { policy: source, ...counts, findings })
        else printText(terminal, inWords(source, findings))
        if (counts.errors > 0) throw new FailedError(`${source} has ${counts.errors} errors`, { printed: true })
      })
    })
}

function countsOf(findings: readonly Finding[]) {
  const count = (wanted: Finding['severity']) => findings.filter(({ severity }) => severity === wanted).length
  return { errors: count('error'), warnings: count('warning'), reports: count('report') }
}

function inWords(source: string, findings: readonly Finding[]): string {
  const { errors, warnings, reports } = countsOf(findings)
  return [...findings.flatMap(lines), `${source}: ${errors} errors, ${warnings} warnings, ${reports} reports`].join('\n')
}

function lines({ severity, code, message, witness, mend }: Finding): string[] {
  const shown = Object.entries(witness ?? {}).map(([name, value]) => `${name} = ${JSON.stringify(value)}`)
  return [
    `${severity.padEnd(7)} ${code}: ${message}`,
    ...(shown.length === 0 ? [] : [`        such as: ${shown.join(', ')}`]),
    `        ${mend}`,
    '',
  ]
}
