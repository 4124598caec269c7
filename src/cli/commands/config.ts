import type { Command } from 'commander'
import type { Config } from '../../config/config.ts'
import { loadConfig } from '../../config/load.ts'
import { configSchema } from '../../config/schema.ts'
import { surroundingsOf } from '../open-box.ts'
import type { GlobalOptions } from '../options.ts'
import { note, printJson, printText } from '../output.ts'
import type { Terminal } from '../terminal.ts'

export function addConfig(program: Command, terminal: Terminal): void {
  const config = program.command('config').description('the JSON Schema of the configuration, and a check of a file')
  config
    .command('schema')
    .description('the JSON Schema, for editors')
    .action(() => printJson(terminal, configSchema()))
  config
    .command('check')
    .description('say all that is wrong with a configuration')
    .argument('[file]', 'the one that would run, unless given')
    .action(async (file: string | undefined, _options: unknown, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions>()
      const config = await loadConfig({ ...surroundingsOf(terminal), path: file ?? options.config })
      await checkPolicy(config)
      const { origin, pools, servers } = config
      if (origin.ignored !== undefined) note(terminal, `Ignored ${origin.ignored.path}: ${origin.ignored.reason}`)
      if (options.json === true) printJson(terminal, { valid: true, path: origin.path ?? null, from: origin.kind })
      else printText(terminal, `${origin.path ?? 'The embedded defaults'}: valid (${pools.length} pools, ${servers.length} tool servers)`)
    })
}

/** A policy is checked against the pools that it speaks of. Nothing is called or loaded for that. */
async function checkPolicy(config: Config): Promise<void> {
  const [{ createPools }, { loadPolicy }] = await Promise.all([import('../../pools.ts'), import('../../load-policy.ts')])
  const { pools } = await createPools(config, undefined)
  await loadPolicy(config, { pools, embedder: undefined })
}
