import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Log } from '../log.ts'
import { isAlive, openRunFolder } from './place.ts'

const ending = '.http'
const record = z.strictObject({ url: z.url({ protocol: /^https?$/ }) })

/**
 * Writes down where this process listens, for the command that opens its console. Where that cannot be, the console is opened by
 * the address alone.
 *
 * @returns What takes it away again.
 */
export function noteHttpDoor(dataFolder: string, url: string, log: Log): () => void {
  try {
    const file = join(openRunFolder(dataFolder), `${process.pid}${ending}`)
    writeFileSync(file, JSON.stringify({ url }), { mode: 0o600 })
    return () => rmSync(file, { force: true })
  } catch (error) {
    log.warn('Cannot write down where this process listens: "signalbox console" will not find it', { error })
    return () => undefined
  }
}

/** Addresses of processes that live. What those have left behind that were killed is removed. */
export function httpDoors(dataFolder: string): string[] {
  const folder = openRunFolder(dataFolder)
  return readdirSync(folder)
    .filter((name) => name.endsWith(ending))
    .flatMap((name) => {
      const path = join(folder, name)
      if (!isAlive(Number(name.slice(0, -ending.length)))) {
        rmSync(path, { force: true })
        return []
      }
      try {
        return [record.parse(JSON.parse(readFileSync(path, 'utf8'))).url]
      } catch {
        // Half written, or none of ours.
        return []
      }
    })
}
