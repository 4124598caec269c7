import type { Config, ProviderConfig } from '../../config/config.ts'
import { listModels } from '../init/local-models.ts'
import { type Finding, fail, ok, warn } from './finding.ts'

/** Whether each pool has a model that could be called. Clouds are not asked: a check costs nothing and tells nobody anything. */
export function checkPools({ pools, providers }: Config): Finding[] {
  const needed = new Map(providers.map((provider) => [provider.name, provider]))
  if (pools.length === 0)
    return [warn('pools', 'no model pool is configured: answers are taken from the given text', 'run: signalbox init, or add pools:')]
  return pools.map((pool) => {
    const without = pool.models.filter((model) => isWithoutKey(needed.get(providerOf(model))))
    const missing = [...new Set(without.map((model) => keyOf(needed.get(providerOf(model)))))].join(', ')
    const check = `pool ${pool.name}`
    if (without.length === 0) return ok(check, pool.models.join(', '))
    const mend = `set ${missing}, or take the models out`
    if (without.length === pool.models.length) return fail(check, `no model can answer: the key is missing for ${without.join(', ')}`, mend)
    return warn(check, `the key is missing for ${without.join(', ')}`, mend)
  })
}

/** Whether the model servers of this machine (and those trusted like it) answer, and have the models that pools name. */
export async function checkLocalProviders({ pools, providers }: Config, signal: AbortSignal): Promise<Finding[]> {
  const used = providers.filter((provider) => provider.loopback || provider.trustedLocal)
  const findings = await Promise.all(
    used.map(async (provider): Promise<Finding> => {
      const check = `provider ${provider.name}`
      const wanted = pools.flatMap((pool) => pool.models).filter((model) => providerOf(model) === provider.name)
      if (provider.kind === 'anthropic') return ok(check, `${provider.baseUrl} (not asked: it has no list of models)`)
      try {
        const offered = await listModels(provider.baseUrl, { apiKey: provider.apiKey, timeoutMs: 3000, signal })
        const absent = [...new Set(wanted)].filter((model) => !offered.includes(model.slice(provider.name.length + 1)))
        if (absent.length === 0) return ok(check, `${provider.baseUrl} answers with ${offered.length} models`)
        return warn(check, `${provider.baseUrl} does not have ${absent.join(', ')}`, `it has: ${offered.slice(0, 10).join(', ') || 'none'}`)
      } catch {
        signal.throwIfAborted()
        return warn(check, `${provider.baseUrl}/models does not answer`, 'start the model server, or correct base_url')
      }
    }),
  )
  return findings
}

function isWithoutKey(provider: ProviderConfig | undefined): boolean {
  return provider !== undefined && provider.apiKey === undefined && !provider.loopback && !provider.trustedLocal
}

function keyOf(provider: ProviderConfig | undefined): string {
  return provider?.apiKeyVariable ?? `providers.${provider?.name}.api_key`
}

function providerOf(model: string): string {
  return model.slice(0, model.indexOf('/'))
}
