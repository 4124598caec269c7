import type { Command } from 'commander'
import type { Config } from '../../config/config.ts'
import { openConfig } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { printJson, printText, table } from '../output.ts'
import type { Terminal } from '../terminal.ts'
import { addMintedKeys } from './minted-keys.ts'

interface KeyFacts {
  readonly provider: string
  readonly looked_in: string
  readonly present: boolean
  /** Pools with a model of this provider. */
  readonly pools: readonly string[]
}

export function addKeys(program: Command, terminal: Terminal): void {
  const keys = program
    .command('keys')
    .description('where the keys of providers are looked for, and whether they are there; never a key itself')
    .action(async (_options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>()
      const { config } = await openConfig(terminal, options, 'warn')
      const facts = keyFacts(config)
      if (options.json === true) printJson(terminal, { keys: facts })
      else printText(terminal, table([['provider', 'key', 'looked for in', 'used by pools'], ...facts.map(row)]))
    })
  addMintedKeys(keys, terminal)
}

function keyFacts({ providers, pools, origin }: Config): KeyFacts[] {
  return providers.map(({ name, apiKey, apiKeyVariable, loopback }) => ({
    provider: name,
    looked_in:
      apiKeyVariable ??
      (apiKey !== undefined
        ? `api_key in ${origin.path}`
        : loopback
          ? 'nowhere: this machine needs none'
          : 'nowhere: no api_key is configured'),
    present: apiKey !== undefined,
    pools: pools.filter((pool) => pool.models.some((model) => model.startsWith(`${name}/`))).map((pool) => pool.name),
  }))
}

function row({ provider, looked_in, present, pools }: KeyFacts): string[] {
  return [provider, present ? 'there' : 'missing', looked_in, pools.length === 0 ? 'none' : pools.join(', ')]
}
