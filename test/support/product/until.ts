import { setTimeout as sleep } from 'node:timers/promises'

type Nothing = undefined | false | 0 | ''

/** Looks again and again until there is something: what cannot be awaited, such as another process, is found so. */
export async function until<T>(look: () => T | Nothing | Promise<T | Nothing>, what: string, limitMs = 15_000): Promise<T> {
  const limit = Date.now() + limitMs
  while (true) {
    const found = await look()
    if (found) return found
    if (Date.now() > limit) throw new Error(`Waited in vain until ${what}`)
    await sleep(30)
  }
}
