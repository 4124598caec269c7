import { isForeign } from '../dispatch/context.ts'
import type { Services } from './services.ts'

const lookedThrough = 200

/** Whether anything that a tool or a screen said stands in the thread. */
export async function isTainted(threads: Services['threads'], principal: string, id: string): Promise<boolean> {
  const turns = await threads.turns(principal, id, { last: lookedThrough })
  return turns.some((turn) => isForeign(turn.trust))
}
