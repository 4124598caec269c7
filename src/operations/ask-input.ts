import { z } from 'zod'
import { mediaTypeOf } from '../../models/images.ts'
import type { ImageMediaType, Message, Part, TextPart, ToolResultPart } from '../../models/message.ts'
import type { Pool } from '../../models/pool.ts'
import type { SourceText } from '../../models/provider.ts'
import { speakerNamed } from '../../models/speaker.ts'
import type { Caller } from '../caller.ts'
import { nearestName } from '../config/nearest.ts'
import { InputError } from './errors.ts'
import type { GivenFiles } from './given-files.ts'

const maxText = 2_000_000

const block = z.discriminatedUnion('type', [
  z.looseObject({ type: z.literal('text'), text: z.string().max(maxText) }),
  z.looseObject({ type: z.literal('image'), data: z.string(), mimeType: z.string() }),
  z.looseObject({ type: z.literal('tool_use'), id: z.string(), name: z.string(), input: z.record(z.string(), z.unknown()) }),
  z.looseObject({
    type: z.literal('tool_result'),
    toolUseId: z.string(),
    content: z.array(
      z.discriminatedUnion('type', [
        z.looseObject({ type: z.literal('text'), text: z.string().max(maxText) }),
        z.looseObject({ type: z.literal('image'), data: z.string(), mimeType: z.string() }),
      ]),
    ),
    isError: z.boolean().optional(),
  }),
])

/** An MCP sampling message. */
const message = z.looseObject({ role: z.enum(['user', 'assistant']), content: z.union([block, z.array(block).min(1)]) })

const givenFile = z.union([
  z.string(),
  z.strictObject({ name: z.string().max(200), text: z.string().max(maxText) }),
  z.strictObject({ name: z.string().max(200), mimeType: z.string(), data: z.string() }),
])

/** What can be asked, at each door. */
export const askFields = {
  prompt: z.string().min(1).max(maxText).optional(),
  messages: z.array(message).min(1).max(2000).optional().describe('MCP sampling messages'),
  system: z.string().max(maxText).optional(),
  images: z.array(z.string()).max(100).optional().describe('data: URL, path, https URL, or signalbox://frame/ID'),
  files: z.array(givenFile).max(100).optional(),
  thread: z.string().min(1).max(200).optional().describe('thread id or a name of your own: remembered'),
  model: z.string().max(200).optional().describe('provider/model'),
  max_output_tokens: z.int().min(1).max(1_000_000).optional(),
  response_schema: z.record(z.string(), z.unknown()).optional(),
  max_cost_usd: z.number().min(0).optional(),
  use_tools: z.boolean().optional().describe('let the model call hosted tools'),
  cache: z.enum(['no-store', 'no-cache']).optional(),
  wait_s: z.number().min(0).max(45).optional(),
}

/** A schema of fields that `ask` describes: by name alone, but for the first. */
export function fieldsByName(names: readonly string[]): Record<string, unknown> {
  return {
    type: 'object',
    properties: { prompt: { type: 'string' }, ...Object.fromEntries(names.filter((name) => name !== 'prompt').map((name) => [name, {}])) },
  }
}

export type AskInput = z.infer<z.ZodObject<typeof askFields>> & { pool?: string | undefined }

export interface GivenMessages {
  readonly messages: Message[]
  readonly sources: SourceText[]
}

/** @throws {InputError} If a pool or model is named that is not configured: the plan could only say of each other one that it was not asked for. */
export function checkAsked({ pool, model }: Pick<AskInput, 'pool' | 'model'>, pools: readonly Pool[]): void {
  const known = pools.map(({ name }) => name)
  if (pool !== undefined && !known.includes(pool)) throw unknown('pool', pool, known)
  const within = pools.filter(({ name }) => pool === undefined || name === pool)
  const models = [...new Set(within.flatMap(({ deployments }) => deployments.map(({ id }) => id)))]
  if (model !== undefined && !models.includes(model)) throw unknown(pool === undefined ? 'model' : `model in pool ${pool}`, model, models)
}

function unknown(what: string, received: string, known: readonly string[]): InputError {
  const nearest = known.find((name) => name.endsWith(`/${received}`)) ?? nearestName(received, known)
  const hint = nearest === undefined ? '' : `; did you mean ${nearest}?`
  return new InputError(`Cannot ask: there is no ${what} "${received}" (there is ${known.join(', ')})${hint}`)
}

/**
 * Turns what was given into messages of our vocabulary.
 *
 * @throws {InputError} If neither or both of `prompt` and `messages` are given, or a part cannot be used.
 */
export async function readMessages(input: AskInput, caller: Caller, files: GivenFiles): Promise<GivenMessages> {
  if ((input.prompt === undefined) === (input.messages === undefined)) {
    throw new InputError(`Cannot ask: give exactly one of prompt and messages, received ${input.prompt === undefined ? 'neither' : 'both'}`)
  }
  const messages =
    input.messages === undefined ? [{ role: 'user' as const, content: [text(input.prompt ?? '')] }] : fromSampling(input.messages)
  const last = messages.at(-1)
  if (last?.role !== 'user') throw new InputError('Cannot ask: the last message must be of role user')
  const images = await Promise.all((input.images ?? []).map((source) => readImage(source, caller, files)))
  const given = await Promise.all((input.files ?? []).map((file) => readFile(file, caller, files)))
  last.content.unshift(...images, ...given.map(({ part }) => part))
  return { messages, sources: given.flatMap(({ source }) => source ?? []) }
}

async function readImage(source: string, caller: Caller, files: GivenFiles): Promise<Part> {
  if (/^https?:\/\//.test(source)) return { type: 'image-url', url: source }
  const { bytes, name } = await files.read(source, caller)
  const mediaType = mediaTypeOf(bytes)
  if (mediaType === undefined) throw new InputError(`Cannot use image ${name}: it must be a PNG, JPEG, WebP or GIF by its first bytes`)
  return { type: 'image', mediaType, data: Buffer.from(bytes).toString('base64') }
}

async function readFile(file: z.infer<typeof givenFile>, caller: Caller, files: GivenFiles): Promise<{ part: Part; source?: SourceText }> {
  if (typeof file === 'object' && 'text' in file) return asText(file.name, file.text)
  if (typeof file === 'object') return fromBytes(file.name, file.mimeType, Buffer.from(file.data, 'base64'))
  const { name, bytes } = await files.read(file, caller)
  return fromBytes(name, Buffer.from(bytes.subarray(0, 5)).toString('latin1') === '%PDF-' ? 'application/pdf' : 'text/plain', bytes)
}

function fromBytes(name: string, mediaType: string, bytes: Uint8Array): { part: Part; source?: SourceText } {
  if (mediaType === 'application/pdf') return { part: { type: 'file', mediaType, name, data: Buffer.from(bytes).toString('base64') } }
  try {
    return asText(name, new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw new InputError(`Cannot use file ${name}: it must be a PDF or UTF-8 text, received ${mediaType}`, { cause })
  }
}

function asText(name: string, content: string): { part: Part; source: SourceText } {
  const title = name.replace(/["<>\p{C}\p{Zl}\p{Zp}]/gu, "'")
  // The file says nothing outside its own place.
  const quoted = content.replace(/<(?=\s*\/\s*file\s*>)/gi, '&lt;')
  return { part: text(`<file name="${title}">\n${quoted}\n</file>`), source: { id: name, text: content } }
}

type Block = z.infer<typeof block>

function fromSampling(messages: NonNullable<AskInput['messages']>): Message[] {
  const names = new Map<string, string>()
  return messages.map(({ role, content, ...more }) => {
    const speaker = role === 'user' ? speakerNamed(more['name']) : undefined
    return { role, content: [content].flat().map((one) => toPart(one, names)), ...(speaker !== undefined && { speaker }) }
  })
}

/** `names` remembers what each call was named, since a result says only which call it answers. */
function toPart(one: Block, names: Map<string, string>): Part {
  if (one.type === 'text') return text(one.text)
  if (one.type === 'image') return image(one)
  if (one.type === 'tool_use') {
    names.set(one.id, one.name)
    return { type: 'tool-call', id: one.id, name: one.name, input: one.input }
  }
  return {
    type: 'tool-result',
    id: one.toolUseId,
    name: names.get(one.toolUseId) ?? 'tool',
    content: one.content.map((inner): ToolResultPart['content'][number] => (inner.type === 'text' ? text(inner.text) : image(inner))),
    isError: one.isError ?? false,
  }
}

function text(content: string): TextPart {
  return { type: 'text', text: content }
}

function image({ data, mimeType }: { data: string; mimeType: string }) {
  const bytes = Buffer.from(data.slice(0, 64), 'base64')
  const mediaType = mediaTypeOf(bytes)
  if (mediaType === undefined)
    throw new InputError(`Cannot use an image of type ${mimeType.slice(0, 60)}: it must be a PNG, JPEG, WebP or GIF by its first bytes`)
  return { type: 'image' as const, mediaType: mediaType satisfies ImageMediaType, data }
}
