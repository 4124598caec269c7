import type { Pool } from '../../models/pool.ts'
import type { Grant } from '../caller.ts'
import { reachOf } from '../reach.ts'
import type { GatewayServices } from './gateway.ts'
import { ModelNameError } from './model-name-error.ts'
import { findNamed } from './named-model.ts'

/** Whom a client's name for a model means, among the pools that it reaches. @throws {ModelNameError} */
export function namedBy(asked: string, services: GatewayServices, grant: Grant): { pool?: string; model?: string; pools: readonly Pool[] } {
  const pools = reachedPools(services, grant)
  const named = findNamed(asked, pools, services.config().route)
  if ('refused' in named) throw new ModelNameError(named.refused)
  return { ...named, pools }
}

export function reachedPools(services: GatewayServices, grant: Grant): readonly Pool[] {
  const reach = reachOf(grant, services.config())
  return services.pools().filter(({ name }) => reach.pool(name))
}
