import type { CacheLifetime, ImagePart, Message, Part, ReasoningPart, TextPart, ToolCallPart, ToolDefinition } from '../message.ts'
import { isRecord } from '../providers/failure.ts'
import { speakerNamed } from '../speaker.ts'
import { type ClientRequest, ClientRequestError } from './client-format.ts'
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
import {
  append,
  breakpointOf,
  chooseTools,
  fileOf,
  functionTool,
  imageOf,
  readArguments,
  reasoningOf,
  schemaOf,
  textArgument,
  textTool,
} from './openai-content.ts'

/**
 * What came back of a model's own reasoning. The first two are what servers of this format know (`reasoning_content` of
 * vLLM and DeepSeek, `reasoning` of OpenRouter and newer servers), the third is OpenRouter's, which may be signed, and the
 * last is what a call carries for Gemini.
 */
export type ChatReasoning =
  | { field: 'reasoning_content' | 'reasoning'; text: string }
  | { field: 'reasoning_details'; value: unknown }
  | { callId: string; extra: unknown }

const knownFields = new Set([
  ...['model', 'messages', 'stream', 'stream_options', 'tools', 'tool_choice', 'parallel_tool_calls', 'functions', 'function_call'],
  ...['max_tokens', 'max_completion_tokens', 'temperature', 'top_p', 'stop', 'response_format', 'prompt_cache_key'],
  ...['reasoning_effort', 'reasoning', 'thinking', 'user', 'safety_identifier'],
])

/** Fields that ask for nothing as long as they have these values. */
const idle: Readonly<Record<string, (value: unknown) => boolean>> = {
  n: (value) => value === 1,
  frequency_penalty: (value) => value === 0,
  presence_penalty: (value) => value === 0,
  logprobs: (value) => value === false,
  top_logprobs: (value) => value === 0,
  store: (value) => value === false,
  service_tier: (value) => value === 'auto' || value === 'default',
  modalities: (value) => Array.isArray(value) && value.length === 1 && value[0] === 'text',
  logit_bias: (value) => isRecord(value) && Object.keys(value).length === 0,
  metadata: (value) => isRecord(value) && Object.keys(value).length === 0,
}

/** @throws {ClientRequestError} If the body breaks a rule of Chat Completions. */
export function readChatRequest(input: unknown): ClientRequest {
  const body = fieldsAt(input, 'body')
  const untranslated = new Set<string>()
  for (const name in body) {
    const value = body[name]
    if (!knownFields.has(name) && value !== null && value !== undefined && !(Object.hasOwn(idle, name) && idle[name]?.(value) === true))
      untranslated.add(name)
  }
  const { tools, textTools } = readTools(body, untranslated)
  const chosen = chooseTools(choiceOf(body), tools, chosenName, untranslated)
  const turns = readMessages(body['messages'], untranslated)
  return {
    model: nameAt(body['model'], 'model'),
    stream: optionalFlag(body['stream'], 'stream') ?? false,
    ...turns,
    tools: chosen.tools,
    textTools,
    toolChoice: chosen.toolChoice,
    parallelToolCalls: optionalFlag(body['parallel_tool_calls'], 'parallel_tool_calls'),
    maxOutputTokens:
      optionalCount(body['max_completion_tokens'], 'max_completion_tokens') ?? optionalCount(body['max_tokens'], 'max_tokens'),
    temperature: optionalNumber(body['temperature'], 'temperature'),
    topP: optionalNumber(body['top_p'], 'top_p'),
    stopSequences: readStop(body['stop']),
    reasoning: readReasoning(body, untranslated),
    responseSchema: readFormat(body['response_format']),
    cacheKey: optionalText(body['prompt_cache_key'], 'prompt_cache_key'),
    user: optionalText(body['safety_identifier'], 'safety_identifier') ?? optionalText(body['user'], 'user'),
    wantsUsage: isRecord(body['stream_options']) && body['stream_options']['include_usage'] === true,
    previousResponse: undefined,
    stores: false,
    untranslated: [...untranslated],
  }
}

function readStop(stop: unknown): readonly string[] | undefined {
  if (stop === undefined || stop === null) return undefined
  if (typeof stop === 'string') return [stop]
  return optionalList(stop, 'stop').map((one) => textAt(one, 'stop'))
}

function readFormat(format: unknown): Record<string, unknown> | undefined {
  if (format === undefined || format === null) return undefined
  const { type, json_schema: named } = fieldsAt(format, 'response_format')
  return schemaOf(type, isRecord(named) ? named['schema'] : undefined, 'response_format.json_schema.schema')
}

function readReasoning(body: Fields, untranslated: Set<string>): ClientRequest['reasoning'] {
  const effort = body['reasoning_effort']
  if (effort !== undefined && effort !== null) return reasoningOf(effort, 'reasoning_effort', undefined, untranslated)
  const { reasoning, thinking } = body
  if (isRecord(reasoning)) {
    const wanted = reasoningOf(reasoning['effort'], 'reasoning', reasoning['max_tokens'], untranslated)
    return reasoning['exclude'] === true ? wanted : asShown(wanted)
  }
  if (isRecord(thinking) && thinking['type'] === 'enabled') {
    return asShown(reasoningOf(undefined, 'thinking.budget_tokens', thinking['budget_tokens'], untranslated))
  }
  return isRecord(thinking) && thinking['type'] === 'disabled' ? { effort: 'none' } : undefined
}

/** OpenAI itself never shows reasoning here, so its own word for the effort asks for none; those of OpenRouter and LiteLLM do. */
function asShown(wanted: ClientRequest['reasoning']): ClientRequest['reasoning'] {
  return wanted === undefined || wanted.effort === 'none' ? wanted : { ...wanted, shown: true }
}

const knownInTool = new Set(['type', 'function', 'custom', 'cache_control'])
const knownInFunction = new Set(['name', 'description', 'parameters', 'cache_control'])

function readTools(body: Fields, untranslated: Set<string>): { tools: ToolDefinition[]; textTools: Set<string> } {
  const tools: ToolDefinition[] = []
  const textTools = new Set<string>()
  for (const [index, value] of optionalList(body['tools'], 'tools').entries()) {
    const at = `tools[${index}]`
    const tool = fieldsAt(value, at)
    if (tool['type'] === 'function') {
      const told = fieldsAt(tool['function'], `${at}.function`)
      const cacheBreakpoint = breakpointOf(tool) ?? breakpointOf(told)
      tools.push({ ...functionTool(told, `${at}.function`), ...(cacheBreakpoint !== undefined && { cacheBreakpoint }) })
      noteOthers(tool, knownInTool, 'tools[]', untranslated)
      noteOthers(told, knownInFunction, 'tools[].function', untranslated)
    } else if (tool['type'] === 'custom') {
      const made = textTool(fieldsAt(tool['custom'], `${at}.custom`), `${at}.custom`)
      tools.push(made)
      textTools.add(made.name)
    } else {
      untranslated.add(`tools.${textAt(tool['type'], `${at}.type`)}`)
    }
  }
  // What stood in the place of `tools` before there were any.
  for (const [index, value] of optionalList(body['functions'], 'functions').entries()) {
    tools.push(functionTool(fieldsAt(value, `functions[${index}]`), `functions[${index}]`))
  }
  return { tools, textTools }
}

function choiceOf({ tool_choice: choice, function_call: earlier }: Fields): unknown {
  if (choice !== undefined && choice !== null) return choice
  return isRecord(earlier) ? { type: 'function', function: earlier } : earlier
}

function chosenName(choice: Fields, field: string): string | undefined {
  const { type } = choice
  if (type !== 'function' && type !== 'custom') return undefined
  return nameAt(fieldsAt(choice[type], `${field}.${type}`)['name'], `${field}.${type}.name`)
}

const knownInMessage: Readonly<Record<string, ReadonlySet<string>>> = {
  system: new Set(['role', 'content', 'cache_control']),
  developer: new Set(['role', 'content', 'cache_control']),
  user: new Set(['role', 'content', 'name', 'cache_control']),
  assistant: new Set([
    ...['role', 'content', 'refusal', 'tool_calls', 'function_call', 'reasoning_content', 'reasoning', 'reasoning_details'],
    // The vendor's package adds what it parsed.
    ...['annotations', 'parsed', 'cache_control'],
  ]),
  tool: new Set(['role', 'content', 'tool_call_id', 'name', 'cache_control']),
  function: new Set(['role', 'content', 'name']),
}

type Turns = Pick<ClientRequest, 'system' | 'systemCacheBreakpoint' | 'messages'>

function readMessages(value: unknown, untranslated: Set<string>): Turns {
  if (!Array.isArray(value) || value.length === 0) throw mismatch('messages', 'a list that is not empty', value)
  const messages: Message[] = []
  const system: string[] = []
  const names = new Map<string, string>()
  let systemCacheBreakpoint: CacheLifetime | undefined

  for (const [index, entry] of value.entries()) {
    const at = `messages[${index}]`
    const message = fieldsAt(entry, at)
    const role = textAt(message['role'], `${at}.role`)
    const known = Object.hasOwn(knownInMessage, role) ? knownInMessage[role] : undefined
    if (known === undefined) throw mismatch(`${at}.role`, 'system, developer, user, assistant, tool or function', role)
    noteOthers(message, known, 'messages[]', untranslated)
    const parts = marked(readContent(message['content'], `${at}.content`, untranslated), message)
    if (role === 'system' || role === 'developer') {
      const texts = parts.filter((part) => part.type === 'text')
      systemCacheBreakpoint = texts.findLast((part) => part.cacheBreakpoint !== undefined)?.cacheBreakpoint ?? systemCacheBreakpoint
      system.push(...texts.map(({ text }) => text).filter((text) => text !== ''))
    } else if (role === 'user') {
      append(messages, 'user', parts, speakerNamed(message['name']))
    } else if (role === 'assistant') {
      append(messages, 'assistant', readAssistant(message, parts, { at, index, names, untranslated }))
    } else {
      append(messages, 'user', [readResult(message, parts, { at, names, untranslated })])
    }
  }
  return { system: system.length === 0 ? undefined : system.join('\n\n'), systemCacheBreakpoint, messages }
}

/** A breakpoint that stands on a message is one after its last part. */
function marked(parts: Part[], message: Fields): Part[] {
  const cacheBreakpoint = breakpointOf(message)
  const last = parts.at(-1)
  if (cacheBreakpoint === undefined || last === undefined || !takesBreakpoint(last)) return parts
  return [...parts.slice(0, -1), { ...last, cacheBreakpoint }]
}

type Markable = Extract<Part, { type: 'text' | 'image' | 'file' }>

function takesBreakpoint(part: Part): part is Markable {
  return part.type === 'text' || part.type === 'image' || part.type === 'file'
}

function readContent(content: unknown, field: string, untranslated: Set<string>): Part[] {
  if (content === undefined || content === null || content === '') return []
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  if (!Array.isArray(content)) throw mismatch(field, 'a string or a list of parts', content)
  return content.flatMap((value, index): Part[] => {
    const at = `${field}[${index}]`
    const entry = fieldsAt(value, at)
    const part = readPart(entry, at, untranslated)
    if (part === undefined || !takesBreakpoint(part)) return part === undefined ? [] : [part]
    const cacheBreakpoint = breakpointOf(entry)
    return [cacheBreakpoint === undefined ? part : { ...part, cacheBreakpoint }]
  })
}

function readPart(part: Fields, at: string, untranslated: Set<string>): Part | undefined {
  switch (part['type']) {
    case 'text': {
      const text = textAt(part['text'], `${at}.text`)
      return text === '' ? undefined : { type: 'text', text }
    }
    case 'refusal':
      return { type: 'text', text: textAt(part['refusal'], `${at}.refusal`) }
    case 'image_url': {
      const { image_url: image } = part
      return imageOf(textAt(isRecord(image) ? image['url'] : image, `${at}.image_url.url`), `${at}.image_url.url`)
    }
    case 'file': {
      const file = fieldsAt(part['file'], `${at}.file`)
      if (typeof file['file_data'] === 'string') return fileOf(file['file_data'], optionalText(file['filename'], `${at}.file.filename`))
      untranslated.add('messages[].content.file')
      return undefined
    }
    default:
      untranslated.add(`messages[].content.${textAt(part['type'], `${at}.type`)}`)
      return undefined
  }
}

interface MessagePlace {
  at: string
  names: Map<string, string>
  untranslated: Set<string>
}

/** Reasoning first, as it was written first. */
function readAssistant(
  message: Fields,
  parts: readonly Part[],
  { at, index, names, untranslated }: MessagePlace & { index: number },
): Part[] {
  const reasoning: ReasoningPart[] = []
  for (const field of ['reasoning_content', 'reasoning'] as const) {
    const text = message[field]
    if (typeof text === 'string' && text !== '') reasoning.push(reasoningPart({ field, text }, text))
  }
  const details = message['reasoning_details']
  if (Array.isArray(details) && details.length > 0) reasoning.push(reasoningPart({ field: 'reasoning_details', value: details }, ''))

  const refusal = optionalText(message['refusal'], `${at}.refusal`)
  const said: Part[] = refusal === undefined || refusal === '' || parts.length > 0 ? [...parts] : [{ type: 'text', text: refusal }]
  const calls: Part[] = []
  for (const [position, value] of optionalList(message['tool_calls'], `${at}.tool_calls`).entries()) {
    const entry = fieldsAt(value, `${at}.tool_calls[${position}]`)
    const call = readCall(entry, `${at}.tool_calls[${position}]`, untranslated)
    if (call === undefined) continue
    names.set(call.id, call.name)
    if (entry['extra_content'] !== undefined) reasoning.push(reasoningPart({ callId: call.id, extra: entry['extra_content'] }, ''))
    calls.push(call)
  }
  if (isRecord(message['function_call'])) {
    const { name, arguments: input } = message['function_call']
    const id = earlierId(nameAt(name, `${at}.function_call.name`), index)
    names.set(`function:${String(name)}`, id)
    calls.push({ type: 'tool-call', id, name: String(name), input: readArguments(input) })
  }
  return [...reasoning, ...said, ...calls]
}

/** Calls had no id before there were tools: one of its place stands in for it. */
function earlierId(name: string, index: number): string {
  return `call_${index}_${name.replaceAll(/[^\w-]/g, '_').slice(0, 40)}`
}

function reasoningPart(raw: ChatReasoning, text: string): ReasoningPart {
  return { type: 'reasoning', text, mintedBy: '', raw }
}

function readCall(call: Fields, at: string, untranslated: Set<string>): ToolCallPart | undefined {
  const { id, type = 'function', function: told, custom } = call
  if (type === 'function') {
    const { name, arguments: input } = fieldsAt(told, `${at}.function`)
    return { type: 'tool-call', id: nameAt(id, `${at}.id`), name: nameAt(name, `${at}.function.name`), input: readArguments(input) }
  }
  if (type === 'custom') {
    const { name, input } = fieldsAt(custom, `${at}.custom`)
    const text = textAt(input, `${at}.custom.input`)
    return { type: 'tool-call', id: nameAt(id, `${at}.id`), name: nameAt(name, `${at}.custom.name`), input: { [textArgument]: text } }
  }
  untranslated.add(`messages[].tool_calls.${textAt(type, `${at}.type`)}`)
  return undefined
}

function readResult(message: Fields, parts: readonly Part[], { at, names, untranslated }: MessagePlace): Part {
  const content = parts.filter((part) => part.type === 'text' || part.type === 'image')
  if (content.length < parts.length) untranslated.add('messages[].content')
  const cacheBreakpoint = content.findLast((part) => part.cacheBreakpoint !== undefined)?.cacheBreakpoint
  const bare = content.map((part): TextPart | ImagePart =>
    part.type === 'text' ? { type: 'text', text: part.text } : { type: 'image', mediaType: part.mediaType, data: part.data },
  )
  const told = optionalText(message['name'], `${at}.name`)
  const id = message['role'] === 'function' ? names.get(`function:${told}`) : nameAt(message['tool_call_id'], `${at}.tool_call_id`)
  if (id === undefined) throw new ClientRequestError(`${at}.name`, `must name a function that was called before, received ${told}`)
  const name = names.get(id) ?? told ?? ''
  return { type: 'tool-result', id, name, content: bare, isError: false, ...(cacheBreakpoint !== undefined && { cacheBreakpoint }) }
}
