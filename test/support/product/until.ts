import { setTimeout as sleep } from 'node:timers/promises'

/** Looks again and again until there is something: what cannot be awaited, such as another process, is found so. */
export async function until<T>(look: () => T | undefined | Promise<T | undefined>, what: string): Promise<T> {
  const limit = Date.now() + 15_000
  while (true) {
    const found = await look()
    if (found !== undefined && found !== false) return found
    if (Date.now() > limit) throw new Error(`Waited in vain until ${what}`)
    await sleep(30)
  }
}
