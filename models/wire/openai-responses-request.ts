import type { ImagePart, Message, Part, TextPart, ToolResultPart } from '../message.ts'
import { isRecord } from '../providers/failure.ts'
import type { ClientRequest } from './client-format.ts'
import {
  type Fields,
  fieldsAt,
  mismatch,
  nameAt,
  noteOthers,
  optionalCount,
  optionalFlag,
  optionalList,
  optionalNumber,
  optionalText,
  textAt,
} from './fields.ts'
import { readComputerCall, readComputerOutput } from './openai-computer.ts'
import { append, chooseTools, fileOf, imageOf, readArguments, reasoningOf, schemaOf, textArgument } from './openai-content.ts'
import { flatName, readResponsesTools } from './openai-responses-tools.ts'

const knownFields = new Set([
  ...['model', 'input', 'instructions', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls', 'include'],
  ...['max_output_tokens', 'temperature', 'top_p', 'text', 'reasoning', 'prompt_cache_key', 'user', 'safety_identifier'],
  ...['previous_response_id', 'store'],
])

/** Fields that ask for nothing as long as they have these values. */
const idle: Readonly<Record<string, (value: unknown) => boolean>> = {
  background: (value) => value === false,
  service_tier: (value) => value === 'auto' || value === 'default',
  top_logprobs: (value) => value === 0,
  truncation: (value) => value === 'disabled',
  metadata: (value) => isRecord(value) && Object.keys(value).length === 0,
}

/** @throws {ClientRequestError} If the body breaks a rule of Responses. */
export function readResponsesRequest(input: unknown): ClientRequest {
  const body = fieldsAt(input, 'body')
  const untranslated = new Set<string>()
  for (const name in body) {
    const value = body[name]
    if (!knownFields.has(name) && value !== null && value !== undefined && !(Object.hasOwn(idle, name) && idle[name]?.(value) === true))
      untranslated.add(name)
  }
  for (const wish of optionalList(body['include'], 'include')) {
    if (wish !== 'reasoning.encrypted_content') untranslated.add(`include.${textAt(wish, 'include')}`)
  }
  const { tools, textTools, namespacedTools } = readResponsesTools(body['tools'], untranslated)
  const chosen = chooseTools(body['tool_choice'], tools, chosenName, untranslated)
  if (!['input', 'previous_response_id', 'prompt', 'conversation'].some((name) => body[name] !== undefined && body[name] !== null)) {
    throw mismatch('input', 'a string or a list', undefined)
  }
  const { system, messages } = readInput(body['input'], untranslated)
  const instructions = optionalText(body['instructions'], 'instructions')
  if (instructions !== undefined && instructions !== '') system.unshift(instructions)
  return {
    model: nameAt(body['model'], 'model'),
    stream: optionalFlag(body['stream'], 'stream') ?? false,
    system: system.length === 0 ? undefined : system.join('\n\n'),
    systemCacheBreakpoint: undefined,
    messages,
    tools: chosen.tools,
    textTools,
    namespacedTools: namespacedTools.size === 0 ? undefined : namespacedTools,
    toolChoice: chosen.toolChoice,
    parallelToolCalls: optionalFlag(body['parallel_tool_calls'], 'parallel_tool_calls'),
    maxOutputTokens: optionalCount(body['max_output_tokens'], 'max_output_tokens'),
    temperature: optionalNumber(body['temperature'], 'temperature'),
    topP: optionalNumber(body['top_p'], 'top_p'),
    stopSequences: undefined,
    reasoning: readReasoning(body['reasoning'], untranslated),
    responseSchema: readText(body['text'], untranslated),
    cacheKey: optionalText(body['prompt_cache_key'], 'prompt_cache_key'),
    user: optionalText(body['safety_identifier'], 'safety_identifier') ?? optionalText(body['user'], 'user'),
    wantsUsage: true,
    previousResponse: optionalText(body['previous_response_id'], 'previous_response_id'),
    stores: optionalFlag(body['store'], 'store') ?? true,
    untranslated: [...untranslated],
  }
}

const knownInReasoning = new Set(['effort', 'summary', 'generate_summary'])

function readReasoning(value: unknown, untranslated: Set<string>): ClientRequest['reasoning'] {
  if (value === undefined || value === null) return undefined
  const reasoning = fieldsAt(value, 'reasoning')
  noteOthers(reasoning, knownInReasoning, 'reasoning', untranslated)
  const wanted = reasoningOf(reasoning['effort'], 'reasoning.effort', undefined, untranslated)
  const summary = reasoning['summary'] ?? reasoning['generate_summary'] ?? 'none'
  return wanted === undefined || summary === 'none' ? wanted : { ...wanted, shown: true }
}

const knownInText = new Set(['format'])

function readText(value: unknown, untranslated: Set<string>): Record<string, unknown> | undefined {
  if (value === undefined || value === null) return undefined
  const text = fieldsAt(value, 'text')
  noteOthers(text, knownInText, 'text', untranslated)
  const { format } = text
  if (format === undefined || format === null) return undefined
  const { type, schema } = fieldsAt(format, 'text.format')
  return schemaOf(type, schema, 'text.format.schema')
}

function chosenName(choice: Fields, field: string): string | undefined {
  if (choice['type'] !== 'function' && choice['type'] !== 'custom') return undefined
  return toolName(choice, field)
}

/** The name in `tools` of a tool that a call or a choice names, with its namespace if it has one. */
function toolName({ name, namespace }: Fields, at: string): string {
  const own = nameAt(name, `${at}.name`)
  return typeof namespace === 'string' && namespace !== '' ? flatName({ namespace, name: own }) : own
}

interface Input {
  system: string[]
  messages: Message[]
  /** Of calls, by their ids. */
  names: Map<string, string>
  untranslated: Set<string>
}

function readInput(value: unknown, untranslated: Set<string>): Pick<Input, 'system' | 'messages'> {
  const input: Input = { system: [], messages: [], names: new Map(), untranslated }
  if (typeof value === 'string') append(input.messages, 'user', value === '' ? [] : [{ type: 'text', text: value }])
  else
    for (const [index, item] of optionalList(value, 'input').entries())
      readItem(fieldsAt(item, `input[${index}]`), `input[${index}]`, input)
  return input
}

function readItem(item: Fields, at: string, input: Input): void {
  const { type = 'message' } = item
  switch (type) {
    case 'message':
      readMessage(item, at, input)
      break
    case 'function_call':
      addCall(toolName(item, at), readArguments(item['arguments']), item, at, input)
      break
    case 'custom_tool_call':
      addCall(toolName(item, at), { [textArgument]: textAt(item['input'], `${at}.input`) }, item, at, input)
      break
    case 'computer_call':
      append(input.messages, 'assistant', [readComputerCall(item, callId(item, at))])
      break
    case 'computer_call_output':
      append(input.messages, 'user', [readComputerOutput(item, callId(item, at), at, input.untranslated)])
      break
    case 'function_call_output':
    case 'custom_tool_call_output':
      addResult(item, at, input)
      break
    case 'reasoning':
      append(input.messages, 'assistant', [{ type: 'reasoning', text: reasoningText(item), mintedBy: '', raw: item }])
      break
    // The vendor's own shell and patch tools: what they did is part of the conversation for any model.
    case 'local_shell_call':
    case 'shell_call':
      addCall(type === 'shell_call' ? 'shell' : 'local_shell', isRecord(item['action']) ? item['action'] : {}, item, at, input)
      break
    case 'apply_patch_call':
      addCall('apply_patch', isRecord(item['operation']) ? item['operation'] : {}, item, at, input)
      break
    case 'local_shell_call_output':
    case 'shell_call_output':
    case 'apply_patch_call_output':
      addResult(item, at, input)
      break
    default:
      input.untranslated.add(`input[].${textAt(type, `${at}.type`)}`)
  }
}

const knownInMessage = new Set(['type', 'role', 'content', 'id', 'status', 'phase'])

function readMessage(item: Fields, at: string, { system, messages, untranslated }: Input): void {
  const role = textAt(item['role'], `${at}.role`)
  noteOthers(item, knownInMessage, 'input[]', untranslated)
  const parts = readContent(item['content'], `${at}.content`, untranslated)
  if (role === 'user' || role === 'assistant') append(messages, role, parts)
  else if (role === 'system' || role === 'developer') system.push(...parts.flatMap((part) => (part.type === 'text' ? [part.text] : [])))
  else throw mismatch(`${at}.role`, 'user, assistant, system or developer', role)
}

function readContent(content: unknown, field: string, untranslated: Set<string>): Part[] {
  if (content === undefined || content === null || content === '') return []
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (!Array.isArray(content)) throw mismatch(field, 'a string or a list of parts', content)
  return content.flatMap((value, index): Part[] => {
    const at = `${field}[${index}]`
    const part = readPart(fieldsAt(value, at), at, untranslated)
    return part === undefined ? [] : [part]
  })
}

function readPart(part: Fields, at: string, untranslated: Set<string>): Part | undefined {
  const { type } = part
  switch (type) {
    case 'input_text':
    case 'output_text':
    case 'text':
    case 'summary_text': {
      const text = textAt(part['text'], `${at}.text`)
      return text === '' ? undefined : { type: 'text', text }
    }
    case 'refusal':
      return { type: 'text', text: textAt(part['refusal'], `${at}.refusal`) }
    case 'input_image':
      if (typeof part['image_url'] === 'string') return imageOf(part['image_url'], `${at}.image_url`)
      break
    case 'input_file':
      if (typeof part['file_data'] === 'string') return fileOf(part['file_data'], optionalText(part['filename'], `${at}.filename`))
      break
    default:
      textAt(type, `${at}.type`)
  }
  // Files that lie at the vendor, sounds, and what comes later.
  untranslated.add(`input[].content.${String(type)}`)
  return undefined
}

function reasoningText({ summary, content }: Fields): string {
  const parts = [...(Array.isArray(summary) ? summary : []), ...(Array.isArray(content) ? content : [])]
  return parts.flatMap((part) => (isRecord(part) && typeof part['text'] === 'string' ? [part['text']] : [])).join('\n\n')
}

/** Older items of the vendor's shell have an `id` alone. */
function callId({ call_id: callId, id }: Fields, at: string): string {
  return nameAt(callId ?? id, `${at}.call_id`)
}

function addCall(name: string, args: Record<string, unknown>, item: Fields, at: string, { messages, names }: Input): void {
  const id = callId(item, at)
  names.set(id, name)
  append(messages, 'assistant', [{ type: 'tool-call', id, name, input: args }])
}

function addResult(item: Fields, at: string, { messages, names, untranslated }: Input): void {
  const id = callId(item, at)
  const part: ToolResultPart = {
    type: 'tool-result',
    id,
    name: names.get(id) ?? optionalText(item['name'], `${at}.name`) ?? '',
    content: readOutput(item['output'], `${at}.output`, untranslated),
    isError: false,
  }
  append(messages, 'user', [part])
}

/** A text, parts, or what the vendor's own tools say, as JSON. */
function readOutput(output: unknown, field: string, untranslated: Set<string>): (TextPart | ImagePart)[] {
  if (isRecord(output) || (Array.isArray(output) && output.some((part) => isRecord(part) && 'stdout' in part))) {
    return [{ type: 'text', text: JSON.stringify(output) }]
  }
  return readContent(output, field, untranslated).flatMap((part): (TextPart | ImagePart)[] => {
    if (part.type === 'text') return [{ type: 'text', text: part.text }]
    if (part.type === 'image') return [{ type: 'image', mediaType: part.mediaType, data: part.data }]
    untranslated.add('input[].output')
    return []
  })
}
