import type { Services } from './operations/services.ts'

/** Whether requests can be answered well, and each thing that this hangs on: its name, and a word that tells nobody what is configured. */
export interface Readiness {
  readonly ready: boolean
  readonly checks: Readonly<Record<string, string>>
}

type Looked = Pick<Services, 'store' | 'config' | 'pools' | 'health' | 'host'>

/**
 * - `configuration`: what runs was valid when it was taken up; `refused` where its file is not valid any more, which stops nothing.
 * - `store`: the database answers.
 * - `models`: one of the pools' models can be called now; `none configured` where tools alone are hosted.
 * - `tools`: how many hosted servers have failed. One that is dead costs only itself.
 */
export async function readinessOf(services: Looked, { isRefused }: { isRefused: boolean }): Promise<Readiness> {
  const store = await services.store.rows.get('local', 'readiness', 'none').then(
    () => 'ok',
    () => 'cannot be read',
  )
  const models = modelsIn(services)
  const failed = services.host.servers().filter(({ phase }) => phase === 'failed').length
  return {
    ready: store === 'ok' && models !== 'none can be called',
    checks: { configuration: isRefused ? 'refused' : 'ok', store, models, tools: failed === 0 ? 'ok' : `${failed} failed` },
  }
}

function modelsIn({ config, pools, health }: Looked): string {
  const { providers, pools: configured } = config()
  if (configured.length === 0) return 'none configured'
  const named = new Set(configured.map(({ name }) => name))
  const all = pools().flatMap(({ name, deployments }) => (named.has(name) ? deployments : []))
  const canBeCalled = all.some(({ id, provider, local }) => {
    const known = providers.find(({ name }) => name === provider)
    // One that is not of the configuration sees to its credentials itself.
    const hasKey = local || known === undefined || known.apiKey !== undefined
    return hasKey && health.availability(id).state !== 'cooling'
  })
  return canBeCalled ? 'ok' : 'none can be called'
}
