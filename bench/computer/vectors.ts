import type { Point } from '../../models/computer/action.ts'
import type { ComputerFormatName, Screen } from '../../models/computer/format.ts'
import { computerFormats } from '../../models/computer/formats/index.ts'
import { sizeOf } from '../../models/computer/space.ts'
import { imageRule } from '../../models/images.ts'
import { screenOf } from '../../test/models/computer/screens.ts'

type Vector = readonly [rule: string, width: number, height: number, fittedWidth: number, fittedHeight: number, tokens: number]

/** Published by the vendors, or computed from their rules by hand: not by the code that is measured. */
const published: readonly Vector[] = [
  ['anthropic-standard', 1280, 720, 1280, 720, 1196],
  ['anthropic-standard', 1440, 900, 1389, 868, 1550],
  ['anthropic-standard', 1075, 1520, 924, 1307, 1551],
  ['anthropic-standard', 1920, 1080, 1456, 819, 1560],
  ['anthropic-standard', 2000, 1500, 1270, 952, 1564],
  ['anthropic-standard', 3840, 2160, 1456, 819, 1560],
  ['anthropic-standard', 1568, 7698, 319, 1568, 672],
  ['anthropic-high', 1920, 1080, 1920, 1080, 2691],
  ['anthropic-high', 2560, 1440, 2560, 1440, 4784],
  ['anthropic-high', 3840, 2160, 2576, 1449, 4784],
  ['openai-high', 1280, 800, 1280, 800, 1000],
  ['openai-high', 1920, 1080, 1920, 1080, 2040],
  ['openai-high', 2560, 1440, 2048, 1152, 2304],
  ['openai-original', 2560, 1440, 2560, 1440, 3600],
  ['openai-original', 3840, 2160, 3840, 2160, 8160],
  ['qwen-2.5', 1024, 768, 1036, 756, 999],
  ['qwen-2.5', 1920, 1080, 1932, 1092, 2691],
  ['qwen-2.5', 3840, 2160, 3836, 2156, 10549],
  ['qwen-3', 1280, 800, 1280, 800, 1000],
  ['qwen-3', 3840, 2160, 3840, 2160, 8160],
]

const sizes = [
  [1024, 768],
  [1280, 800],
  [1366, 768],
  [1920, 1080],
  [2560, 1440],
  [3840, 2160],
  [1080, 1920],
] as const
const shares = [0, 0.1234, 1 / 3, 0.5, 0.777, 0.999, 1]

export function printVectors(): void {
  const right = published.filter(([rule, width, height, fittedWidth, fittedHeight, tokens]) => {
    const fitted = imageRule(rule).fit(width, height)
    return fitted.width === fittedWidth && fitted.height === fittedHeight && fitted.tokens === tokens
  })
  console.log('| sizes, coordinates and tokens | ours | goal |\n| --- | --- | --- |')
  console.log(`| published sizes and tokens met | ${right.length} of ${published.length} | all |`)
  for (const format of Object.keys(computerFormats) as ComputerFormatName[]) {
    const { own, source, points } = worst(format)
    console.log(
      `| ${format}: ${points} places there and back, worst in the vendor's own units / in pixels as taken | ${own.toFixed(3)} / ${source.toFixed(2)} | <= 0.5 / |`,
    )
  }
}

/** A click on each of many places, written for the vendor and read again. */
function worst(format: ComputerFormatName): { own: number; source: number; points: number } {
  let [own, source, points] = [0, 0, 0]
  for (const [width, height] of sizes) {
    const screen = screenOf(format, width, height)
    for (const across of shares) {
      for (const down of shares) {
        const at = { x: across * width, y: down * height }
        const back = clickedBack(format, at, screen)
        const space = sizeOf(screen.space)
        const [x, y] = [Math.abs(back.x - at.x), Math.abs(back.y - at.y)]
        own = Math.max(own, (x / width) * space.width, (y / height) * space.height)
        source = Math.max(source, x, y)
        points += 1
      }
    }
  }
  return { own, source, points }
}

function clickedBack(format: ComputerFormatName, at: Point, screen: Screen): Point {
  const { format: write, parse } = computerFormats[format]
  const calls = write([{ action: { type: 'click', at, button: 'left', count: 1, modifiers: [] }, raw: undefined }], screen)
  const actions = calls.flatMap((call) => parse(call, screen).blocks.map(({ action }) => action))
  const place = actions.find((action) => action.type === 'click' || action.type === 'move')
  if (place?.at === undefined) throw new Error(`${format} lost a place`)
  return place.at
}
