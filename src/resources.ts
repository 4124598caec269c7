import { turnsOf } from '../memory/index.ts'
import type { Caller } from './caller.ts'
import { isAllowed } from './operations/permission.ts'
import type { Services } from './operations/services.ts'
import { summaryFields, turnFields } from './operations/threads.ts'
import { reachOf } from './reach.ts'
import type { Signalbox } from './signalbox.ts'

const maxCompletions = 100

/** What a caller can read by URI, and what it can be helped to spell. Another caller's things are not there. */
export function createResources(services: Services): Pick<Signalbox, 'readResource' | 'complete'> {
  return {
    async readResource(uri, caller) {
      const [, kind, id] = /^signalbox:\/\/(decision|thread|frame)\/([A-Za-z0-9_.~%-]+)$/.exec(uri) ?? []
      if (kind === undefined || id === undefined) return undefined
      if (kind === 'decision') {
        const decision = await services.decisions.get(caller.principal, id)
        // What it would be made again from is for `replay`, and long.
        const { recorded: _recorded, ...shown } = decision ?? {}
        return decision && { uri, mimeType: 'application/json', text: JSON.stringify(shown, null, 2) }
      }
      if (kind === 'thread') return readThread(services, uri, id, caller)
      const frame = await services.frames.get(caller.principal, id)
      return frame && { uri, mimeType: frame.mediaType, blob: Buffer.from(frame.bytes).toString('base64') }
    },

    async complete({ operation, value }, caller) {
      const reach = reachOf(caller, services.config())
      const starts = (name: string) => name.toLowerCase().startsWith(value.toLowerCase())
      switch (operation) {
        case 'pool':
          return services
            .pools()
            .map((pool) => pool.name)
            .filter((name) => reach.pool(name) && starts(name))
            .slice(0, maxCompletions)
        case 'tool': {
          const allowed = services.host.catalogue().tools.filter((tool) => isAllowed(services, tool, caller))
          return allowed
            .map((tool) => tool.name)
            .filter(starts)
            .slice(0, maxCompletions)
        }
        case 'thread': {
          const { threads } = await services.threads.list(caller.principal, { limit: 500 })
          return threads
            .flatMap(({ name, thread }) => (name === undefined ? [thread] : [name, thread]))
            .filter(starts)
            .slice(0, maxCompletions)
        }
      }
    },
  }
}

async function readThread(services: Services, uri: string, id: string, caller: Caller) {
  const thread = await services.threads.get(caller.principal, id)
  if (thread === undefined) return undefined
  const turns: ReturnType<typeof turnFields>[] = []
  // Page by page: what is shown of a turn holds none of its images.
  for await (const turn of turnsOf(services.threads, caller.principal, thread.thread)) turns.push(turnFields(turn))
  return { uri, mimeType: 'application/json', text: JSON.stringify({ ...summaryFields(thread), turns }, null, 2) }
}
