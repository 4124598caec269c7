import type { Browser } from 'playwright-core'
import type { ComputerAction, Point, Region } from '../../models/computer/action.ts'
import { mutate, prepare } from './mutations.ts'
import { createRenderer, type PageBox, type PageLook, type Renderer, type Screen } from './render.ts'
import {
  type ActionRow,
  type FrozenSet,
  type InjectionRow,
  type RaceRow,
  rowsOf,
  type SecretRow,
  type Split,
  type TargetRow,
} from './rows.ts'
import { sample } from './sample.ts'
import { injectionBody, secretBody, textBoxes } from './sheets.ts'

/*
 * Pages, attacks and labels for the computer-use guard, made by somebody who had not seen it and frozen by the `SHA256SUMS` of their set
 * before its first run. What is `open` may be looked at while the guard is made; `held` is for the report alone.
 */

export interface Portion {
  readonly set?: FrozenSet | undefined
  /** So many of all, evenly. */
  readonly limit?: number | undefined
}

export interface TargetCase {
  readonly row: TargetRow
  /** What the model decided on. The same as `screen` where nothing changed since. */
  readonly decidedOn: Screen
  /** What is there when it clicks. */
  readonly screen: Screen
  readonly point: Point
  readonly claim: string
  /** A grounding error that still hits the target is `right`. */
  readonly expected: 'right' | 'wrong'
  /** The element that was meant, as it was when the model decided. */
  readonly target: PageBox
}

export interface RaceCase {
  readonly row: RaceRow
  readonly decidedOn: Screen
  readonly screen: Screen
  readonly action: ComputerAction
  readonly claim: string
  readonly expected: 'reobserve' | 'allow'
}

export interface InjectionFrame {
  readonly row: InjectionRow
  readonly screen: Screen
  /** One for each line of the text. */
  readonly boxes: readonly Region[]
}

export interface SecretOnSheet {
  readonly row: SecretRow
  readonly value: string
  /** More than one where a value is broken over lines. */
  readonly boxes: readonly Region[]
}

export interface SecretSheet {
  readonly id: string
  readonly screen: Screen
  /** Secrets, decoys and fields, told apart by `row.kind`. */
  readonly items: readonly SecretOnSheet[]
}

export function actions(split: Split, set?: FrozenSet): ActionRow[] {
  return rowsOf('actions', split, set)
}

export function injections(split: Split, set?: FrozenSet): InjectionRow[] {
  return rowsOf('injections', split, set)
}

export async function* targets(split: Split, browser: Browser, { set, limit }: Portion = {}): AsyncGenerator<TargetCase> {
  const renderer = await createRenderer(browser, set)
  try {
    const screenOf = keepsLast(renderer)
    for (const row of sample(rowsOf('targets', split, set), limit)) {
      const decidedOn = await screenOf(row)
      const target = boxOf(decidedOn, row.target)
      const clicked = row.clicked === undefined ? target : boxOf(decidedOn, row.clicked)
      const point = pointIn(clicked, row)
      const screen = row.mutation ? await changed(renderer, row, row.mutation) : decidedOn
      const expected = row.mutation === undefined && contains(target.box, point) ? 'right' : 'wrong'
      yield { row, decidedOn, screen, point, claim: row.claim, expected, target }
    }
  } finally {
    await renderer.close()
  }
}

export async function* races(split: Split, browser: Browser, { set, limit }: Portion = {}): AsyncGenerator<RaceCase> {
  const renderer = await createRenderer(browser, set)
  try {
    for (const row of sample(rowsOf('races', split, set), limit)) {
      const page = await renderer.open(row)
      await prepare(page, row.mutation)
      const decidedOn = await renderer.screen(page)
      const at = pointIn(boxOf(decidedOn, row.target))
      if (row.mutation.page === undefined) await mutate(page, row.mutation)
      else await renderer.open({ ...row, page: row.mutation.page })
      const screen = await renderer.screen(page)
      // Typing goes where the focus is: it names no place.
      const action: ComputerAction =
        row.action === 'type' ? { type: 'type', text: 'Mara' } : { type: 'click', at, button: 'left', count: 1, modifiers: [] }
      yield { row, decidedOn, screen, action, claim: row.claim, expected: row.expected }
    }
  } finally {
    await renderer.close()
  }
}

export async function* injectionFrames(split: Split, browser: Browser, { set, limit }: Portion = {}): AsyncGenerator<InjectionFrame> {
  const renderer = await createRenderer(browser, set)
  try {
    for (const row of sample(injections(split, set), limit)) {
      const page = await renderer.openBody(injectionBody(row), { ...row, theme: 'light', url: 'https://board.example/notes' })
      yield { row, screen: await renderer.screen(page), boxes: (await textBoxes(page)).get('text') ?? [] }
    }
  } finally {
    await renderer.close()
  }
}

export async function* secretSheets(split: Split, browser: Browser, { set, limit }: Portion = {}): AsyncGenerator<SecretSheet> {
  const renderer = await createRenderer(browser, set)
  try {
    for (const [id, rows] of sample([...Map.groupBy(rowsOf('secrets', split, set), (row) => row.sheet)], limit)) {
      const [{ font, size_px, theme = 'light' }] = rows as [SecretRow, ...SecretRow[]]
      const look = { font, size_px, language: 'en', theme, url: 'https://account.example/data' } as const
      const page = await renderer.openBody(secretBody(rows), look)
      const boxes = await textBoxes(page)
      const items = rows.map((row) => ({ row, value: row.parts.join(''), boxes: boxes.get(row.id) ?? [] }))
      yield { id, screen: await renderer.screen(page), items }
    }
  } finally {
    await renderer.close()
  }
}

/** Rows of one look stand together. */
function keepsLast(renderer: Renderer): (look: PageLook) => Promise<Screen> {
  let last: { key: string; screen: Screen } | undefined
  return async (look) => {
    const { page, language, font, size_px, theme } = look
    const key = [page, language, font, size_px, theme].join()
    if (last?.key !== key) last = { key, screen: await renderer.screen(await renderer.open(look)) }
    return last.screen
  }
}

async function changed(renderer: Renderer, look: PageLook, mutation: NonNullable<TargetRow['mutation']>): Promise<Screen> {
  const page = await renderer.open(look)
  await mutate(page, mutation)
  return renderer.screen(page)
}

function boxOf(screen: Screen, key: string): PageBox {
  const found = screen.boxes.find((box) => box.key === key)
  if (!found) throw new Error(`Cannot find "${key}" on ${screen.url}: it has ${screen.boxes.map((box) => box.key).join(', ')}`)
  return found
}

function pointIn({ box }: PageBox, { within, offset }: { within?: Point | undefined; offset?: Point | undefined } = {}): Point {
  const x = (box.left + box.right) / 2 + (within?.x ?? 0) * (box.right - box.left) + (offset?.x ?? 0)
  const y = (box.top + box.bottom) / 2 + (within?.y ?? 0) * (box.bottom - box.top) + (offset?.y ?? 0)
  return { x: Math.max(0, Math.round(x)), y: Math.max(0, Math.round(y)) }
}

function contains({ left, top, right, bottom }: Region, { x, y }: Point): boolean {
  return x >= left && x < right && y >= top && y < bottom
}
