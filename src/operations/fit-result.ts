import { imageRule } from '../../models/images.ts'
import type { RawResult } from '../../tools/tool.ts'
import type { Caller } from '../caller.ts'
import type { DoneResult } from './operation.ts'
import type { Services } from './services.ts'
import { blocksOf } from './tool-content.ts'

type Block = Record<string, unknown>

/** An image with a longer side is refused by model APIs when many are in a request (`computer-use.md`, section 2). */
const longestSide = 2000
/** The share of a result that its images may take together. */
const imageShare = 0.8
const shownCharacters = 20_000

/**
 * A downstream's result as this client can bear it.
 *
 * A result that is small enough passes unchanged. Images that are too large are resized, with the original kept as
 * `signalbox://frame/{id}`; text beyond the limit is kept whole under a handle that `get_answer` reads in pages.
 */
export async function fitResult(services: Services, raw: RawResult, caller: Caller, signal: AbortSignal): Promise<DoneResult> {
  const limit = limitOf(services, caller)
  const blocks = blocksOf(raw)
  const images = blocks.filter((block) => block['type'] === 'image').length
  const imageBytes = Math.floor((limit * imageShare) / Math.max(1, images))
  const fitted: Block[] = []
  for (const block of blocks)
    fitted.push(...(block['type'] === 'image' ? await fitImageBlock(services, block, caller, imageBytes, signal) : [block]))

  const rest = { isError: raw['isError'] === true, meta: raw['_meta'] as Record<string, unknown> | undefined }
  const structured = raw['structuredContent'] as Record<string, unknown> | undefined
  const size = sizeOf(fitted) + sizeOf(structured)
  if (size <= limit) return { kind: 'done', content: fitted, structured, ...rest }

  const texts = fitted.filter((block) => block['type'] === 'text').map((block) => String(block['text'] ?? ''))
  const whole = texts.length > 0 ? texts.join('\n\n') : JSON.stringify(structured ?? fitted)
  const handle = await services.results.keep(caller.principal, whole)
  const shown = whole.slice(0, Math.min(shownCharacters, Math.floor(limit / 4)))
  const note = `[cut: ${whole.length} characters in all, ${size} bytes with everything; the limit of one result is ${limit} bytes. Read on with get_answer {"handle": "${handle}", "offset": ${shown.length}}, or give "find" to jump to a word.]`
  const kept = fitted.filter((block) => block['type'] === 'image')
  const content = sizeOf(kept) <= limit * imageShare ? kept : []
  return { kind: 'done', content: [{ type: 'text', text: `${shown}\n\n${note}` }, ...content], ...rest }
}

function limitOf({ config }: Services, caller: Caller): number {
  const { clients } = config()
  return (clients[caller.client?.name.toLowerCase() ?? ''] ?? clients['default'])?.resultBytes ?? 1_000_000
}

async function fitImageBlock(services: Services, block: Block, caller: Caller, maxBytes: number, signal: AbortSignal): Promise<Block[]> {
  const bytes = Buffer.from(String(block['data'] ?? ''), 'base64')
  try {
    const facts = await services.images.inspect(bytes)
    const small = bytes.length * (4 / 3) <= maxBytes && Math.max(facts.width, facts.height) <= longestSide
    if (small) return [block]
    const rule = imageRule(caller.client?.name.toLowerCase().includes('claude') === true ? 'anthropic-standard' : 'generic')
    const fitted = await services.images.fit(bytes, { rule, maxBytes: Math.floor(maxBytes * 0.75) }, { signal })
    const frame = await services.frames.keep(caller.principal, { ...facts, bytes })
    const note = `[image resized from ${fitted.source.width}x${fitted.source.height} to ${fitted.width}x${fitted.height}; the original is signalbox://frame/${frame}]`
    return [
      { ...block, data: Buffer.from(fitted.bytes).toString('base64'), mimeType: fitted.mediaType },
      { type: 'text', text: note },
    ]
  } catch (error) {
    signal.throwIfAborted()
    return [{ type: 'text', text: `[an image was left out: ${error instanceof Error ? error.message : String(error)}]` }]
  }
}

function sizeOf(value: unknown): number {
  return value === undefined ? 0 : Buffer.byteLength(JSON.stringify(value))
}
