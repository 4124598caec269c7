import type { Point, Region } from '../../../models/computer/action.ts'
import { overlaps, unionOf } from '../../../models/computer/region.ts'
import { createPause } from '../../../models/images.ts'
import { scoreOf } from '../../../models/local/detect/index.ts'
import type { TextBox } from '../../../models/local/ocr/ocr.ts'
import { type OrderFinding, ordersIn } from './order-texts.ts'
import { paragraphsOf } from './paragraphs.ts'
import type { Finding, LayerReport } from './verdict.ts'

export interface ScreenInput {
  /** What was read of the picture, or of the parts that changed. */
  readonly text: readonly TextBox[]
  /** What was read of the picture as the model got it, where that is another. */
  readonly asSent?: readonly TextBox[] | undefined
  /** What was not there a frame ago. */
  readonly appeared?: readonly Region[] | undefined
  /** Where the action clicks. */
  readonly at?: Point | undefined
}

export interface FlaggedRegion extends Region {
  readonly score: number
  /** What it does, in words. */
  readonly says: readonly string[]
}

/** `flagged` taints the thread whatever the verdict is. */
export interface ScreenReport extends LayerReport {
  readonly flagged: readonly FlaggedRegion[]
  /** 0 to 1, of the worst region. */
  readonly score: number
}

const limit = 0.6
/** In something that has just appeared less is needed, since nobody asked for it. */
const freshLimit = 0.3
/** Of a flagged text, how far around it a click belongs to it: the buttons of a dialog stand below its words. */
const around = { beside: 40, below: 120, above: 24 }

/**
 * Orders on the screen for whoever looks at it. It knows wordings and words, and no meanings: what it finds raises suspicion, and what it
 * does not find is not proven harmless. It stops nothing but a click inside of what it has flagged.
 */
export async function checkScreen({ text, asSent = [], appeared = [], at }: ScreenInput): Promise<ScreenReport> {
  const startedAt = performance.now()
  const scanned = [...(await scan(text)), ...(await scan(asSent))]
  const flagged: FlaggedRegion[] = []
  const findings: Finding[] = []
  for (const { region, findings: found } of scanned) {
    const score = scoreOf(found)
    const fresh = appeared.find((one) => overlaps(one, region))
    const isClicked = at !== undefined && isIn(at, fresh ?? withSurroundings(region))
    const isInside = at !== undefined && isIn(at, fresh ?? region)
    if (score < (fresh && isClicked ? freshLimit : limit)) continue
    const says = [...new Set(found.map((one) => one.says))]
    if (flagged.some((other) => overlaps(other, region) && other.score >= score)) continue
    flagged.push({ ...region, score, says })
    findings.push(findingOf({ found, score, says, isClicked, isInside, isFresh: fresh !== undefined }))
  }
  return { layer: 'screen', findings, ms: performance.now() - startedAt, flagged, score: Math.max(0, ...flagged.map(({ score }) => score)) }
}

interface Scanned {
  readonly region: Region
  readonly findings: readonly OrderFinding[]
}

async function scan(text: readonly TextBox[]): Promise<Scanned[]> {
  const paragraphs: Scanned[] = []
  const pause = createPause()
  for (const { text: words, left, top, right, bottom } of paragraphsOf(text)) {
    await pause()
    paragraphs.push({ region: { left, top, right, bottom }, findings: ordersIn(words) })
  }
  return paragraphs.map((one, index) => {
    // A heading and its text are two paragraphs of one message; what says nothing of the kind is none of it.
    const next = paragraphs[index + 1]
    return next &&
      one.findings.length > 0 &&
      next.region.top - one.region.bottom < 40 &&
      next.region.left < one.region.right &&
      next.region.right > one.region.left
      ? { region: unionOf(one.region, next.region), findings: [...one.findings, ...next.findings] }
      : one
  })
}

function findingOf({
  found,
  score,
  says,
  isClicked,
  isInside,
  isFresh,
}: {
  found: readonly OrderFinding[]
  score: number
  says: readonly string[]
  isClicked: boolean
  isInside: boolean
  isFresh: boolean
}): Finding {
  const text = `A text on the screen ${says.join(', and ')}`
  if (!isClicked) return { layer: 'screen', verdict: 'allow', code: 'screen-injection', reason: text, score }
  const where = isFresh ? 'something that was not there before' : 'it'
  return {
    layer: 'screen',
    // What words alone make likely is asked about.
    verdict: scoreOf(found.filter(({ family }) => family !== 'learnt')) < limit ? 'confirm' : 'deny',
    code: isFresh ? 'pop-up' : 'flagged-region',
    reason: `${text}, and the click is ${isInside ? 'inside of' : 'right beside'} ${where}`,
    score,
  }
}

function withSurroundings({ left, top, right, bottom }: Region): Region {
  return { left: left - around.beside, top: top - around.above, right: right + around.beside, bottom: bottom + around.below }
}

function isIn({ x, y }: Point, { left, top, right, bottom }: Region): boolean {
  return x >= left && x < right && y >= top && y < bottom
}
