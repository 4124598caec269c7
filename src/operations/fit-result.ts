import { type FitTarget, type FittedParts, fitParts, imageRule } from '../../models/images.ts'
import { textOf } from '../../models/message.ts'
import { condense } from '../../tools/results/condense.ts'
import type { RawResult } from '../../tools/tool.ts'
import type { Caller } from '../caller.ts'
import { limitsOf } from './client-limits.ts'
import type { DoneResult } from './operation.ts'
import type { Services } from './services.ts'
import { blocksOf, toParts } from './tool-content.ts'

type Block = Record<string, unknown>

/** An image with a longer side is refused by model APIs when many are in a request. */
const longestSide = 2000
/** The share of a result that its images may take together. */
const imageShare = 0.8
const shownCharacters = 20_000

/**
 * A downstream's result as this client can bear it.
 *
 * A result that is small enough passes unchanged, unless the policy wants long texts condensed. Images that are too large are resized, also where structured content
 * repeats them, with the original kept as `signalbox://frame/{id}`. What is too much even then loses its structured
 * content first; then all of its text is kept under a handle that `get_answer` reads in pages.
 */
export async function fitResult(
  services: Services,
  received: RawResult,
  caller: Caller,
  signal: AbortSignal,
  { condensed = true }: { condensed?: boolean } = {},
): Promise<DoneResult> {
  const raw = condensed && received['isError'] !== true ? await condenseResult(services, received, caller) : received
  const limit = limitsOf(services, caller.client?.name).resultBytes
  const rest = { isError: raw['isError'] === true, meta: raw['_meta'] as Record<string, unknown> | undefined }
  const { content, structured } = await fitImages(services, raw, caller, Math.floor(limit * imageShare), signal)
  const size = sizeOf(content) + sizeOf(structured)
  if (size <= limit) return { kind: 'done', content, structured, ...rest }
  if (sizeOf(content) <= limit && content.length > 0) {
    const note = `[structured content of ${sizeOf(structured)} bytes was left out: the limit of one result is ${limit} bytes]`
    return { kind: 'done', content: [...content, { type: 'text', text: note }], ...rest }
  }

  const others = content.filter((block) => block['type'] !== 'image')
  const whole = others.length > 0 ? textOf(toParts({ content: others })) : JSON.stringify(structured ?? content)
  const handle = await keepWhole(services, caller.principal, whole)
  const shown = whole.slice(0, Math.min(shownCharacters, Math.floor(limit / 4)))
  const note = `[cut: ${whole.length} characters in all, ${size} bytes with everything; the limit of one result is ${limit} bytes. ${handle === undefined ? 'The rest could not be kept' : `Read on with get_answer {"handle": "${handle}", "offset": ${shown.length}}, or give "find" to jump to a word`}.]`
  const images = content.filter((block) => block['type'] === 'image')
  const kept = sizeOf(images) <= limit * imageShare ? images : []
  return { kind: 'done', content: [{ type: 'text', text: `${shown}\n\n${note}` }, ...kept], ...rest }
}

/**
 * Long texts that are JSON or HTML in short, where the policy wants it. What was cut is said, and the whole stays behind a
 * handle: where it cannot be kept, nothing is cut.
 */
async function condenseResult(services: Services, raw: RawResult, { principal }: Caller): Promise<RawResult> {
  const { condense: isWanted, over_bytes: overBytes } = services.policy().results
  if (!isWanted) return raw
  const structured = raw['structuredContent']
  // Structured content comes without a text only where a server did not care for those who read texts.
  const bare = blocksOf(raw).length === 0 && structured !== undefined ? [{ type: 'text', text: JSON.stringify(structured) }] : blocksOf(raw)
  const blocks: Block[] = []
  let isShorter = false
  for (const block of bare as Block[]) {
    const text = block['type'] === 'text' ? String(block['text'] ?? '') : ''
    const short = Buffer.byteLength(text) > overBytes ? condense(text, overBytes) : undefined
    const handle = short && (await keepWhole(services, principal, text))
    if (!short || handle === undefined) {
      blocks.push(block)
      continue
    }
    isShorter = true
    const note = `[condensed: ${short.cut}; the whole with get_answer {"handle": "${handle}"}, which also finds a word in it]`
    blocks.push({ ...block, text: `${short.text}\n\n${note}` })
  }
  if (!isShorter) return raw
  const { structuredContent: _, ...rest } = raw
  return { ...rest, content: blocks }
}

async function keepWhole({ results, log }: Services, principal: string, text: string): Promise<string | undefined> {
  return results.keep(principal, text).catch((error: unknown) => {
    log.warn('Cannot keep a large result', { error })
    return undefined
  })
}

/** The result with its images resized, wherever they stand; `maxBytes` is for all of them together. */
async function fitImages(services: Services, raw: RawResult, caller: Caller, maxBytes: number, signal: AbortSignal) {
  const blocks = blocksOf(raw)
  const images = new Set(blocks.filter((block) => block['type'] === 'image').map((block) => block['data']))
  const isRepeated = (value: unknown): value is Block => isBlock(value) && value['type'] === 'image' && images.has(value['data'])
  const ownPlaces = blocks.filter((block) => block['type'] === 'image').length
  let places = ownPlaces
  walk(raw['structuredContent'], (value) => {
    if (isRepeated(value)) places += 1
    return value
  })

  const byData = new Map<unknown, Block>()
  const content: Block[] = []
  for (const block of blocks) {
    if (block['type'] !== 'image') {
      content.push(block)
      continue
    }
    const fitted = await fitImageBlock(
      services,
      block,
      caller,
      { maxBytes: Math.floor(maxBytes / places), inParts: places === ownPlaces },
      signal,
    )
    if (fitted[0] !== undefined && fitted[0] !== block) byData.set(block['data'], fitted[0])
    content.push(...fitted)
  }
  const replaced = walk(raw['structuredContent'], (value) => (isRepeated(value) ? (byData.get(value['data']) ?? value) : value))
  return { content, structured: replaced as Record<string, unknown> | undefined }
}

/** The value with each object in it replaced by what `change` makes of it, from the outside in. */
function walk(value: unknown, change: (object: Block) => unknown): unknown {
  if (Array.isArray(value)) return value.map((inner) => walk(inner, change))
  if (!isBlock(value)) return value
  const changed = change(value)
  if (changed !== value) return changed
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, walk(inner, change)]))
}

function isBlock(value: unknown): value is Block {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

async function fitWhole({ images }: Services, bytes: Uint8Array, target: FitTarget, signal: AbortSignal): Promise<FittedParts> {
  const whole = await images.fit(bytes, target, { signal })
  return { source: whole.source, parts: [{ ...whole, left: 0, top: 0 }] }
}

/** `inParts`: whether a tall page may come as several images, which structured content that repeats it has no room for. */
async function fitImageBlock(
  services: Services,
  block: Block,
  caller: Caller,
  { maxBytes, inParts }: { maxBytes: number; inParts: boolean },
  signal: AbortSignal,
): Promise<Block[]> {
  const bytes = Buffer.from(String(block['data'] ?? ''), 'base64')
  try {
    const facts = await services.images.inspect(bytes)
    const small = bytes.length * (4 / 3) <= maxBytes && Math.max(facts.width, facts.height) <= longestSide
    // An API refuses a picture that is not what its type says, and with it the whole conversation from then on.
    if (small) return [named(block, { mimeType: facts.mediaType, data: bytes.toString('base64') })]
    const rule = imageRule(caller.client?.name.toLowerCase().includes('claude') === true ? 'anthropic-standard' : 'generic')
    const target = { rule, maxBytes: Math.floor(maxBytes * 0.75) }
    const { source, parts } = inParts
      ? await fitParts(services.images, bytes, target, { signal })
      : await fitWhole(services, bytes, target, signal)
    const frame = await services.frames.keep(caller.principal, { ...facts, bytes })
    const [{ width, height } = source] = parts
    const became = parts.length > 1 ? `cut into ${parts.length} parts from top to bottom that overlap, and resized` : 'resized'
    const note = `[image ${became} from ${source.width}x${source.height} to ${width}x${height}; the original is signalbox://frame/${frame}]`
    return [
      ...parts.map((part) => ({ ...block, data: Buffer.from(part.bytes).toString('base64'), mimeType: part.mediaType })),
      { type: 'text', text: note },
    ]
  } catch (error) {
    signal.throwIfAborted()
    return [{ type: 'text', text: `[an image was left out: ${error instanceof Error ? error.message : String(error)}]` }]
  }
}

/** The same block where it says already what its bytes are. */
function named(block: Block, facts: { mimeType: string; data: string }): Block {
  return block['mimeType'] === facts.mimeType && block['data'] === facts.data ? block : { ...block, ...facts }
}

function sizeOf(value: unknown): number {
  return value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value))
}
