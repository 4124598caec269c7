import type { CacheControlEphemeral, ContentBlockParam, MessageCreateParamsStreaming } from '@anthropic-ai/sdk/resources/messages'
import type { CacheLifetime } from '../message.ts'

const mostMarks = 4

/** Five minutes is what a mark says that names no time. */
export function cacheControl(lifetime: CacheLifetime | undefined): { cache_control?: CacheControlEphemeral } {
  if (lifetime === undefined) return {}
  return { cache_control: lifetime === '1h' ? { type: 'ephemeral', ttl: '1h' } : { type: 'ephemeral' } }
}

type Marked = { cache_control?: CacheControlEphemeral | null }

/**
 * Marks what may be read from the cache next time. Where the request has marks of its own, those are left as they are, as
 * far as the format takes them: four, the last ones, and none for an hour behind one for five minutes.
 *
 * Otherwise, if there is a cache key, the four places are: after the tools, after the system text, and after the last two
 * turns of the user, the earlier of which is where this request finds the last one's. Without a key nothing says that
 * the request's beginning comes again, and writing costs more than reading.
 */
export function markCache(body: MessageCreateParamsStreaming, cacheKey: string | undefined): void {
  const marked = placesOf(body).filter((place) => place.cache_control !== undefined && place.cache_control !== null)
  if (marked.length > 0) keepWithinLimits(marked)
  else if (cacheKey !== undefined) markUsualPlaces(body)
}

/** Everything that can have a mark, in the order of the prompt. */
function placesOf({ tools, system, messages }: MessageCreateParamsStreaming): Marked[] {
  const blocks = messages.flatMap(({ content }) => (typeof content === 'string' ? [] : content))
  const inMessages = blocks.flatMap((block): Marked[] => {
    const inner = block.type === 'tool_result' && Array.isArray(block.content) ? block.content : []
    return [...(inner as Marked[]), block as Marked]
  })
  return [...((tools ?? []) as Marked[]), ...(typeof system === 'string' ? [] : (system ?? [])), ...inMessages]
}

function keepWithinLimits(marked: readonly Marked[]): void {
  for (const place of marked.slice(0, -mostMarks)) delete place.cache_control
  let isShort = false
  for (const place of marked.slice(-mostMarks)) {
    if (isShort) place.cache_control = { type: 'ephemeral' }
    isShort ||= place.cache_control?.ttl !== '1h'
  }
}

function markUsualPlaces({ tools, system, messages }: MessageCreateParamsStreaming): void {
  const mark = { type: 'ephemeral' as const }
  const tool = tools?.at(-1)
  if (tool !== undefined) tool.cache_control = mark
  const text = typeof system === 'string' ? undefined : system?.at(-1)
  if (text !== undefined) text.cache_control = mark
  for (const { content } of messages.filter(({ role }) => role === 'user').slice(-2)) {
    const block = typeof content === 'string' ? undefined : content.at(-1)
    if (block !== undefined && isMarkable(block)) block.cache_control = mark
  }
}

type Markable = Extract<ContentBlockParam, { type: 'text' | 'image' | 'document' | 'tool_result' }>

function isMarkable(block: ContentBlockParam): block is Markable {
  return block.type === 'text' || block.type === 'image' || block.type === 'document' || block.type === 'tool_result'
}
