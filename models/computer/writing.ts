import { ComputerActionError } from '../errors.ts'
import type { ClickAction, ComputerAction, DragAction, Point, ScrollAction, TypeAction } from './action.ts'
import type { ActionBlock, ComputerFormatName, Environment, Screen } from './format.ts'

export function noWord(format: ComputerFormatName, what: string): ComputerActionError {
  return new ComputerActionError(`Cannot write a computer action as ${format}: it has no word for ${what}`, 'no-word')
}

/** Where the pointer is after an action, or where it was when the action does not say. */
function pointerAfter(action: ComputerAction, before: Point | undefined): Point | undefined {
  switch (action.type) {
    case 'drag':
      return action.path.at(-1) ?? before
    case 'click':
    case 'move':
    case 'mouse-down':
    case 'mouse-up':
    case 'scroll':
    case 'type':
      return action.at ?? before
    default:
      return before
  }
}

/** Each block with where the pointer was before it. */
export function writeEach<Written>(
  blocks: readonly ActionBlock[],
  { pointer }: Screen,
  write: (block: ActionBlock, pointer: Point | undefined) => readonly Written[],
): Written[] {
  let now = pointer
  return blocks.flatMap((block) => {
    const written = write(block, now)
    now = pointerAfter(block.action, now)
    return written
  })
}

/** A drag from where to where. A bend between them has no word in most forms. */
export function endsOf(action: DragAction, pointer: Point | undefined, format: ComputerFormatName): { from: Point; to: Point } {
  const [first, second, third] = action.path
  if (third !== undefined) throw noWord(format, `a drag over ${action.path.length} points`)
  if (first !== undefined && second !== undefined) return { from: first, to: second }
  if (first !== undefined && pointer !== undefined) return { from: pointer, to: first }
  throw noWord(format, 'a drag from where the pointer is, and nobody knows where that is')
}

function leftClick(at: Point | undefined): ClickAction {
  return { type: 'click', ...(at !== undefined && { at }), button: 'left', count: 1, modifiers: [] }
}

/** Typing that also chooses a field, empties it or sends it, as the single actions that a person would do. */
export function typingSteps({ text, at, clear, submit }: TypeAction, environment: Environment): ComputerAction[] {
  return [
    ...(at === undefined ? [] : [leftClick(at)]),
    ...(clear === true
      ? ([
          { type: 'key', keys: [environment === 'mac' ? 'Meta' : 'Control', 'a'] },
          { type: 'key', keys: ['Delete'] },
        ] as const)
      : []),
    ...(text === '' ? [] : [{ type: 'type', text } as const]),
    ...(submit === true ? [{ type: 'key', keys: ['Enter'] } as const] : []),
  ]
}

export type ScrollDirection = 'up' | 'down' | 'left' | 'right'

/** What a notch of the wheel is taken for where a vendor counts pixels. Browsers scroll by about as much. */
const pixelsPerStep = 100

export function scrollPixels({ dx, dy, unit }: ScrollAction): { dx: number; dy: number } {
  return unit === 'pixel' ? { dx, dy } : { dx: dx * pixelsPerStep, dy: dy * pixelsPerStep }
}

/** One scroll for each axis that moves, in whole notches; a small scroll is one notch rather than none. */
export function scrollSteps({ dx, dy, unit }: ScrollAction): { direction: ScrollDirection; steps: number }[] {
  return alongAxes(dx, dy).map(({ direction, amount }) => {
    const steps = unit === 'pixel' ? amount / pixelsPerStep : amount
    return { direction, steps: amount === 0 ? 0 : Math.max(1, Math.round(steps)) }
  })
}

export function alongAxes(dx: number, dy: number): { direction: ScrollDirection; amount: number }[] {
  const vertical = { direction: dy < 0 ? 'up' : 'down', amount: Math.abs(dy) } as const
  const horizontal = { direction: dx < 0 ? 'left' : 'right', amount: Math.abs(dx) } as const
  return dx === 0 ? [vertical] : dy === 0 ? [horizontal] : [vertical, horizontal]
}

/** `{dx, dy}` of an amount along a direction. */
export function scrolled(direction: ScrollDirection, amount: number): { dx: number; dy: number } {
  const signed = direction === 'up' || direction === 'left' ? -amount : amount
  return direction === 'up' || direction === 'down' ? { dx: 0, dy: signed } : { dx: signed, dy: 0 }
}

export const scrollDirections: readonly ScrollDirection[] = ['up', 'down', 'left', 'right']
