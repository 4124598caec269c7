import { z } from 'zod'
import { ComputerActionError } from '../errors.ts'
import type { ComputerTool, ToolCallPart, ToolDefinition } from '../message.ts'
import type { ComputerAction, Point } from './action.ts'
import { computerActionSchema } from './action-schema.ts'
import type { ComputerFormatName, Screen } from './format.ts'
import { computerFormats } from './formats/index.ts'
import type { Size } from './space.ts'

/** Under which name a computer tool stands among the others, and a function in its place. */
export const computerToolName = 'computer'

const inputSchema = z.object({ actions: z.array(computerActionSchema).min(1) })
const jsonSchema = z.toJSONSchema(inputSchema, { io: 'input' }) as Record<string, unknown>

/** The tool as every provider can have it: a function of our own actions. */
export function computerTool(computer: ComputerTool): ToolDefinition {
  const { display } = computer
  const size = display === undefined ? '' : ` of ${display.width}x${display.height} pixels`
  return {
    name: computerToolName,
    description:
      `Use the mouse and the keyboard of a computer with a screen${size}, and look at it: { "type": "screenshot" } shows it. ` +
      'Actions are done one after the other. Coordinates are pixels of the newest screenshot, from its upper left corner.',
    inputSchema: jsonSchema,
    computer,
  }
}

/** The actions of a call as any model wrote them. */
export function actionsIn(input: unknown): ComputerAction[] {
  const read = inputSchema.safeParse(input)
  if (read.success) return read.data.actions
  const [issue] = read.error.issues
  throw new ComputerActionError(`Cannot read a computer action: ${issue?.path.join('.')}: ${issue?.message}`, 'shape')
}

/** For pixels that are everybody's: no places are moved, and none is known to be outside. */
const side = 1_000_000
const anyScreen: Screen = {
  source: { width: side, height: side },
  space: { kind: 'pixels', width: side, height: side },
  environment: 'browser',
}

/** A call of ours from a vendor's, in the same pixels. */
export function fromVendor(call: unknown, id: string, format: ComputerFormatName): ToolCallPart {
  const { blocks, safetyChecks } = computerFormats[format].parse(call, anyScreen)
  return {
    type: 'tool-call',
    id,
    name: computerToolName,
    input: { actions: blocks.map(({ action }) => action) },
    computer: { safetyChecks },
  }
}

/** A call of ours in a vendor's form, in the same pixels; several where it has one action a call. */
export function toVendor(actions: readonly ComputerAction[], format: ComputerFormatName, environment?: Screen['environment']): unknown[] {
  return computerFormats[format].format(
    actions.map((action) => ({ action, raw: undefined })),
    environment === undefined ? anyScreen : { ...anyScreen, environment },
  )
}

/** Ids for what became several calls: the first keeps the call’s own. None is longer than vendors take (64). */
export function idOfPart(id: string, index: number): string {
  return index === 0 ? id : `${id.slice(0, 60)}_${index}`
}

/**
 * The same actions on a picture of another size.
 *
 * @throws {ComputerActionError} If a place is not on the picture.
 */
export function rescaled(action: ComputerAction, from: Size, to: Size): ComputerAction {
  const moved = (point: Point): Point => {
    if (!(point.x >= 0 && point.y >= 0 && point.x <= from.width && point.y <= from.height)) {
      throw new ComputerActionError(
        `Cannot read a computer action: its place must lie within ${from.width}x${from.height}, received ${point.x}, ${point.y}`,
        'outside',
      )
    }
    return { x: (point.x / from.width) * to.width, y: (point.y / from.height) * to.height }
  }
  switch (action.type) {
    case 'drag':
      return { ...action, path: action.path.map(moved) }
    case 'zoom': {
      const { left, top, right, bottom } = action.region
      const [first, last] = [moved({ x: left, y: top }), moved({ x: right, y: bottom })]
      return { ...action, region: { left: first.x, top: first.y, right: last.x, bottom: last.y } }
    }
    case 'scroll': {
      const at = action.at === undefined ? {} : { at: moved(action.at) }
      if (action.unit === 'step') return { ...action, ...at }
      return { ...action, ...at, dx: (action.dx / from.width) * to.width, dy: (action.dy / from.height) * to.height }
    }
    case 'move':
      return { ...action, at: moved(action.at) }
    case 'click':
    case 'mouse-down':
    case 'mouse-up':
    case 'type':
      return action.at === undefined ? action : { ...action, at: moved(action.at) }
    default:
      return action
  }
}
