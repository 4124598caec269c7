import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { Document, parse } from 'yaml'
import type { ConvertedPolicy } from '../../../policies/index.ts'
import { FailedError, UsageError } from '../failures.ts'
import type { GlobalOptions } from '../options.ts'
import { note, printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'

interface ConvertOptions extends GlobalOptions {
  readonly recipe?: string
}

export function addPolicyConvert(policy: Command, terminal: Terminal): void {
  policy
    .command('convert')
    .description('make a policy of a configuration of the vLLM Semantic Router; what could not be carried over is said on stderr')
    .argument('<file>', 'its config.yaml')
    .option('--recipe <name>', 'which of its recipes; its own routing, or else the first, unless given')
    .action(async (file: string, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<ConvertOptions>()
      const converted = await convert(file, options, terminal)
      if (options.json === true) printJson(terminal, converted)
      else printText(terminal, inYaml(converted, file))
      for (const sentence of converted.missing) note(terminal, `not carried over: ${sentence}`)
      note(terminal, `${converted.policy.rules.length} rules; ${converted.missing.length} things were not carried over as they were`)
    })
}

async function convert(file: string, { recipe }: ConvertOptions, { cwd }: Terminal): Promise<ConvertedPolicy> {
  const text = await readFile(resolve(cwd, file), 'utf8').catch((cause: NodeJS.ErrnoException) => {
    throw new UsageError(`Cannot read ${file} (${cause.code ?? cause.message})`, { cause })
  })
  const { ConvertError, convertSemanticRouter } = await import('../../../policies/index.ts')
  try {
    return convertSemanticRouter(parse(text), { recipe })
  } catch (error) {
    if (error instanceof ConvertError) throw new FailedError(error.message)
    throw new FailedError(`Cannot read ${file} as YAML: ${(error instanceof Error ? error.message : String(error)).split('\n')[0]}`)
  }
}

/** With a comment that says which pools the configuration needs, and what is left for a person. */
function inYaml({ policy, pools, missing }: ConvertedPolicy, file: string): string {
  const document = new Document(policy, { aliasDuplicateObjects: false })
  document.commentBefore = [
    ` Converted from ${file.replace(/[\r\n]/g, ' ')}, a configuration of the vLLM Semantic Router.`,
    ' Your configuration has to define these pools, each model with one of your providers before the slash:',
    ' pools:',
    ...Object.entries(pools).map(([name, { models }]) => `   ${name}: { models: [${models.join(', ')}] }`),
    ...(missing.length === 0
      ? []
      : [' Not carried over, or in another way:', ...missing.map((sentence) => `   ${sentence.replace(/\s+/g, ' ')}`)]),
  ].join('\n')
  return document.toString({ lineWidth: 140 })
}
