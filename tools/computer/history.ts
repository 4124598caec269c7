import { changedTiles } from '../../models/images.ts'
import type { ImagePart, Message, Part, TextPart } from '../../models/message.ts'
import type { Frame } from './frame.ts'

export interface HistoryOptions {
  /** The frame that an image of the conversation shows; an image that is no screenshot stays. */
  frameOf(image: ImagePart): Frame | undefined
  /** Screenshots that are left when some are dropped. */
  keep?: number | undefined
  /**
   * So many more are let in before any is dropped, and then all of them at once. What comes before the first dropped one
   * is all that a prompt cache still knows: dropping one in each turn would cost the cache in each turn.
   */
  batch?: number | undefined
  /** Of a frame's tiles, up to which share two screens count as nearly the same. */
  nearShare?: number | undefined
}

export interface PrunedHistory {
  /** The given one itself when nothing was dropped. */
  readonly messages: readonly Message[]
  /** Frames of which no image is left. */
  readonly dropped: readonly string[]
  /** Images that repeat one which is still there. */
  readonly repeated: readonly string[]
}

/**
 * A conversation with the screenshots that still matter: the last few, each screen once.
 *
 * A screenshot that shows what another one before it shows is a short text from its first turn on, so it never reaches a model
 * and no cache. Older ones are dropped in batches, those first that a newer one nearly repeats. A text that names the frame stands
 * in each place. The same conversation, grown, gives the same beginning until the next batch.
 */
export function pruneHistory(
  messages: readonly Message[],
  { frameOf, keep = 3, batch = 6, nearShare = 0.02 }: HistoryOptions,
): PrunedHistory {
  if (!Number.isInteger(keep) || keep < 1 || !Number.isInteger(batch) || batch < 1) {
    throw new RangeError(`Cannot prune screenshots: keep and batch must be integers from 1, received ${keep} and ${batch}`)
  }
  const texts = new Map<ImagePart, string>()
  let visible: Shown[] = []
  const dropped = new Set<string>()
  const repeated: string[] = []
  for (const [index, image] of imagesIn(messages).entries()) {
    const frame = frameOf(image)
    if (frame === undefined) continue
    const same = visible.find((shown) => isSame(shown.frame, frame))
    if (same !== undefined) {
      texts.set(image, `[screenshot ${frame.id}: the same as ${same.frame.id} above]`)
      repeated.push(frame.id)
      same.lastAt = index
      continue
    }
    visible.push({ image, frame, lastAt: index })
    if (visible.length < keep + batch) continue
    const kept = choose(visible, keep, nearShare)
    for (const shown of visible.filter((one) => !kept.includes(one))) {
      texts.set(shown.image, `[screenshot ${shown.frame.id}${pageOf(shown.frame)} was left out: newer ones follow]`)
      dropped.add(shown.frame.id)
    }
    visible = kept
  }
  return { messages: texts.size === 0 ? messages : messages.map((message) => replace(message, texts)), dropped: [...dropped], repeated }
}

interface Shown {
  readonly image: ImagePart
  readonly frame: Frame
  /** Where the screen was seen last. */
  lastAt: number
}

/** The newest, and of screens that are nearly the same the newest only. */
function choose(visible: readonly Shown[], keep: number, nearShare: number): Shown[] {
  const byAge = visible.toSorted((a, b) => b.lastAt - a.lastAt)
  const kept: Shown[] = []
  for (const shown of byAge) {
    if (kept.length < keep && !kept.some((newer) => isNear(newer.frame, shown.frame, nearShare))) kept.push(shown)
  }
  return visible.filter((shown) => kept.includes(shown))
}

function isSame(left: Frame, right: Frame): boolean {
  return left.sha256 === right.sha256 || (isSameSize(left, right) && isNear(left, right, 0))
}

function isNear(left: Frame, right: Frame, share: number): boolean {
  if (!isSameSize(left, right)) return false
  const changed = changedTiles(left.tiles, right.tiles)
  return changed !== undefined && changed.length <= share * right.tiles.hashes.length
}

/** As taken and as sent: of two models' sizes each needs its own. */
function isSameSize(left: Frame, right: Frame): boolean {
  const sides = ({ source, sent }: Frame) => [source.width, source.height, sent.width, sent.height].join(' ')
  return sides(left) === sides(right)
}

/** The host alone: what follows in an address may be a secret. */
function pageOf({ url }: Frame): string {
  return url === undefined || !URL.canParse(url) ? '' : ` of ${new URL(url).host}`
}

function imagesIn(messages: readonly Message[]): ImagePart[] {
  const ofPart = (part: Part): ImagePart[] => {
    if (part.type === 'image') return [part]
    return part.type === 'tool-result' ? part.content.filter((inner) => inner.type === 'image') : []
  }
  return messages.flatMap(({ content }) => content.flatMap(ofPart))
}

function replace(message: Message, texts: ReadonlyMap<ImagePart, string>): Message {
  const replaced = <P extends Part>(part: P): P | TextPart => {
    const text = part.type === 'image' ? texts.get(part) : undefined
    if (text === undefined) return part
    const { cacheBreakpoint } = part as ImagePart
    return { type: 'text', text, ...(cacheBreakpoint !== undefined && { cacheBreakpoint }) }
  }
  const content = message.content.map((part): Part => {
    if (part.type !== 'tool-result') return replaced(part)
    const inner = part.content.map(replaced)
    return inner.every((one, index) => one === part.content[index]) ? part : { ...part, content: inner }
  })
  return content.every((part, index) => part === message.content[index]) ? message : { ...message, content }
}
