import { hostname } from 'node:os'

/** This process, as other processes on the same file can tell whether it still lives. */
export interface Owner {
  readonly instance: string
  readonly host: string
  readonly pid: number
}

export function thisProcess(instance: string): Owner {
  return { instance, host: hostname(), pid: process.pid }
}

/** Whether the process that owns a row may still be at work. Another host's is believed until its rows expire. */
export function mayLive(owner: Owner, self: Owner): boolean {
  if (owner.instance === self.instance) return true
  if (owner.host !== self.host) return true
  if (owner.pid === self.pid) return false
  try {
    process.kill(owner.pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
