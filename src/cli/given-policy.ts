import type { Embedder } from '../../models/embedder.ts'
import type { Pool } from '../../models/pool.ts'
import type { Config } from '../config/config.ts'
import type { Askable, PolicyText } from '../load-policy.ts'
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
  read(given: string | undefined): Promise<PolicyText & Askable>
}

/** Looks at policies beside the configuration: no database is opened, no server is hosted, and a signal asks the embedder or a URL alone. */
export async function withPolicyBench<Result>(
  terminal: Terminal,
  options: GlobalOptions,
  use: (bench: PolicyBench) => Promise<Result>,
): Promise<Result> {
  const { config, log } = await openConfig(terminal, options, 'warn')
  const [{ createPools }, { readPolicy }, { createEmbedder }, { createClassify, mayTakeVariables }] = await Promise.all([
    import('../pools.ts'),
    import('../load-policy.ts'),
    import('../embedder.ts'),
    import('../classify.ts'),
  ])
  const embedder = createEmbedder(config)
  const variables = { env: terminal.env, hide: log.hide }
  try {
    const { pools } = await createPools(config, undefined)
    return await use({
      config,
      pools,
      embedder,
      async read(given) {
        const policy = given === undefined ? config.policy : policyArgument(given, terminal)
        const classify = createClassify(mayTakeVariables(policy, config) ? variables : undefined)
        return { ...(await readPolicy(policy)), classify, callTool: refuseTool }
      },
    })
  } finally {
    await embedder.close()
  }
}

async function refuseTool({ tool }: { readonly tool: string }): Promise<never> {
  throw new Error(`Cannot ask the tool "${tool}": no server is hosted here`)
}
