import { z } from 'zod'
import { computerSessionRow as kind, type RowStore } from '../../memory/index.ts'
import type { ComputerAction } from '../../models/computer/action.ts'
import type { SafetyCheck } from '../../models/computer/format.ts'
import type { Message } from '../../models/message.ts'
import type { Verdict } from '../../tools/computer/guard/verdict.ts'

export const actionResult = z.strictObject({
  index: z.int().min(0).max(100),
  ok: z.boolean(),
  error: z.string().max(2000).optional(),
})
export type ActionResult = z.infer<typeof actionResult>

export interface ActionVerdict {
  readonly verdict: Verdict
  readonly reasons: readonly string[]
  readonly target?: Readonly<Record<string, unknown>> | undefined
}

/** What a model proposed on one frame, and what became of it. */
export interface SessionStep {
  readonly frame: string
  readonly dhash: string
  /** The model's whole answer, as the same model must have it back. */
  readonly message: Message
  readonly model: string
  readonly actions: readonly ComputerAction[]
  readonly safetyChecks: readonly SafetyCheck[]
  /** What the guard said of each action, and where each goes, as a person reads it. */
  readonly verdicts?: readonly ActionVerdict[] | undefined
  /** Whether a person has accepted what had to be confirmed. */
  readonly approved?: boolean | undefined
  readonly results?: readonly ActionResult[] | undefined
}

/** The work of one thread on a screen. */
export interface ComputerSession {
  readonly goal: string
  readonly steps: readonly SessionStep[]
  /** What it has taken by now: steps that are left out of the conversation, and those that another agent decided on, count as well. */
  readonly spent?: Spent | undefined
}

export interface Spent {
  readonly steps: number
  readonly usd: number
}

export const nothingSpent: Spent = { steps: 0, usd: 0 }

const keepMs = 7 * 24 * 3600_000
/** A model's window is full before; what is older is left out of the conversation. */
const longest = 200

/** Sessions in the shared store: after a restart the work goes on. */
export interface Sessions {
  get(principal: string, thread: string): Promise<ComputerSession | undefined>
  put(principal: string, thread: string, session: ComputerSession): Promise<void>
}

export function createSessions(rows: RowStore, now: () => number): Sessions {
  return {
    async get(principal, thread) {
      return (await rows.get<ComputerSession>(principal, kind, thread))?.value
    },
    async put(principal, thread, { goal, steps, spent }) {
      await rows.put(principal, kind, thread, { goal, steps: steps.slice(-longest), spent }, { expiresAt: now() + keepMs })
    },
  }
}

/** The session with what its newest step has come to. */
export function withResults(session: ComputerSession, results: readonly ActionResult[]): ComputerSession {
  const last = session.steps.at(-1)
  return last === undefined ? session : { ...session, steps: [...session.steps.slice(0, -1), { ...last, results }] }
}
