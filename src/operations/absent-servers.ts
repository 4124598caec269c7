import type { Caller } from '../caller.ts'
import { reachFor } from './permission.ts'
import type { Services } from './services.ts'

/** A server that this caller reaches, and that has no tools to find or call now. */
interface AbsentServer {
  readonly name: string
  /** In a clause. Why it does not run is for `status` to say: it may name what only the owner may know. */
  readonly why: string
}

/** What is not there must be said: a model would take its tools for tools that do not exist. */
export function absentServers(services: Services, caller: Caller): AbsentServer[] {
  const reach = reachFor(services, caller)
  return services.host.servers().flatMap(({ name, phase, tools }) => {
    if (tools > 0 || !reach.server(name)) return []
    if (phase === 'starting') return [{ name, why: `the server "${name}" is still starting` }]
    return phase === 'failed' ? [{ name, why: `the server "${name}" does not run, see status` }] : []
  })
}

/** The one whose tool this name would be. */
export function absentServerOf(services: Services, name: string, caller: Caller): AbsentServer | undefined {
  return absentServers(services, caller).find((server) => name.startsWith(`${server.name}_`))
}
