import { ImageError } from '../errors.ts'
import type { FittedSize, ImageRule } from './image.ts'

type Fit = (width: number, height: number) => FittedSize

// Bedrock and Google Cloud take 5 MB of base64, the smallest limit of any place that serves Claude.
const anthropicBytes = 3_750_000
const otherBytes = 10_000_000

/** Every rule, by the name that a deployment gives. */
export const imageRules: readonly ImageRule[] = [
  rule('anthropic-standard', anthropicBytes, patches28({ maxEdge: 1568, maxTokens: 1568 })),
  rule('anthropic-high', anthropicBytes, patches28({ maxEdge: 2576, maxTokens: 4784 })),
  rule('openai-high', otherBytes, patches32({ maxEdge: 2048, maxPatches: 2500 })),
  rule('openai-original', otherBytes, patches32({ maxEdge: 6000, maxPatches: 10_000 })),
  rule('openai-mini', otherBytes, patches32({ maxEdge: 2048, maxPatches: 1536 })),
  rule('openai-mini-1.62', otherBytes, patches32({ maxEdge: 2048, maxPatches: 1536, tokensPerPatch: 1.62 })),
  rule('openai-mini-1.72', otherBytes, patches32({ maxEdge: 2048, maxPatches: 1536, tokensPerPatch: 1.72 })),
  rule('openai-mini-2.46', otherBytes, patches32({ maxEdge: 2048, maxPatches: 1536, tokensPerPatch: 2.46 })),
  rule('openai-tile', otherBytes, tiles512({ base: 85, perTile: 170 })),
  rule('openai-tile-gpt-5', otherBytes, tiles512({ base: 70, perTile: 140 })),
  rule('openai-tile-o', otherBytes, tiles512({ base: 75, perTile: 150 })),
  rule('openai-tile-computer', otherBytes, tiles512({ base: 65, perTile: 129 })),
  rule('gemini-3', otherBytes, fixedPrice({ maxEdge: 3072, tokens: 1120 })),
  rule('gemini-tile', otherBytes, tiles768({ maxEdge: 3072, perTile: 258, singleTileEdge: 384 })),
  rule('qwen-2.5', otherBytes, absoluteGrid({ factor: 28, minTokens: 4, maxTokens: 16_384 })),
  rule('qwen-3', otherBytes, relativeGrid({ factor: 32, minTokens: 4, maxTokens: 16_384 })),
  // Nobody knows what an unknown model does with a picture: the smallest limits of the known ones, so that few resize it again.
  rule('generic', anthropicBytes, patches28({ maxEdge: 1568, maxTokens: 1568 })),
]

const byName = new Map(imageRules.map((known) => [known.name, known]))

/** @throws {RangeError} If no rule has this name. */
export function imageRule(name: string): ImageRule {
  const found = byName.get(name)
  if (!found) throw new RangeError(`Cannot find the image rule "${name}": it must be one of ${[...byName.keys()].join(', ')}`)
  return found
}

// First match wins. Claude 4.7 and later have the high tier; the names put the family before the version since Claude 4.
const byModel: readonly (readonly [RegExp, string])[] = [
  [/claude-(?:opus|sonnet|haiku)-(?:4[-.](?:[7-9]|[1-9]\d)|[5-9]|[1-9]\d)(?!\d)/, 'anthropic-high'],
  [/claude-(?:fable|mythos)/, 'anthropic-high'],
  [/claude/, 'anthropic-standard'],
  [/computer-use-preview/, 'openai-tile-computer'],
  [/gpt-5(?:\.[0-3])?-nano|gpt-4\.1-nano/, 'openai-mini-2.46'],
  [/gpt-5(?:\.[0-3])?-mini|gpt-4\.1-mini/, 'openai-mini-1.62'],
  [/(?:^|\/)o4-mini/, 'openai-mini-1.72'],
  [/gpt-5.*(?:-mini|-nano|codex)/, 'openai-mini'],
  [/gpt-5\.(?:[4-9]|\d\d)/, 'openai-high'],
  [/gpt-5/, 'openai-tile-gpt-5'],
  [/gpt-4o|gpt-4\.[15]|gpt-4-turbo/, 'openai-tile'],
  [/(?:^|\/)o[13](?:$|-)/, 'openai-tile-o'],
  [/gemini-[12](?!\d)/, 'gemini-tile'],
  [/gemini/, 'gemini-3'],
  [/qwen-?2(?:\.5)?-?vl|ui-tars/, 'qwen-2.5'],
  [/qwen-?3/, 'qwen-3'],
]

/**
 * The rule of a model, by its name at any provider (`claude-opus-4-7`, `anthropic.claude-opus-4-7-v1:0`, `Qwen/Qwen3-VL-8B`).
 *
 * A provider's kind says only which wire format it speaks, so it does not count here: the same model sees a picture the same way
 * wherever it is served. An unknown name gives `generic`.
 */
export function imageRuleFor(model: string): ImageRule {
  const name = model.toLowerCase()
  return imageRule(byModel.find(([pattern]) => pattern.test(name))?.[1] ?? 'generic')
}

/**
 * The rule with a picture made no larger than a size of the caller's: a screen of 1920x1080 is as well read at 1280x720, for half the
 * tokens.
 */
export function withinSize(rule: ImageRule, { width: maxWidth, height: maxHeight }: { width: number; height: number }): ImageRule {
  return Object.freeze({
    ...rule,
    fit(width: number, height: number) {
      const shrink = Math.min(1, maxWidth / width, maxHeight / height)
      return shrink === 1 ? rule.fit(width, height) : rule.fit(roundSide(width * shrink), roundSide(height * shrink))
    },
  })
}

/** A half goes to the even neighbour, as in the vendors' Python; `Math.round` would be one pixel off for some sizes. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1
  return below % 2 === 0 ? below : below + 1
}

function rule(name: string, maxBytes: number, sizeFor: Fit): ImageRule {
  return Object.freeze({
    name,
    maxBytes,
    fit(width: number, height: number) {
      for (const side of [width, height]) {
        if (!Number.isSafeInteger(side) || side < 1) {
          throw new RangeError(`Cannot fit an image of ${width}x${height}: both sides must be integers from 1`)
        }
      }
      return sizeFor(width, height)
    },
  })
}

/** Anthropic: the largest size of the same shape that has at most `maxTokens` patches of 28 pixels and no padded side above `maxEdge`. */
function patches28({ maxEdge, maxTokens }: { maxEdge: number; maxTokens: number }): Fit {
  const patches = (side: number) => Math.ceil(side / 28)
  const tokens = (width: number, height: number) => patches(width) * patches(height)
  const fits = (width: number, height: number) =>
    patches(width) * 28 <= maxEdge && patches(height) * 28 <= maxEdge && tokens(width, height) <= maxTokens
  const sized = (width: number, height: number): FittedSize => ({ width, height, tokens: tokens(width, height) })

  return (width, height) => {
    if (fits(width, height)) return sized(width, height)
    const [long, short] = height > width ? [height, width] : [width, height]
    const aspect = long / short
    const shortFor = (side: number) => Math.max(roundHalfEven(side / aspect), 1)
    let [low, high] = [1, long]
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if (fits(middle, shortFor(middle))) low = middle
      else high = middle - 1
    }
    return height > width ? sized(shortFor(low), low) : sized(low, shortFor(low))
  }
}

/** OpenAI's patch models: the long side first, then the number of 32-pixel patches. */
function patches32(limits: { maxEdge: number; maxPatches: number; tokensPerPatch?: number }): Fit {
  const { maxEdge, maxPatches, tokensPerPatch = 1 } = limits
  const patches = (width: number, height: number) => Math.ceil(width / 32) * Math.ceil(height / 32)

  return (width, height) => {
    let [fittedWidth, fittedHeight] = withinEdge(width, height, maxEdge)
    if (patches(fittedWidth, fittedHeight) > maxPatches) {
      const shrink = Math.sqrt((1024 * maxPatches) / (fittedWidth * fittedHeight))
      const [columns, rows] = [(fittedWidth * shrink) / 32, (fittedHeight * shrink) / 32]
      // Whole patches along one side; a side below one patch keeps what it has.
      const whole = Math.min(Math.max(Math.floor(columns), 1) / columns, Math.max(Math.floor(rows), 1) / rows, 1)
      fittedWidth = floorSide(fittedWidth * shrink * whole)
      fittedHeight = floorSide(fittedHeight * shrink * whole)
    }
    return { width: fittedWidth, height: fittedHeight, tokens: Math.ceil(patches(fittedWidth, fittedHeight) * tokensPerPatch) }
  }
}

/** OpenAI's tile models: into 2,048 pixels, then the short side to 768, then tiles of 512. */
function tiles512({ base, perTile }: { base: number; perTile: number }): Fit {
  return (width, height) => {
    const [boundedWidth, boundedHeight] = withinEdge(width, height, 2048)
    const shrink = Math.min(1, 768 / Math.min(boundedWidth, boundedHeight))
    const [fittedWidth, fittedHeight] = [roundSide(boundedWidth * shrink), roundSide(boundedHeight * shrink)]
    return {
      width: fittedWidth,
      height: fittedHeight,
      tokens: base + perTile * Math.ceil(fittedWidth / 512) * Math.ceil(fittedHeight / 512),
    }
  }
}

function tiles768({ maxEdge, perTile, singleTileEdge }: { maxEdge: number; perTile: number; singleTileEdge: number }): Fit {
  return (width, height) => {
    const [fittedWidth, fittedHeight] = withinEdge(width, height, maxEdge)
    const single = fittedWidth <= singleTileEdge && fittedHeight <= singleTileEdge
    const tiles = single ? 1 : Math.ceil(fittedWidth / 768) * Math.ceil(fittedHeight / 768)
    return { width: fittedWidth, height: fittedHeight, tokens: perTile * tiles }
  }
}

function fixedPrice({ maxEdge, tokens }: { maxEdge: number; tokens: number }): Fit {
  return (width, height) => {
    const [fittedWidth, fittedHeight] = withinEdge(width, height, maxEdge)
    return { width: fittedWidth, height: fittedHeight, tokens }
  }
}

interface Grid {
  factor: number
  minTokens: number
  maxTokens: number
}

/** Qwen 2 and 2.5 answer in pixels of their own resized image, so exactly that size is sent. */
function absoluteGrid(grid: Grid): Fit {
  return (width, height) => snap(width, height, grid)
}

/** Qwen 3 answers on a grid of 0 to 1000, so a picture within the limit is sent as it is. */
function relativeGrid(grid: Grid): Fit {
  return (width, height) => {
    const snapped = snap(width, height, grid)
    if (snapped.width > width || snapped.height > height || width * height <= grid.maxTokens * grid.factor ** 2) {
      return { width, height, tokens: snapped.tokens }
    }
    return snapped
  }
}

/**
 * `smart_resize`: each side rounded to the factor, then scaled down by floor or up by ceiling until the area is within the limits.
 * A shape that the model's own preprocessing refuses is refused here.
 */
function snap(width: number, height: number, { factor, minTokens, maxTokens }: Grid): FittedSize {
  if (Math.max(width, height) / Math.min(width, height) > 200) {
    throw new ImageError(`Cannot fit an image of ${width}x${height}: one side must be at most 200 times the other`, 'aspect')
  }
  const area = factor ** 2
  let snappedWidth = Math.max(factor, roundHalfEven(width / factor) * factor)
  let snappedHeight = Math.max(factor, roundHalfEven(height / factor) * factor)
  if (snappedWidth * snappedHeight > maxTokens * area) {
    const divisor = Math.sqrt((width * height) / (maxTokens * area))
    snappedWidth = Math.max(factor, Math.floor(width / divisor / factor) * factor)
    snappedHeight = Math.max(factor, Math.floor(height / divisor / factor) * factor)
  } else if (snappedWidth * snappedHeight < minTokens * area) {
    const scale = Math.sqrt((minTokens * area) / (width * height))
    snappedWidth = Math.ceil((width * scale) / factor) * factor
    snappedHeight = Math.ceil((height * scale) / factor) * factor
  }
  return { width: snappedWidth, height: snappedHeight, tokens: (snappedWidth * snappedHeight) / area }
}

function withinEdge(width: number, height: number, maxEdge: number): [number, number] {
  const shrink = Math.min(1, maxEdge / Math.max(width, height))
  return [roundSide(width * shrink), roundSide(height * shrink)]
}

function roundSide(side: number): number {
  return Math.max(1, roundHalfEven(side))
}

/** Down, but not for the last bit of a float: 1,055.9999999 is 1,056. */
function floorSide(side: number): number {
  return Math.max(1, Math.floor(side + 1e-6))
}
