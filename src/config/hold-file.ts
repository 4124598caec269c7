import { open, rm, stat } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

export interface HoldOptions {
  /** Who holds it for longer has died. */
  readonly staleMs: number
  readonly waitMs: number
}

/** Waits until nobody else, in this process or another, holds the file. @returns How to let the next one. */
export async function holdFile(path: string, { staleMs, waitMs }: HoldOptions): Promise<() => Promise<void>> {
  const until = Date.now() + waitMs
  for (;;) {
    try {
      await (await open(path, 'wx', 0o600)).close()
      return () => rm(path, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const held = await stat(path).catch(() => undefined)
      if (held && Date.now() - held.mtimeMs > staleMs) await rm(path, { force: true })
      else if (Date.now() > until) throw new Error(`${basename(path)} in ${dirname(path)} is held by another process`, { cause: error })
      await sleep(20 + Math.random() * 30)
    }
  }
}
