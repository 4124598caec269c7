import { matchesAny } from '../../models/globs.ts'
import type { Pool } from '../../models/pool.ts'
import { nearestName } from '../config/nearest.ts'

/** Names that Signalbox gives: `signalbox/auto` and `signalbox/<pool>`. */
export const ownPrefix = 'signalbox/'
const auto = `${ownPrefix}auto`

/** Whom a client's name for a model means: one model, one pool, or whom the policy finds. */
export type NamedModel = { readonly pool?: string; readonly model?: string } | { readonly refused: string }

/**
 * A concrete model is taken as it is named (`provider/model`, or the model alone where a pool has it); names that agents insist on
 * are mapped by `route` first, the first glob that matches counts.
 */
export function findNamed(asked: string, pools: readonly Pool[], route: Readonly<Record<string, string>>): NamedModel {
  const [, routed] = Object.entries(route).find(([glob]) => matchesAny(asked, [glob])) ?? []
  const name = routed ?? asked
  if (name === auto) return {}
  if (name.startsWith(ownPrefix)) {
    const pool = name.slice(ownPrefix.length)
    if (pools.some((one) => one.name === pool)) return { pool }
  } else {
    const deployments = pools.flatMap((pool) => pool.deployments)
    const found = deployments.find(({ id }) => id === name) ?? deployments.find(({ model }) => model === name)
    if (found !== undefined) return { model: found.id }
  }
  return { refused: `${said(asked, routed)}${nearestTo(name, pools)}. ${hint(asked, routed)}` }
}

/** The names that `findNamed` takes, for lists: those of Signalbox first. */
export function namesOf(pools: readonly Pool[], route: Readonly<Record<string, string>>): string[] {
  const mapped = Object.keys(route).filter((name) => !name.includes('*'))
  const models = pools.flatMap((pool) => pool.deployments.map(({ id }) => id))
  return [...new Set([auto, ...pools.map(({ name }) => `${ownPrefix}${name}`), ...mapped, ...models])]
}

function said(asked: string, routed: string | undefined): string {
  return routed === undefined
    ? `No model ${JSON.stringify(asked)} is in a pool that you reach`
    : `${JSON.stringify(asked)} is routed to ${JSON.stringify(routed)}, which is in no pool that you reach`
}

function nearestTo(name: string, pools: readonly Pool[]): string {
  const nearest = nearestName(name, namesOf(pools, {}))
  return nearest === undefined ? '' : ` (did you mean ${JSON.stringify(nearest)}?)`
}

function hint(asked: string, routed: string | undefined): string {
  if (routed !== undefined) return 'Mend route in the configuration'
  return `Ask for ${auto}, or map the name in the configuration: route: {${JSON.stringify(asked)}: ${auto}}`
}
