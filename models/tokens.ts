import { readImageHeader } from './images/header.ts'
import type { FilePart, ImagePart, Message, Part, ToolDefinition } from './message.ts'

/**
 * Estimates tokens from bytes, without a tokenizer on the request path.
 *
 * The ratio of bytes to tokens is learnt by category from what providers report, and errs on the high side.
 */
export interface TokenEstimator {
  estimateText(text: string, category?: string): number
  /** System text, messages, tool definitions and images (by pixels where known). */
  estimateMessages(messages: readonly Message[], system?: string, tools?: readonly ToolDefinition[], category?: string): number
  /** What a provider counted for what was estimated, with the same category or with none: the next estimates of this category follow. */
  observe(category: string, estimatedTokens: number, actualTokens: number): void
}

export interface TokenEstimatorOptions {
  /** Of which ratios are kept; beyond, the one that was used longest ago is forgotten. */
  maxCategories?: number | undefined
}

const startRatio = 4
const keep = 0.995
/** An expectile: a sample that shows an estimate too low counts nine times as much as one that shows it too high. */
const expectile = 0.9
const minSamples = 10
// Below, what a provider adds to every request outweighs the text; outside these ratios a count is not one of this text.
const minSampleTokens = 50
const minRatio = 1
const maxRatio = 8

// What a chat format wraps around a message and a definition.
const tokensPerMessage = 4
const tokensPerTool = 12
// Claude's high tier, the dearest of the usual rules, and a full picture of the standard one where no size can be read.
const maxImageTokens = 4784
const unknownImageTokens = 1568
/** A page of a PDF costs up to 3,000 tokens and has 30 kB or more with any picture on it. */
const pdfBytesPerToken = 10
// A JPEG's size stands behind its metadata, of which 64 kB a segment are usual.
const headerBytes = 96_000

interface Learnt {
  /** Bytes a token. */
  ratio: number
  /** The first samples, of which the first ratio is made. */
  samples: number[]
  /** Whether estimates are made with it: what nobody asked for by this category was estimated with the ratio of all. */
  asked: boolean
}

/**
 * An estimator that starts at four bytes a token and follows what providers count.
 *
 * A category takes part with its tenth sample; until then it uses the ratio of all categories together, or the start.
 * Base64 never counts as text: images count by their pixels, files by what they hold.
 */
export function createTokenEstimator({ maxCategories = 256 }: TokenEstimatorOptions = {}): TokenEstimator {
  if (!Number.isInteger(maxCategories) || maxCategories < 1) {
    throw new RangeError(`Cannot create a token estimator: maxCategories must be an integer from 1, received ${maxCategories}`)
  }
  const overall: Learnt = { ratio: startRatio, samples: [], asked: true }
  const categories = new Map<string, Learnt>()

  /** The order of the map is that of the last use. */
  const learntOf = (category: string): Learnt => {
    const learnt = categories.get(category) ?? { ratio: startRatio, samples: [], asked: false }
    categories.delete(category)
    categories.set(category, learnt)
    const oldest = categories.size > maxCategories ? categories.keys().next().value : undefined
    if (oldest !== undefined) categories.delete(oldest)
    return learnt
  }
  const ratioOf = ({ samples, asked, ratio }: Learnt) => (asked && samples.length >= minSamples ? ratio : overall.ratio)
  const ratioToAsk = (category: string | undefined): number => {
    if (category === undefined) return overall.ratio
    const learnt = learntOf(category)
    learnt.asked = true
    return ratioOf(learnt)
  }

  const estimatePart = (part: Part, ratio: number): number => {
    switch (part.type) {
      case 'text':
      case 'reasoning':
        return textTokens(part.text, ratio)
      case 'image':
        return imageTokens(part)
      case 'image-url':
        return part.url.startsWith('data:') ? imageTokens({ data: part.url.slice(part.url.indexOf(',') + 1) }) : unknownImageTokens
      case 'file':
        return fileTokens(part, ratio)
      case 'tool-call':
        return tokensPerMessage + textTokens(part.name, ratio) + textTokens(JSON.stringify(part.input), ratio)
      case 'tool-result':
        return part.content.reduce((sum, inner) => sum + estimatePart(inner, ratio), tokensPerMessage)
    }
  }

  return {
    estimateText: (text, category) => textTokens(text, ratioToAsk(category)),

    estimateMessages(messages, system, tools = [], category) {
      const ratio = ratioToAsk(category)
      let tokens = system === undefined ? 0 : tokensPerMessage + textTokens(system, ratio)
      for (const { content } of messages) {
        tokens += content.reduce((sum, part) => sum + estimatePart(part, ratio), tokensPerMessage)
      }
      for (const { name, description, inputSchema } of tools) {
        tokens += tokensPerTool + textTokens(`${name}${description}${JSON.stringify(inputSchema)}`, ratio)
      }
      return tokens
    },

    observe(category, estimatedTokens, actualTokens) {
      if (!(estimatedTokens >= 1 && actualTokens >= minSampleTokens && Number.isFinite(estimatedTokens + actualTokens))) return
      const learnt = learntOf(category)
      // The estimate was made with this ratio, or one that has hardly moved since.
      const sample = Math.min(maxRatio, Math.max(minRatio, (ratioOf(learnt) * estimatedTokens) / actualTokens))
      learn(learnt, sample)
      learn(overall, sample)
    },
  }
}

function learn(learnt: Learnt, sample: number): void {
  if (learnt.samples.length < minSamples) {
    learnt.samples.push(sample)
    if (learnt.samples.length === minSamples) learnt.ratio = lowExpectile(learnt.samples)
    return
  }
  const weight = sample < learnt.ratio ? expectile : 1 - expectile
  learnt.ratio += 2 * weight * (1 - keep) * (sample - learnt.ratio)
}

/** Where the weighted distances to the samples below and above are equal. */
function lowExpectile(samples: readonly number[]): number {
  let value = Math.min(...samples)
  for (let round = 0; round < 50; round += 1) {
    let [sum, weights] = [0, 0]
    for (const sample of samples) {
      const weight = sample < value ? expectile : 1 - expectile
      sum += weight * sample
      weights += weight
    }
    value = sum / weights
  }
  return value
}

function textTokens(text: string, ratio: number): number {
  return Math.ceil(Buffer.byteLength(text) / ratio)
}

function imageTokens({ data, width, height }: Pick<ImagePart, 'data' | 'width' | 'height'>): number {
  const size =
    width !== undefined && height !== undefined ? { width, height } : readImageHeader(Buffer.from(data.slice(0, headerBytes), 'base64'))
  if (!size) return unknownImageTokens
  return Math.min(maxImageTokens, Math.ceil(size.width / 28) * Math.ceil(size.height / 28))
}

function fileTokens({ mediaType, name = '', data }: FilePart, ratio: number): number {
  const bytes = Math.floor((data.length * 3) / 4)
  return tokensPerMessage + textTokens(name, ratio) + Math.ceil(bytes / (mediaType === 'application/pdf' ? pdfBytesPerToken : ratio))
}
