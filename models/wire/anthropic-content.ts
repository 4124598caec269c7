import { computerToolName } from '../computer/calls.ts'
import type { ComputerFormatName } from '../computer/format.ts'
import type { FilePart, ImageMediaType, ImagePart, ImageUrlPart, Part, TextPart, ToolResultPart } from '../message.ts'
import { cacheMark } from './anthropic-cache-mark.ts'
import { readComputerCall } from './anthropic-computer.ts'
import { type Fields, fieldsAt, isAbsent, listAt, mismatch, nameAt, noteOthers, optionalFlag, optionalText, textAt } from './fields.ts'

/** What reading a conversation needs to know beside the block at hand. */
export interface ContentContext {
  /** Collects what has no word in our vocabulary. */
  readonly untranslated: Set<string>
  /** Names of the tools that were called, by the call's id: a result does not say its own. */
  readonly toolNames: Map<string, string>
  /** The form of the computer that the request offers. */
  readonly computer: ComputerFormatName | undefined
  /** Ids of the calls that were actions of a computer. */
  readonly computerCalls: Set<string>
}

const where = 'messages[].content[]'
const imageTypes: ReadonlySet<unknown> = new Set<ImageMediaType>(['image/png', 'image/jpeg', 'image/webp', 'image/gif'])

const textFields = new Set(['type', 'text', 'cache_control', 'citations'])
const imageFields = new Set(['type', 'source', 'cache_control'])
const documentFields = new Set(['type', 'source', 'title', 'cache_control', 'citations'])
const searchFields = new Set(['type', 'source', 'title', 'content', 'cache_control', 'citations'])
const callFields = new Set(['type', 'id', 'name', 'input', 'caller'])
const resultFields = new Set(['type', 'tool_use_id', 'content', 'is_error', 'cache_control'])

/** The content of one message: a text, or blocks. Blocks without a word in our vocabulary are named and left out. */
export function readContent(value: unknown, field: string, context: ContentContext): Part[] {
  if (typeof value === 'string') return [{ type: 'text', text: value }]
  if (!Array.isArray(value)) throw mismatch(field, 'a string or a list of blocks', value)
  return value.flatMap((block, index) => readBlock(block, `${field}[${index}]`, context))
}

function readBlock(value: unknown, field: string, context: ContentContext): Part[] {
  const block = fieldsAt(value, field)
  switch (block['type']) {
    case 'text':
      return [readText(block, field, context)]
    case 'image':
      return readImage(block, field, context)
    case 'document':
      return readDocument(block, field, context)
    case 'search_result':
      return [readSearchResult(block, field, context)]
    case 'thinking':
      // Whether it is whole is for the model that signed it to say.
      return [{ type: 'reasoning', text: textAt(block['thinking'], `${field}.thinking`), mintedBy: '', raw: block }]
    case 'redacted_thinking':
      return [{ type: 'reasoning', text: '', mintedBy: '', raw: block }]
    case 'tool_use':
      return [readCall(block, field, context)]
    case 'tool_result':
      return [readResult(block, field, context)]
    default:
      context.untranslated.add(`${where}(${textAt(block['type'], `${field}.type`)})`)
      return []
  }
}

function readText(block: Fields, field: string, { untranslated }: ContentContext): TextPart {
  noteOthers(block, textFields, where, untranslated)
  if (Array.isArray(block['citations']) && block['citations'].length > 0) untranslated.add(`${where}.citations`)
  return { type: 'text', text: textAt(block['text'], `${field}.text`), ...cacheMark(block, field) }
}

function readImage(block: Fields, field: string, { untranslated }: ContentContext): (ImagePart | ImageUrlPart)[] {
  noteOthers(block, imageFields, where, untranslated)
  const source = fieldsAt(block['source'], `${field}.source`)
  const mark = cacheMark(block, field)
  if (source['type'] === 'base64') {
    const mediaType = source['media_type']
    if (!imageTypes.has(mediaType))
      throw mismatch(`${field}.source.media_type`, 'image/png, image/jpeg, image/webp or image/gif', mediaType)
    return [{ type: 'image', mediaType: mediaType as ImageMediaType, data: textAt(source['data'], `${field}.source.data`), ...mark }]
  }
  if (source['type'] === 'url') {
    if (mark.cacheBreakpoint !== undefined) untranslated.add(`${where}.cache_control`)
    return [{ type: 'image-url', url: textAt(source['url'], `${field}.source.url`) }]
  }
  untranslated.add(`${where}(image ${textAt(source['type'], `${field}.source.type`)})`)
  return []
}

function readDocument(block: Fields, field: string, context: ContentContext): Part[] {
  const { untranslated } = context
  noteOthers(block, documentFields, where, untranslated)
  noteCitations(block, field, untranslated)
  const source = fieldsAt(block['source'], `${field}.source`)
  const title = optionalText(block['title'], `${field}.title`)
  const mark = cacheMark(block, field)
  const named = title === undefined || title === '' ? {} : { name: title }
  switch (source['type']) {
    case 'base64': {
      const mediaType = textAt(source['media_type'], `${field}.source.media_type`)
      const file: FilePart = { type: 'file', mediaType, ...named, data: textAt(source['data'], `${field}.source.data`), ...mark }
      return [file]
    }
    case 'text': {
      const data = Buffer.from(textAt(source['data'], `${field}.source.data`)).toString('base64')
      return [{ type: 'file', mediaType: 'text/plain', ...named, data, ...mark }]
    }
    case 'content': {
      const inner = `${field}.source.content`
      const content = source['content']
      const parts = typeof content === 'string' ? [{ type: 'text' as const, text: content }] : readInner(content, inner, context)
      const titled: (TextPart | ImagePart)[] = title === undefined ? parts : [{ type: 'text', text: title }, ...parts]
      const last = titled.at(-1)
      return last === undefined ? [] : [...titled.slice(0, -1), { ...last, ...mark }]
    }
    default:
      untranslated.add(`${where}(document ${textAt(source['type'], `${field}.source.type`)})`)
      return []
  }
}

/** A passage with where it is from, as text. */
function readSearchResult(block: Fields, field: string, { untranslated }: ContentContext): TextPart {
  noteOthers(block, searchFields, where, untranslated)
  noteCitations(block, field, untranslated)
  const texts = listAt(block['content'], `${field}.content`).map((one, index) => {
    const at = `${field}.content[${index}]`
    return textAt(fieldsAt(one, at)['text'], `${at}.text`)
  })
  const head = [block['title'], block['source']].filter((value) => typeof value === 'string' && value !== '')
  return { type: 'text', text: [head.join('\n'), ...texts].join('\n\n'), ...cacheMark(block, field) }
}

function readCall(block: Fields, field: string, { untranslated, toolNames, computer, computerCalls }: ContentContext): Part {
  noteOthers(block, fieldsOfToolset(block, callFields), where, untranslated)
  const id = nameAt(block['id'], `${field}.id`)
  const name = nameAt(block['name'], `${field}.name`)
  const call = readComputerCall(block, id, computer)
  if (call !== undefined) {
    toolNames.set(id, call.name)
    computerCalls.add(id)
    return call
  }
  toolNames.set(id, name)
  return { type: 'tool-call', id, name, input: fieldsAt(block['input'], `${field}.input`) as Record<string, unknown> }
}

/** A computer's actions are translated, those of other toolsets are calls like any other. */
function fieldsOfToolset(block: Fields, known: ReadonlySet<string>): ReadonlySet<string> {
  return block['toolset_name'] === computerToolName ? new Set([...known, 'toolset_name']) : known
}

function readResult(block: Fields, field: string, context: ContentContext): ToolResultPart {
  noteOthers(block, fieldsOfToolset(block, resultFields), where, context.untranslated)
  const id = nameAt(block['tool_use_id'], `${field}.tool_use_id`)
  const { content } = block
  return {
    type: 'tool-result',
    id,
    name: context.toolNames.get(id) ?? '',
    content:
      typeof content === 'string'
        ? [{ type: 'text', text: content }]
        : isAbsent(content)
          ? []
          : readInner(content, `${field}.content`, context),
    isError: optionalFlag(block['is_error'], `${field}.is_error`) ?? false,
    ...(context.computerCalls.has(id) && { computer: { acknowledged: [] } }),
    ...cacheMark(block, field),
  }
}

/** Inside a result or a document there are texts and images alone; text files are texts there. */
function readInner(value: unknown, field: string, context: ContentContext): (TextPart | ImagePart)[] {
  return listAt(value, field).flatMap((one, index) => {
    const parts = readBlock(one, `${field}[${index}]`, context)
    return parts.flatMap((part): (TextPart | ImagePart)[] => {
      if (part.type === 'text' || part.type === 'image') return [part]
      if (part.type === 'file' && part.mediaType === 'text/plain') {
        const { cacheBreakpoint } = part
        const text = Buffer.from(part.data, 'base64').toString('utf8')
        return [{ type: 'text', text, ...(cacheBreakpoint !== undefined && { cacheBreakpoint }) }]
      }
      context.untranslated.add(`${where}.content[](${part.type})`)
      return []
    })
  })
}

function noteCitations(block: Fields, field: string, untranslated: Set<string>): void {
  const { citations } = block
  if (!isAbsent(citations) && fieldsAt(citations, `${field}.citations`)['enabled'] === true) untranslated.add(`${where}.citations`)
}
