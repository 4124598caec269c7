import type { Command } from 'commander'
import type { z } from 'zod'
import type { Given, Step } from '../../../policies/index.ts'
import type { Finding } from '../../../policies/linter/lint.ts'
import type { Config } from '../../config/config.ts'
import { FailedError } from '../failures.ts'
import { duration } from '../given.ts'
import { withPolicyBench } from '../given-policy.ts'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'
import { contentOf } from './outcome-files.ts'

interface CheckOptions extends GlobalOptions {
  readonly since?: number
  readonly steps?: string
}

export function addPolicyCheck(policy: Command, terminal: Terminal): void {
  policy
    .command('check')
    .description('say what a policy can never do, and where its rules contradict each other')
    .argument('[policy]', 'a shipped policy or a file; the one of the configuration unless given')
    .option('--since <time>', 'look at recorded steps as well, so far back: 90s, 30m, 12h, 7d', duration('--since'))
    .option('--steps <file>', 'look at these steps as well: JSON Lines as under `given` of a policy test, such as {"text": "..."}')
    .action(async (given: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<CheckOptions>()
      await withPolicyBench(terminal, options, async ({ config, read, pools, embedder }) => {
        const [{ parsePolicy }, { lintDeeply }, { extractivePool }] = await Promise.all([
          import('../../../policies/index.ts'),
          import('../../../policies/linter/lint.ts'),
          import('../../dispatch/line.ts'),
        ])
        const { data, ...text } = await read(given)
        const { source } = text
        const configured = pools.filter(({ name }) => name !== extractivePool)
        const steps = [...(await recordedSteps(options, config, terminal)), ...(await givenSteps(options, terminal))]
        const { signal } = terminal
        const findings = await lintDeeply(parsePolicy(data, { ...text, pools, embedder }), { pools: configured, embedder, steps, signal })
        const counts = countsOf(findings)
        if (options.json === true) printJson(terminal, { policy: source, ...counts, steps: steps.length, findings })
        else printText(terminal, inWords(source, findings))
        if (counts.errors > 0) throw new FailedError(`${source} has ${counts.errors} errors`, { printed: true })
      })
    })
}

async function recordedSteps({ since }: CheckOptions, config: Config, { signal }: Terminal): Promise<Step[]> {
  if (since === undefined) return []
  const { readRecordedSteps } = await import('../../replay/recorded-steps.ts')
  return readRecordedSteps(config, Date.now() - since, signal)
}

async function givenSteps({ steps: file }: CheckOptions, terminal: Terminal): Promise<Step[]> {
  if (file === undefined) return []
  const [{ parseRows }, { givenSchema, givenStep }, content] = await Promise.all([
    import('../../evaluation/labelled-rows.ts'),
    import('../../../policies/index.ts'),
    contentOf(file, '--steps', terminal),
  ])
  return parseRows(content, file, givenSchema as z.ZodType<Given>).map(({ row }) => givenStep(row))
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
