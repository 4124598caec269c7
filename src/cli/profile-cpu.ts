import { mkdirSync, writeFileSync } from 'node:fs'
import { Session } from 'node:inspector/promises'
import { join } from 'node:path'

/**
 * Takes down from now on where this process spends its time, for the developer tools of Chromium or `node --cpu-prof` readers.
 *
 * @returns What ends it, and gives the file. Function names and lines of Signalbox stand in it, and nothing that it worked on.
 */
export async function profileCpu(folder: string): Promise<() => Promise<string>> {
  mkdirSync(folder, { recursive: true })
  const session = new Session()
  session.connect()
  await session.post('Profiler.enable')
  await session.post('Profiler.start')
  return async () => {
    const { profile } = await session.post('Profiler.stop')
    session.disconnect()
    const file = join(folder, `signalbox-${process.pid}-${new Date().toISOString().replaceAll(':', '')}.cpuprofile`)
    writeFileSync(file, JSON.stringify(profile), { mode: 0o600 })
    return file
  }
}
