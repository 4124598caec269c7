/**
 * What a computer-use agent does, in one vocabulary for all vendors.
 *
 * Coordinates are pixels of the frame as it was taken, before any resizing, from the upper left corner; they may have fractions,
 * because a model that saw a smaller picture answers between our pixels. Each vendor's own form is read and written in `formats/`.
 */
export type ComputerAction =
  | ClickAction
  | MoveAction
  | MouseButtonAction
  | DragAction
  | ScrollAction
  | TypeAction
  | KeyAction
  | WaitAction
  | ScreenshotAction
  | ZoomAction
  | CursorPositionAction
  | NavigateAction
  | HistoryAction
  | FinishAction

export interface Point {
  readonly x: number
  readonly y: number
}

export interface Region {
  readonly left: number
  readonly top: number
  readonly right: number
  readonly bottom: number
}

export type MouseButton = 'left' | 'right' | 'middle' | 'back' | 'forward'

export interface ClickAction {
  readonly type: 'click'
  /** Where the pointer is when absent. */
  readonly at?: Point | undefined
  readonly button: MouseButton
  readonly count: 1 | 2 | 3
  /** Held meanwhile, by their canonical names (`keys.ts`). */
  readonly modifiers: readonly string[]
}

export interface MoveAction {
  readonly type: 'move'
  readonly at: Point
}

export interface MouseButtonAction {
  readonly type: 'mouse-down' | 'mouse-up'
  readonly at?: Point | undefined
  readonly button: MouseButton
}

export interface DragAction {
  readonly type: 'drag'
  /** At least two points, or one when the drag begins where the pointer is. */
  readonly path: readonly Point[]
  readonly modifiers: readonly string[]
}

export interface ScrollAction {
  readonly type: 'scroll'
  readonly at?: Point | undefined
  /** Positive: right and down. */
  readonly dx: number
  readonly dy: number
  /** `step` is a notch of the wheel. */
  readonly unit: 'pixel' | 'step'
  readonly modifiers: readonly string[]
}

export interface TypeAction {
  readonly type: 'type'
  readonly text: string
  /** Clicked first. */
  readonly at?: Point | undefined
  /** What stood there is removed first. */
  readonly clear?: boolean | undefined
  /** Enter is pressed after it. */
  readonly submit?: boolean | undefined
}

export interface KeyAction {
  readonly type: 'key' | 'key-down' | 'key-up'
  /** Pressed together, by their canonical names: `['Control', 'c']`. */
  readonly keys: readonly string[]
  readonly repeat?: number | undefined
  /** How long they are held. */
  readonly holdMs?: number | undefined
}

export interface WaitAction {
  readonly type: 'wait'
  readonly ms: number
}

export interface ScreenshotAction {
  readonly type: 'screenshot'
}

export interface ZoomAction {
  readonly type: 'zoom'
  readonly region: Region
}

export interface CursorPositionAction {
  readonly type: 'cursor-position'
}

export interface NavigateAction {
  readonly type: 'navigate'
  readonly url: string
}

export interface HistoryAction {
  readonly type: 'back' | 'forward' | 'reload' | 'open-browser' | 'search'
}

export interface FinishAction {
  readonly type: 'finish'
  readonly status: 'success' | 'failure' | 'needs-user'
  readonly text?: string | undefined
}
