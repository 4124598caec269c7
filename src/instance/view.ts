import { type AttachedClient, isAlive, liveRecords, openRunFolder } from './place.ts'

/** The process that serves, as `status` tells of it. */
export interface InstanceView {
  readonly pid: number
  readonly since: string
  /** Whether other clients of the user may share it. */
  readonly shared: boolean
  /** Why it is not shared. */
  readonly why: string | undefined
  readonly clients: readonly AttachedClient[]
}

/** Other instances on the same data folder. */
export interface OtherInstance {
  readonly pid: number
  readonly since: string
  readonly version: string
  readonly workingFolder: string
  readonly clients: readonly AttachedClient[]
}

/** A process that serves one client, or one command, or HTTP. */
export function aloneView(why: string | undefined): InstanceView {
  const since = new Date(Date.now() - process.uptime() * 1000).toISOString()
  return { pid: process.pid, since, shared: false, why, clients: [] }
}

/** Empty as well where the folder in which they are found cannot be trusted: nothing is shared then. */
export function otherInstances(dataFolder: string): OtherInstance[] {
  try {
    return liveRecords(openRunFolder(dataFolder))
      .filter(({ pid }) => pid !== process.pid)
      .map(({ pid, since, version, workingFolder, clients }) => ({
        pid,
        since,
        version,
        workingFolder,
        clients: clients.filter((client) => isAlive(client.pid)),
      }))
  } catch {
    return []
  }
}
