import { Buffer } from 'node:buffer'
import { mediaTypeOf } from '../images/header.ts'
import type { CacheLifetime, FilePart, ImagePart, ImageUrlPart, Message, Part, ToolDefinition } from '../message.ts'
import type { ModelRequest, ReasoningRequest } from '../provider.ts'
import { isRecord } from '../providers/failure.ts'
import { parseArguments } from '../providers/tool-arguments.ts'
import { type Fields, mismatch, nameAt, optionalCount, optionalText } from './fields.ts'

/** What both formats of OpenAI say in the same way. */

/** Where the arguments of a call stand that are no JSON object: agents send back what a model once wrote. */
const unparsedArguments = 'unparsed_arguments'

/** The argument of a tool that takes a text (`ClientRequest.textTools`). */
export const textArgument = 'input'

export function readArguments(value: unknown): Record<string, unknown> {
  if (isRecord(value)) return value
  if (value === undefined || value === null) return {}
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return parseArguments(text) ?? { [unparsedArguments]: text }
}

/** Turns of one side become one message, so that the two roles alternate; but for people who are named, each of whom has their own. */
export function append(messages: Message[], role: Message['role'], parts: readonly Part[], speaker?: string): void {
  if (parts.length === 0) return
  const last = messages.at(-1)
  if (last?.role === role && last.speaker === speaker) last.content.push(...parts)
  else messages.push({ role, content: [...parts], ...(speaker !== undefined && { speaker }) })
}

/** A breakpoint as OpenRouter, LiteLLM and aider write it for models that want one. */
export function breakpointOf({ cache_control: mark }: Fields): CacheLifetime | undefined {
  if (!isRecord(mark) || mark['type'] !== 'ephemeral') return undefined
  return mark['ttl'] === '1h' ? '1h' : '5m'
}

/** An image in the text of the request, or where it is to be had. What an image in the text is, its first bytes say. */
export function imageOf(url: string, field: string): ImagePart | ImageUrlPart {
  if (/^https?:\/\//i.test(url)) return { type: 'image-url', url }
  const data = dataUrl(url)?.data
  if (data === undefined) throw mismatch(field, 'an http(s) URL or a data URL in base64', url)
  const mediaType = mediaTypeOf(Buffer.from(data.slice(0, 32), 'base64'))
  if (mediaType === undefined) throw mismatch(field, 'a PNG, JPEG, WebP or GIF', url)
  return { type: 'image', mediaType, data }
}

export function fileOf(fileData: string, name: string | undefined): FilePart {
  const { mediaType, data } = dataUrl(fileData) ?? { mediaType: '', data: fileData }
  return { type: 'file', mediaType: mediaType === '' ? 'application/pdf' : mediaType, data, ...(name !== undefined && { name }) }
}

function dataUrl(url: string): { mediaType: string; data: string } | undefined {
  if (!/^data:/i.test(url)) return undefined
  const comma = url.indexOf(',')
  if (comma === -1 || comma > 200) return undefined
  const [mediaType = '', ...parameters] = url.slice('data:'.length, comma).split(';')
  return parameters.includes('base64') ? { mediaType: mediaType.toLowerCase(), data: url.slice(comma + 1) } : undefined
}

export function functionTool({ name, description, parameters }: Fields, field: string): ToolDefinition {
  if (parameters !== undefined && parameters !== null && !isRecord(parameters)) {
    throw mismatch(`${field}.parameters`, 'a JSON Schema', parameters)
  }
  return {
    name: nameAt(name, `${field}.name`),
    description: optionalText(description, `${field}.description`) ?? '',
    inputSchema: parameters ?? { type: 'object', properties: {} },
  }
}

/** A tool that takes a text: models of other providers write it as an argument, and are told the grammar that they are not held to. */
export function textTool({ name, description, format }: Fields, field: string): ToolDefinition {
  const grammar = isRecord(format) && isRecord(format['grammar']) ? format['grammar'] : format
  const { syntax, definition } = isRecord(grammar) ? grammar : {}
  const rule = typeof definition === 'string' ? { description: `Follows this grammar (${String(syntax)}):\n${definition}` } : {}
  return {
    name: nameAt(name, `${field}.name`),
    description: optionalText(description, `${field}.description`) ?? '',
    inputSchema: {
      type: 'object',
      properties: { [textArgument]: { type: 'string', ...rule } },
      required: [textArgument],
      additionalProperties: false,
    },
  }
}

const efforts: ReadonlySet<unknown> = new Set(['none', 'minimal', 'low', 'medium', 'high', 'xhigh'])

function isEffort(value: unknown): value is NonNullable<ReasoningRequest['effort']> {
  return efforts.has(value)
}

export type ToolChoice = ModelRequest['toolChoice']

/** The tools that a choice leaves (`allowed_tools`), and the choice among them. */
export interface ChosenTools {
  toolChoice: ToolChoice
  tools: readonly ToolDefinition[]
}

/**
 * @param nameOf The name of the tool that an entry of the choice means, as it stands in `tools`.
 * @throws {ClientRequestError} If the choice names a tool that is not offered.
 */
export function chooseTools(
  choice: unknown,
  tools: readonly ToolDefinition[],
  nameOf: (choice: Fields, field: string) => string | undefined,
  untranslated: Set<string>,
): ChosenTools {
  if (choice === undefined || choice === null) return { toolChoice: undefined, tools }
  if (choice === 'auto' || choice === 'none' || choice === 'required') return { toolChoice: choice, tools }
  // Mistral's word.
  if (choice === 'any') return { toolChoice: 'required', tools }
  if (!isRecord(choice)) throw mismatch('tool_choice', 'auto, none, required or an object', choice)
  if (choice['type'] === 'allowed_tools') {
    const allowed = isRecord(choice['allowed_tools']) ? choice['allowed_tools'] : choice
    if (!Array.isArray(allowed['tools'])) throw mismatch('tool_choice.tools', 'a list', allowed['tools'])
    const names = allowed['tools'].map((tool) => (isRecord(tool) ? nameOf(tool, 'tool_choice.tools') : undefined))
    return {
      toolChoice: allowed['mode'] === 'required' ? 'required' : 'auto',
      tools: tools.filter(({ name }) => names.includes(name)),
    }
  }
  const name = nameOf(choice, 'tool_choice')
  if (name === undefined) {
    untranslated.add('tool_choice')
    return { toolChoice: undefined, tools }
  }
  if (!tools.some((tool) => tool.name === name)) throw mismatch('tool_choice', 'the name of a tool of the request', name)
  return { toolChoice: { name }, tools }
}

/** `json_schema` and `json_object`; a text needs no schema. `schema` is where this format keeps it. */
export function schemaOf(type: unknown, schema: unknown, field: string): Record<string, unknown> | undefined {
  if (type === 'json_object') return { type: 'object' }
  if (type !== 'json_schema') return undefined
  if (schema === undefined || schema === null) return { type: 'object' }
  if (!isRecord(schema)) throw mismatch(field, 'a JSON Schema', schema)
  return schema
}

/** The reasoning wished for, in the words of OpenAI, OpenRouter (`max_tokens`, `enabled`) and LiteLLM (`thinking`). */
export function reasoningOf(effort: unknown, field: string, budget: unknown, untranslated: Set<string>): ReasoningRequest | undefined {
  const budgetTokens = optionalCount(budget, field)
  const known = isEffort(effort) ? effort : undefined
  if (effort !== undefined && effort !== null && known === undefined) untranslated.add(field)
  if (known === undefined && budgetTokens === undefined) return undefined
  return { ...(known !== undefined && { effort: known }), ...(budgetTokens !== undefined && { budgetTokens }) }
}
