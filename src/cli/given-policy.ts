import type { Embedder } from '../../models/embedder.ts'
import type { Pool } from '../../models/pool.ts'
import type { Config } from '../config/config.ts'
import type { PolicyText } from '../load-policy.ts'
import { openConfig } from './open-box.ts'
import type { GlobalOptions } from './options.ts'
import { policyArgument } from './policy-argument.ts'
import type { Terminal } from './terminal.ts'

/** What the commands about policies work on. */
export interface PolicyBench {
  readonly config: Config
  /** Those that are configured. */
  readonly pools: readonly Pool[]
  readonly embedder: Embedder
  /** The policy of the configuration, a shipped one by its name, or a file. */
  read(given: string | undefined): Promise<PolicyText>
}

/** Looks at policies beside the configuration; no database is opened, and nothing is called but the embedder where a signal needs it. */
export async function withPolicyBench<Result>(
  terminal: Terminal,
  options: GlobalOptions,
  use: (bench: PolicyBench) => Promise<Result>,
): Promise<Result> {
  const { config } = await openConfig(terminal, options, 'warn')
  const [{ createPools }, { readPolicy }, { createEmbedder }] = await Promise.all([
    import('../pools.ts'),
    import('../load-policy.ts'),
    import('../embedder.ts'),
  ])
  const embedder = createEmbedder(config)
  try {
    const { pools } = await createPools(config, undefined)
    return await use({
      config,
      pools,
      embedder,
      read: (given) => readPolicy(given === undefined ? config.policy : policyArgument(given, terminal)),
    })
  } finally {
    await embedder.close()
  }
}
