import { describeDeployment, embeddingPrice, type ProviderFacts } from '../models/catalogue.ts'
import type { Deployment, Price } from '../models/deployment.ts'
import type { Embedder } from '../models/embedder.ts'
import type { Pool } from '../models/pool.ts'
import type { Provider } from '../models/provider.ts'
import { createExtractive, extractiveDeployment } from '../models/providers/extractive.ts'
import { createOwnProvider, createProvider, type ProviderDefinition } from '../models/providers/index.ts'
import type { Config, PoolConfig } from './config/config.ts'
import { extractivePool } from './dispatch/line.ts'

export interface PoolSet {
  /** In the order of the configuration; the built-in extractive pool comes last. */
  readonly pools: readonly Pool[]
  /** @throws {RangeError} If no pool holds the deployment. */
  provider(deployment: Deployment): Provider
  providerNamed(name: string): Provider | undefined
  /** Of an embedding model, which is in no pool. `null`: nobody knows. */
  embeddingPrice(provider: string, model: string): Promise<Price | null>
}

/** The pools and providers that a configuration names, and the one pool that is always there. */
export async function createPools(
  config: Pick<Config, 'pools' | 'providers'>,
  embedder: Embedder | undefined,
  own: readonly ProviderDefinition[] = [],
): Promise<PoolSet> {
  const extractive = createExtractive({ embedder })
  const providers = new Map<string, Provider>([
    [extractive.name, extractive],
    ...config.providers.map((provider) => [provider.name, createProvider(provider)] as const),
    ...own.map((provider) => [provider.name, createOwnProvider(provider)] as const),
  ])
  const pools = await Promise.all(
    config.pools.map(async (pool): Promise<Pool> => {
      const deployments = await Promise.all(pool.models.map((model) => deploymentOf(model, pool, config, own)))
      const { name, expose, purpose, local, modalities, computer } = pool
      return { name, expose, purpose, local, modalities, computer, deployments }
    }),
  )
  return {
    pools: [...pools.filter((pool) => pool.name !== extractivePool), builtIn],
    providerNamed: (name) => providers.get(name),
    async embeddingPrice(name, model) {
      const provider = config.providers.find((one) => one.name === name)
      return provider === undefined ? null : embeddingPrice(provider, model)
    },
    provider(deployment) {
      const provider = providers.get(deployment.provider)
      if (provider === undefined) throw new RangeError(`Cannot call ${deployment.id}: no provider "${deployment.provider}" is configured`)
      return provider
    },
  }
}

const builtIn: Pool = {
  name: extractivePool,
  deployments: [extractiveDeployment],
  expose: false,
  purpose: '',
  local: true,
  modalities: ['text'],
  computer: false,
}

function deploymentOf(
  id: string,
  { modalities }: PoolConfig,
  config: Pick<Config, 'providers'>,
  own: readonly ProviderDefinition[],
): Promise<Deployment> {
  const name = id.slice(0, id.indexOf('/'))
  const model = id.slice(name.length + 1)
  const defined = own.find((one) => one.name === name)
  if (defined !== undefined) return describeDeployment(factsOf(defined), model, { modalities, ...defined.models?.[model] })
  const provider = config.providers.find((one) => one.name === name)
  if (provider === undefined) throw new RangeError(`Cannot use ${id}: no provider "${name}" is configured`)
  return describeDeployment(provider, model, { modalities })
}

function factsOf({ name, local = false, price }: ProviderDefinition): ProviderFacts {
  return {
    name,
    baseUrl: `own://${name}`,
    loopback: local,
    trustedLocal: false,
    price: price && { ...price, source: 'provider definition' },
  }
}
