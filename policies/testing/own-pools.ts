import type { Deployment, Price } from '../../models/deployment.ts'
import type { Pool } from '../../models/pool.ts'
import { extractiveDeployment } from '../../models/providers/extractive.ts'
import type { TestPools } from './test-file.ts'

/** Pools that exist for a test alone, and the built-in one, which is always there. */
export function ownPools(given: TestPools): Pool[] {
  const pools = Object.entries(given).map(([name, { models, local, computer, for: purpose }]): Pool => {
    const deployments = models.map((one) => deploymentOf(one, local))
    return { name, deployments, expose: false, purpose, local, modalities: ['text'], computer }
  })
  return [...pools, builtIn]
}

const builtIn: Pool = {
  name: extractiveDeployment.provider,
  deployments: [extractiveDeployment],
  expose: false,
  purpose: '',
  local: true,
  modalities: ['text'],
  computer: false,
}

function deploymentOf(given: TestPools[string]['models'][number], inLocalPool: boolean): Deployment {
  const local = given.local ?? inLocalPool
  const slash = given.model.indexOf('/')
  return {
    id: given.model,
    provider: given.model.slice(0, slash),
    model: given.model.slice(slash + 1),
    local,
    contextTokens: given.context_tokens,
    maxOutputTokens: given.max_output_tokens,
    modalities: given.modalities ?? ['text', 'image', 'file'],
    toolCalls: given.tool_calls,
    imageRule: 'generic',
    price: priceOf(given.price ?? (local ? { input: 0, output: 0 } : undefined)),
    source: 'test',
  }
}

function priceOf(price: { input: number; output: number } | undefined): Price | null {
  return price === undefined ? null : { inputPerMillion: price.input, outputPerMillion: price.output, source: 'test' }
}
