import type { ComputerAction, Point } from '../../../models/computer/action.ts'
import { isKey } from '../../../models/computer/keys.ts'
import type { Size } from '../../../models/computer/space.ts'
import type { Finding } from './verdict.ts'

const longestText = 20_000
const longestWaitMs = 300_000

/** Whether an action can be carried out on its frame at all. Without a frame, only what needs none is looked at. */
export function checkBounds(action: ComputerAction, frame?: Size): readonly Finding[] {
  const found: Finding[] = []
  const deny = (code: string, reason: string) => void found.push({ layer: 'action', verdict: 'deny', code, reason })
  const points = pointsOf(action)
  if (points.some(({ x, y }) => !Number.isFinite(x) || !Number.isFinite(y))) deny('not-finite', 'a coordinate is not a number')
  else if (frame !== undefined) {
    const outside = points.find(({ x, y }) => x < 0 || y < 0 || x >= frame.width || y >= frame.height)
    if (outside !== undefined) {
      const place = `${Math.round(outside.x)}, ${Math.round(outside.y)}`
      const reason = `the place ${place} is outside of the frame of ${frame.width}x${frame.height}`
      found.push({ layer: 'action', verdict: 'reobserve', code: 'outside', reason })
    }
  }
  if (action.type === 'zoom' && !(action.region.left < action.region.right && action.region.top < action.region.bottom)) {
    deny('empty-region', 'the region to look at is empty')
  }
  if (action.type === 'drag' && action.path.length === 0) deny('empty-path', 'a drag goes nowhere')
  const unknown = keysOf(action).find((key) => !isKey(key))
  if (unknown !== undefined) deny('unknown-key', `"${unknown.slice(0, 20)}" is the name of no key`)
  if ((action.type === 'key' || action.type === 'key-down' || action.type === 'key-up') && action.keys.length === 0) {
    deny('no-key', 'no key is named')
  }
  if (action.type === 'type' && action.text.length > longestText) {
    deny('long-text', `${action.text.length} characters are typed at once, and at most ${longestText} are`)
  }
  if (action.type === 'wait' && !(action.ms >= 0 && action.ms <= longestWaitMs)) {
    deny('long-wait', `a wait lasts from 0 to ${longestWaitMs / 1000} seconds`)
  }
  if (action.type === 'scroll' && !(Number.isFinite(action.dx) && Number.isFinite(action.dy)))
    deny('not-finite', 'a way to scroll is not a number')
  return found
}

function pointsOf(action: ComputerAction): readonly Point[] {
  if (action.type === 'drag') return action.path
  if (action.type === 'zoom') {
    // The far edges of a region may lie on the frame's own.
    const { left, top, right, bottom } = action.region
    return [
      { x: left, y: top },
      { x: Math.max(left, right - 1), y: Math.max(top, bottom - 1) },
    ]
  }
  return 'at' in action && action.at !== undefined ? [action.at] : []
}

function keysOf(action: ComputerAction): readonly string[] {
  if ('keys' in action) return action.keys
  return 'modifiers' in action ? action.modifiers : []
}
