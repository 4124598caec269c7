import { createHash } from 'node:crypto'
import type { ComputerAction } from '../../../models/computer/action.ts'
import type { Finding } from './verdict.ts'

/** One step of a thread as the watch on loops remembers it. */
export interface PastStep {
  readonly actionHash: string
  /** `dHash` of the frame that it was decided on. */
  readonly dhash?: string | undefined
}

export interface LoopInput {
  readonly action: ComputerAction
  /** By which it is known again, where the action does not say what it goes to. */
  readonly actionHash?: string | undefined
  readonly dhash?: string | undefined
  /** Oldest first; only the newest eight are looked at. */
  readonly past: readonly PastStep[]
  readonly budget?: { readonly steps?: number | undefined; readonly usd?: number | undefined } | undefined
  readonly spent?: { readonly steps: number; readonly usd?: number | undefined } | undefined
}

const window = 8
const mostRepeats = 3
const mostUnchanged = 5
/** Of 64 bits: a caret or a clock changes fewer. */
const sameBits = 2

/** Whether the agent does the same on the same screen again and again, acts while nothing changes, or has used up what it may. */
export function checkLoop({ action, actionHash = hashAction(action), dhash, past, budget, spent }: LoopInput): readonly Finding[] {
  const found: Finding[] = []
  const find = (code: string, reason: string, verdict: Finding['verdict'] = 'confirm') =>
    void found.push({ layer: 'loop', verdict, code, reason })
  if (budget?.steps !== undefined && spent !== undefined && spent.steps >= budget.steps) {
    find('step-budget', `${spent.steps} steps were made, and ${budget.steps} may be`, 'deny')
  }
  if (budget?.usd !== undefined && spent?.usd !== undefined && spent.usd >= budget.usd) {
    find('cost-budget', `$${spent.usd.toFixed(2)} was spent, and $${budget.usd.toFixed(2)} may be`, 'deny')
  }
  // To wait, to look and to scroll on are what one does several times.
  if (action.type === 'wait' || action.type === 'screenshot' || action.type === 'finish' || action.type === 'cursor-position') return found

  const recent = past.slice(-window)
  const own = actionHash
  const same = recent.filter((step) => step.actionHash === own && isSame(step.dhash, dhash)).length
  if (same >= mostRepeats) find('loop', `the same was done on the same screen ${same} times in the last ${recent.length} steps`)
  else if (alternates([...recent, { actionHash: own, dhash }])) find('loop', 'two actions have taken turns on the same screens')
  const unchanged = dhash === undefined ? 0 : recent.toReversed().findIndex((step) => !isSame(step.dhash, dhash))
  const still = unchanged === -1 ? recent.length : unchanged
  if (dhash !== undefined && still >= mostUnchanged) find('no-change', `the screen is as it was ${still} steps ago, whatever was done`)
  return found
}

/** Of what is done and where; a place within a few pixels is the same place. */
export function hashAction(action: ComputerAction): string {
  const coarse = (key: string, value: unknown) =>
    typeof value === 'number' && /^(?:x|y|left|top|right|bottom)$/.test(key) ? Math.round(value / 8) : value
  return createHash('sha256').update(JSON.stringify(action, coarse)).digest('hex').slice(0, 16)
}

/** a b a b a b on screens that repeat as well. */
function alternates(steps: readonly PastStep[]): boolean {
  const last = steps.slice(-6)
  const [first, second] = last
  if (last.length < 6 || first === undefined || second === undefined || first.actionHash === second.actionHash) return false
  return last.every((step, index) => {
    const like = index % 2 === 0 ? first : second
    return step.actionHash === like.actionHash && isSame(step.dhash, like.dhash)
  })
}

function isSame(left: string | undefined, right: string | undefined): boolean {
  if (left === undefined || right === undefined) return left === right
  if (left.length !== right.length) return false
  let bits = 0
  for (let at = 0; at < left.length; at += 1) {
    for (let rest = Number.parseInt(left[at] as string, 16) ^ Number.parseInt(right[at] as string, 16); rest > 0; rest >>= 1)
      bits += rest & 1
  }
  return bits <= sameBits
}
