import { matchesAny } from '../models/globs.ts'
import type { HostedTool } from '../tools/tool.ts'
import { type Bounds, ownerRole, type Viewer } from './caller.ts'
import type { Config, ProfileConfig } from './config/config.ts'
import type { SpendCap } from './dispatch/budget.ts'
import { extractivePool } from './dispatch/line.ts'

/** What somebody sees and may use at all: asked before anything is ranked, and again before it is used. */
export interface Reach {
  tool(tool: HostedTool): boolean
  /** Whether anything of the server is reached. */
  server(server: string): boolean
  /** The server's prompts and resources. */
  content(server: string): boolean
  /** The pool that quotes what it is given is open to everybody. */
  pool(pool: string): boolean
  /** Whether nothing but what is held back from everybody is out of reach. */
  readonly everything: boolean
}

/** The profile, any of the roles, and each limit of a minted key: what is reached is reached in all three. A role that is not configured reaches nothing. */
export function reachOf({ profile, roles, limits = [] }: Viewer, config: Pick<Config, 'profiles' | 'roles'>): Reach {
  const isOwner = roles.includes(ownerRole)
  const granted = roles.flatMap((role) => (Object.hasOwn(config.roles, role) ? [config.roles[role] as Bounds] : []))
  const within = (test: (bounds: Bounds) => boolean) => (isOwner || granted.some(test)) && limits.every(test)
  const seen = profile === undefined ? undefined : profileOf(config, profile)
  const isServerSeen = (server: string) => profile === undefined || (seen !== undefined && isIn(server, seen.servers))

  return {
    tool: ({ name, server }) =>
      isServerSeen(server) &&
      (seen === undefined || seen.tools.length === 0 || matchesAny(name, seen.tools)) &&
      within((bounds) => isWithin(name, bounds.tools) && isWithin(server, bounds.servers)),
    server: (server) => isServerSeen(server) && within((bounds) => isWithin(server, bounds.servers)),
    content: (server) =>
      isServerSeen(server) &&
      within((bounds) => (bounds.servers === undefined ? bounds.tools === undefined : matchesAny(server, bounds.servers))),
    pool: (pool) => pool === extractivePool || within((bounds) => isWithin(pool, bounds.pools)),
    everything: profile === undefined && isOwner && limits.length === 0,
  }
}

/** What may be spent with a minted key: under its own link, and under each that it was minted from. */
export function capsOf({ limits = [] }: Viewer): SpendCap[] {
  return limits.flatMap(({ id, maxCostUsd }) => (maxCostUsd === undefined ? [] : [{ account: id, limitUsd: maxCostUsd }]))
}

function isWithin(name: string, globs: readonly string[] | undefined): boolean {
  return globs === undefined || matchesAny(name, globs)
}

function isIn(server: string, servers: readonly string[]): boolean {
  return servers.length === 0 || servers.includes(server)
}

/** One that is not configured has nothing. */
function profileOf({ profiles }: Pick<Config, 'profiles'>, name: string): ProfileConfig | undefined {
  return Object.hasOwn(profiles, name) ? profiles[name] : undefined
}
