import type { ComputerAction, Point } from '../../models/computer/action.ts'
import type { ActionBlock, SafetyCheck } from '../../models/computer/format.ts'
import type { Taint } from '../../models/taint.ts'
import type { Seen } from './screens.ts'

/** One action as every layer of the guard gets to see it. */
export interface Proposal extends Seen {
  readonly block: ActionBlock
  /** Its place in the model's turn, from 0: what came before it may have changed the screen. */
  readonly index: number
  readonly claim: string | undefined
  /** The address of the page, where there is one. */
  readonly url: string | undefined
  /** What the person has asked for. */
  readonly task: string | undefined
  readonly taint: Taint
  readonly safetyChecks: readonly SafetyCheck[]
}

/** Where an action goes on the screen; `undefined` for one that goes where the focus is. */
export function pointOf(action: ComputerAction): Point | undefined {
  if ('at' in action && action.at !== undefined) return action.at
  return action.type === 'drag' ? action.path[0] : undefined
}
