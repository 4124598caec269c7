import type { Command } from 'commander'
import type { PolicyDiff } from '../../../policies/index.ts'
import { withPolicyBench } from '../given-policy.ts'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'

export function addPolicyDiff(policy: Command, terminal: Terminal): void {
  policy
    .command('diff')
    .description('say what changes from one policy to another: its parts, and which decisions of the tests of both')
    .argument('<before>', 'a shipped policy or a file')
    .argument('<after>', 'a shipped policy or a file')
    .action(async (before: string, after: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>()
      await withPolicyBench(terminal, options, async ({ read, pools, embedder }) => {
        const { diffPolicies } = await import('../../../policies/index.ts')
        const diff = await diffPolicies(await read(before), await read(after), { pools, embedder })
        if (options.json === true) printJson(terminal, diff)
        else printText(terminal, inWords(diff))
      })
    })
}

const signs = { added: '+', removed: '-', changed: '~' } as const

function inWords({ parts, decisions, tests, unfit }: PolicyDiff): string {
  const changes = parts.flatMap(({ part, name, change, fields }) => [
    `${signs[change]} ${part} ${name}`,
    ...fields.map(({ field, before, after }) => `    ${field === 'value' ? '' : `${field}: `}${inJson(before)} -> ${inJson(after)}`),
  ])
  const decided = decisions.flatMap(({ test, source, before, after }) => [
    `"${test}" (${source})`,
    `    ${before.model ?? 'nobody'} by ${before.rule} -> ${after.model ?? 'nobody'} by ${after.rule}`,
  ])
  return [
    ...(changes.length === 0 ? ['No part differs.'] : changes),
    '',
    `Of ${tests} steps in the tests of both, ${decisions.length} would be decided otherwise.`,
    ...decided,
    ...unfit.map(({ test, error }) => `"${test}" cannot be compared: ${error}`),
  ].join('\n')
}

function inJson(value: unknown): string {
  return JSON.stringify(value) ?? 'nothing'
}
