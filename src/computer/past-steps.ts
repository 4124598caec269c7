import { pastStepsRow as kind, type RowStore } from '../../memory/index.ts'
import { hammingDistance } from '../../models/images.ts'
import type { Frame } from '../../tools/computer/frame.ts'

/** How a model's steps on screens like this one went. */
export interface PastOnScreen {
  readonly right: number
  readonly failed: number
}

/** Which steps on which screens went well, of all work of a caller: so that the next one there asks the model that it needs. */
export interface PastSteps {
  note(principal: string, screen: Screen, step: { model: string; ok: boolean }): Promise<void>
  /** Of the newest few. */
  on(principal: string, screen: Screen, model: string): Promise<PastOnScreen>
}

type Screen = Pick<Frame, 'dhash' | 'tiles'>

interface KeptStep {
  readonly dhash: string
  /** `columns x rows`, then the low byte of each tile's hash, as base64. */
  readonly tiles: string
  readonly model: string
  readonly ok: boolean
}

const all = 'all'
const keepMs = 30 * 24 * 3600_000
const mostKept = 200
/** What a model has learnt to do, and what a site looks like, change. */
const newest = 5
/** Of 64 bits: more of them differ between any two pages. */
const sameBits = 8
/** Of the tiles that are not background. */
const sameTiles = 0.8

export function createPastSteps(rows: RowStore, now: () => number): PastSteps {
  return {
    async note(principal, screen, { model, ok }) {
      const step: KeptStep = { dhash: screen.dhash, tiles: bytesOf(screen), model, ok }
      const expiresAt = now() + keepMs
      if (await rows.insert(principal, kind, all, { steps: [step] }, { expiresAt })) return
      await rows.update<{ steps: readonly KeptStep[] }>(principal, kind, all, ({ steps }) => ({ steps: [...steps, step].slice(-mostKept) }))
    },

    async on(principal, screen, model) {
      const kept = (await rows.get<{ steps: readonly KeptStep[] }>(principal, kind, all))?.value.steps ?? []
      const tiles = bytesOf(screen)
      const like = kept.filter((one) => one.model === model && isLike(one, { dhash: screen.dhash, tiles })).slice(-newest)
      return { right: like.filter(({ ok }) => ok).length, failed: like.filter(({ ok }) => !ok).length }
    },
  }
}

function bytesOf({ tiles: { columns, rows, hashes } }: Screen): string {
  return `${columns}x${rows} ${Buffer.from(hashes.map((hash) => hash & 0xff)).toString('base64')}`
}

/** What most of a page is, white, is like any other page. */
function isLike(one: Pick<KeptStep, 'dhash' | 'tiles'>, other: Pick<KeptStep, 'dhash' | 'tiles'>): boolean {
  const [size, bytes = ''] = one.tiles.split(' ')
  const [otherSize, otherBytes = ''] = other.tiles.split(' ')
  if (size !== otherSize || hammingDistance(one.dhash, other.dhash) > sameBits) return false
  const [left, right] = [Buffer.from(bytes, 'base64'), Buffer.from(otherBytes, 'base64')]
  const background = commonest(left)
  let told = 0
  let same = 0
  for (const [index, byte] of left.entries()) {
    if (byte === background && right[index] === background) continue
    told += 1
    if (byte === right[index]) same += 1
  }
  return told === 0 || same >= sameTiles * told
}

function commonest(bytes: Uint8Array): number {
  const counts = new Uint32Array(256)
  for (const byte of bytes) counts[byte] = (counts[byte] ?? 0) + 1
  return counts.indexOf(Math.max(...counts))
}
