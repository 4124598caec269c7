import { frameRow, type RowStore } from '../../memory/index.ts'
import type { ComputerAction } from '../../models/computer/action.ts'
import type { Frame } from '../../tools/computer/frame.ts'
import type { Verdict } from '../../tools/computer/guard/verdict.ts'

/** What `check_action` said of actions on a screen, for whoever looks at the screen afterwards. */
export interface KeptCheck {
  readonly at: number
  readonly actions: readonly ComputerAction[]
  readonly verdict: Verdict
  readonly reasons: readonly string[]
  /** Whether a person's yes let it pass. */
  readonly approved: boolean
}

/** It lies with the screenshot, and is forgotten with it. */
export type CheckedFrame = Frame & { readonly checks?: readonly KeptCheck[] }

const mostChecks = 20

export async function keepCheck(rows: Pick<RowStore, 'update'>, principal: string, frame: string, check: KeptCheck): Promise<void> {
  const kept: KeptCheck = { ...check, actions: check.actions.map(withoutText) }
  await rows.update<CheckedFrame>(principal, frameRow, frame, (facts) => ({
    ...facts,
    checks: [...(facts.checks ?? []), kept].slice(-mostChecks),
  }))
}

/** What is typed may be a password, and nobody needs it to see what was judged. */
function withoutText(action: ComputerAction): ComputerAction {
  return action.type === 'type' ? { ...action, text: `(${action.text.length} characters)` } : action
}
