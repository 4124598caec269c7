import { ComputerActionError } from '../errors.ts'
import type { Point, Region } from './action.ts'
import type { Screen } from './format.ts'
import { canonicalKeys } from './keys.ts'
import { fromSource, sizeOf, toSource } from './space.ts'

export type Fields = Readonly<Record<string, unknown>>

export function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What was received is told by its kind alone unless it is a number: it may be a text that nobody else should read. */
export function refusal(at: string, must: string, value: unknown, options?: { cause?: unknown }): ComputerActionError {
  const received = typeof value === 'number' ? String(value) : value === null ? 'null' : Array.isArray(value) ? 'a list' : typeof value
  return new ComputerActionError(`Cannot read a computer action: ${at} must be ${must}, received ${received}`, 'shape', options)
}

export function fieldsOf(value: unknown, at: string): Fields {
  if (!isFields(value)) throw refusal(at, 'an object', value)
  return value
}

export function textOf(value: unknown, at: string): string {
  if (typeof value !== 'string') throw refusal(at, 'a string', value)
  return value
}

export function optionalText(value: unknown, at: string): string | undefined {
  return value === undefined || value === null ? undefined : textOf(value, at)
}

export function flagOf(value: unknown, at: string): boolean | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value !== 'boolean') throw refusal(at, 'true or false', value)
  return value
}

export function numberOf(value: unknown, at: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw refusal(at, 'a number', value)
  return value
}

export function numberWithin(value: unknown, at: string, [least, most]: readonly [number, number]): number {
  const number = numberOf(value, at)
  if (number < least || number > most) throw refusal(at, `between ${least} and ${most}`, value)
  return number
}

export function wordOf<Word extends string>(value: unknown, at: string, words: readonly Word[]): Word {
  const found = words.find((word) => word === value)
  if (found === undefined) throw refusal(at, `one of ${words.join(', ')}`, value)
  return found
}

/** Names of keys that are held or pressed together. */
export function keysOf(value: unknown, at: string): string[] {
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw refusal(at, 'a list of keys', value)
  return canonicalKeys(value.map((name, index) => textOf(name, `${at}[${index}]`)))
}

/**
 * A model's place in pixels of the picture as taken. The far edge itself is inside, as in the vendors' own reference clients:
 * a grid's last line and a rounded last pixel lie on it.
 */
export function pointOf(x: unknown, y: unknown, at: string, screen: Screen): Point {
  const size = sizeOf(screen.space)
  const point = { x: numberOf(x, `${at} x`), y: numberOf(y, `${at} y`) }
  if (point.x < 0 || point.y < 0 || point.x > size.width || point.y > size.height) {
    throw new ComputerActionError(
      `Cannot read a computer action: ${at} must lie within ${size.width}x${size.height}, received ${point.x}, ${point.y}`,
      'outside',
    )
  }
  return toSource(point, screen.space, screen.source)
}

/** `[x, y]`. */
export function pairOf(value: unknown, at: string, screen: Screen): Point {
  if (!Array.isArray(value) || value.length !== 2) throw refusal(at, 'a list of two numbers', value)
  return pointOf(value[0], value[1], at, screen)
}

export function optionalPair(value: unknown, at: string, screen: Screen): Point | undefined {
  return value === undefined || value === null ? undefined : pairOf(value, at, screen)
}

/** `[left, top, right, bottom]`, none of it empty. */
export function regionOf(value: unknown, at: string, screen: Screen): Region {
  if (!Array.isArray(value) || value.length !== 4) throw refusal(at, 'a list of four numbers', value)
  const first = pointOf(value[0], value[1], at, screen)
  const last = pointOf(value[2], value[3], at, screen)
  if (first.x >= last.x || first.y >= last.y) throw refusal(at, 'left, top, right, bottom of an area that is not empty', value)
  return { left: first.x, top: first.y, right: last.x, bottom: last.y }
}

/**
 * A place in a vendor's own numbers, which are integers: at most half a unit of theirs away.
 *
 * @throws {ComputerActionError} If the place is not on the screen, as the vendor would refuse it.
 */
export function writtenPoint(point: Point, screen: Screen): Point {
  const { width, height } = screen.source
  if (!(point.x >= 0 && point.y >= 0 && point.x <= width && point.y <= height)) {
    throw new ComputerActionError(
      `Cannot write a computer action: its place must lie within ${width}x${height}, received ${point.x}, ${point.y}`,
      'outside',
    )
  }
  const { x, y } = fromSource(point, screen.space, screen.source)
  return { x: Math.round(x), y: Math.round(y) }
}

export function writtenPair(point: Point, screen: Screen): [number, number] {
  const { x, y } = writtenPoint(point, screen)
  return [x, y]
}
