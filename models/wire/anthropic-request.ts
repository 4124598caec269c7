import type { Message, TextPart, ToolDefinition } from '../message.ts'
import type { ReasoningRequest } from '../provider.ts'
import { cacheMark } from './anthropic-cache-mark.ts'
import { readComputerTool } from './anthropic-computer.ts'
import { type ContentContext, readContent } from './anthropic-content.ts'
import type { ClientRequest } from './client-format.ts'
import {
  countAt,
  type Fields,
  fieldsAt,
  isAbsent,
  listAt,
  mismatch,
  nameAt,
  noteOthers,
  optionalFlag,
  optionalShare,
  optionalText,
  textAt,
} from './fields.ts'

const requestFields = new Set([
  ...['model', 'messages', 'system', 'max_tokens', 'stream', 'temperature', 'top_p', 'stop_sequences', 'metadata'],
  ...['tools', 'tool_choice', 'thinking', 'output_config', 'output_format'],
])
const messageFields = new Set(['role', 'content'])
const systemFields = new Set(['type', 'text', 'cache_control', 'citations'])
const toolFields = new Set(['type', 'name', 'description', 'input_schema', 'cache_control'])
const choiceFields = new Set(['type', 'name', 'disable_parallel_tool_use'])
const thinkingFields = new Set(['type', 'budget_tokens'])
const outputFields = new Set(['effort', 'format'])
const metadataFields = new Set(['user_id'])

const noTextTools: ReadonlySet<string> = new Set()

/** A body of Anthropic's Messages, in our vocabulary. What it says that we have no word for is named. */
export function readAnthropicRequest(value: unknown): ClientRequest {
  const body = fieldsAt(value, 'body')
  const untranslated = new Set<string>()
  noteOthers(body, requestFields, '', untranslated)
  const tools = readTools(body['tools'], untranslated)
  const computer = tools.find((tool) => tool.computer !== undefined)?.computer?.format
  const context: ContentContext = { untranslated, toolNames: new Map(), computer, computerCalls: new Set() }
  const { leading, messages } = readMessages(body['messages'], context)
  const system = [...readSystem(body['system'], untranslated), ...leading]
  const { toolChoice, parallelToolCalls } = readToolChoice(body['tool_choice'], untranslated)
  const output = isAbsent(body['output_config']) ? {} : fieldsAt(body['output_config'], 'output_config')
  noteOthers(output, outputFields, 'output_config', untranslated)
  const metadata = isAbsent(body['metadata']) ? {} : fieldsAt(body['metadata'], 'metadata')
  noteOthers(metadata, metadataFields, 'metadata', untranslated)
  return {
    model: nameAt(body['model'], 'model'),
    stream: optionalFlag(body['stream'], 'stream') ?? false,
    system: system.length === 0 ? undefined : system.map(({ text }) => text).join('\n\n'),
    systemCacheBreakpoint: system.findLast((part) => part.cacheBreakpoint !== undefined)?.cacheBreakpoint,
    messages,
    tools,
    toolChoice,
    parallelToolCalls,
    // 0 fills the prompt cache and asks for no answer.
    maxOutputTokens: countAt(body['max_tokens'], 0, 'max_tokens'),
    temperature: optionalShare(body['temperature'], 'temperature'),
    topP: optionalShare(body['top_p'], 'top_p'),
    stopSequences: readStopSequences(body['stop_sequences']),
    reasoning: readReasoning(body['thinking'], output['effort'], untranslated),
    responseSchema: readSchema(body['output_format'] ?? output['format'], untranslated),
    cacheKey: undefined,
    textTools: noTextTools,
    user: optionalText(metadata['user_id'], 'metadata.user_id'),
    wantsUsage: true,
    previousResponse: undefined,
    stores: false,
    untranslated: [...untranslated],
  }
}

function readSystem(value: unknown, untranslated: Set<string>): TextPart[] {
  if (isAbsent(value) || value === '') return []
  if (typeof value === 'string') return [{ type: 'text', text: value }]
  if (!Array.isArray(value)) throw mismatch('system', 'a string or a list of text blocks', value)
  return value.map((one, index) => readSystemText(one, `system[${index}]`, untranslated))
}

function readSystemText(value: unknown, field: string, untranslated: Set<string>): TextPart {
  const block = fieldsAt(value, field)
  if (block['type'] !== 'text') throw mismatch(`${field}.type`, '"text"', block['type'])
  noteOthers(block, systemFields, 'system[]', untranslated)
  return { type: 'text', text: textAt(block['text'], `${field}.text`), ...cacheMark(block, field) }
}

/**
 * The conversation, and the system texts that it begins with. A system text in its middle has no word of ours: it
 * stays where it is, as the user's, and is named.
 */
function readMessages(value: unknown, context: ContentContext): { leading: TextPart[]; messages: Message[] } {
  const list = listAt(value, 'messages')
  if (list.length === 0) throw mismatch('messages', 'a list of at least one message', list)
  const leading: TextPart[] = []
  const messages: Message[] = []
  for (const [index, one] of list.entries()) {
    const field = `messages[${index}]`
    const message = fieldsAt(one, field)
    const { role } = message
    noteOthers(message, messageFields, 'messages[]', context.untranslated)
    if (role !== 'user' && role !== 'assistant' && role !== 'system') {
      throw mismatch(`${field}.role`, '"user", "assistant" or "system"', role)
    }
    const content = readContent(message['content'], `${field}.content`, context)
    if (role !== 'system') messages.push({ role, content })
    else if (messages.length === 0) leading.push(...content.filter((part) => part.type === 'text'))
    else {
      context.untranslated.add('messages[].role(system)')
      messages.push({ role: 'user', content })
    }
  }
  return { leading, messages }
}

/** Claude Code's, which keeps its vendor's search for tools switched on and is never to be called: without that search it is no tool. */
const placeholder = 'DeferredToolPlaceholder'

function isPlaceholder({ name, defer_loading: deferred }: Fields): boolean {
  return name === placeholder && deferred === true
}

/** Tools of the client. Those that the vendor runs, or knows the schema of, are named and left out. */
function readTools(value: unknown, untranslated: Set<string>): ToolDefinition[] {
  if (isAbsent(value)) return []
  return listAt(value, 'tools').flatMap((one, index) => {
    const field = `tools[${index}]`
    const tool = fieldsAt(one, field)
    const { type } = tool
    const computer = readComputerTool(tool, field, untranslated)
    if (computer !== undefined) return [computer]
    if (!isAbsent(type) && type !== 'custom') {
      untranslated.add(`tools[](${textAt(type, `${field}.type`)})`)
      return []
    }
    const name = nameAt(tool['name'], `${field}.name`)
    if (isPlaceholder(tool)) {
      untranslated.add(`tools[](${placeholder})`)
      return []
    }
    noteOthers(tool, toolFields, 'tools[]', untranslated)
    return [
      {
        name,
        description: optionalText(tool['description'], `${field}.description`) ?? '',
        inputSchema: fieldsAt(tool['input_schema'], `${field}.input_schema`) as Record<string, unknown>,
        ...cacheMark(tool, field),
      },
    ]
  })
}

function readToolChoice(value: unknown, untranslated: Set<string>): Pick<ClientRequest, 'toolChoice' | 'parallelToolCalls'> {
  if (isAbsent(value)) return { toolChoice: undefined, parallelToolCalls: undefined }
  const choice = fieldsAt(value, 'tool_choice')
  noteOthers(choice, choiceFields, 'tool_choice', untranslated)
  const oneOnly = optionalFlag(choice['disable_parallel_tool_use'], 'tool_choice.disable_parallel_tool_use') === true
  const parallelToolCalls = oneOnly ? false : undefined
  switch (choice['type']) {
    case 'auto':
    case 'none':
      return { toolChoice: choice['type'], parallelToolCalls }
    case 'any':
      return { toolChoice: 'required', parallelToolCalls }
    case 'tool':
      return { toolChoice: { name: nameAt(choice['name'], 'tool_choice.name') }, parallelToolCalls }
    default:
      throw mismatch('tool_choice.type', '"auto", "any", "tool" or "none"', choice['type'])
  }
}

function readStopSequences(value: unknown): string[] | undefined {
  if (isAbsent(value)) return undefined
  return listAt(value, 'stop_sequences').map((one, index) => textAt(one, `stop_sequences[${index}]`))
}

const efforts: Readonly<Record<string, ReasoningRequest['effort']>> = {
  low: 'low',
  medium: 'medium',
  high: 'high',
  xhigh: 'xhigh',
  max: 'xhigh',
}

/** An empty object where thinking is wanted and how much is left to the model. */
function readReasoning(thinking: unknown, effort: unknown, untranslated: Set<string>): ReasoningRequest | undefined {
  const named = optionalText(effort, 'output_config.effort')
  const known = named !== undefined && Object.hasOwn(efforts, named) ? efforts[named] : undefined
  if (named !== undefined && known === undefined) untranslated.add('output_config.effort')
  const wanted = known === undefined ? undefined : { effort: known }
  if (isAbsent(thinking)) return wanted
  const config: Fields = fieldsAt(thinking, 'thinking')
  const shown = config['display'] === 'omitted' ? {} : { shown: true as const }
  noteOthers(config, thinkingFields, 'thinking', untranslated)
  switch (config['type']) {
    case 'disabled':
      return { effort: 'none' }
    case 'enabled':
      return { ...wanted, ...shown, budgetTokens: countAt(config['budget_tokens'], 1, 'thinking.budget_tokens') }
    case 'adaptive':
      return { ...wanted, ...shown }
    default:
      untranslated.add(`thinking(${textAt(config['type'], 'thinking.type')})`)
      return wanted ?? {}
  }
}

function readSchema(value: unknown, untranslated: Set<string>): Record<string, unknown> | undefined {
  if (isAbsent(value)) return undefined
  const format = fieldsAt(value, 'output_config.format')
  if (format['type'] === 'json_schema') return fieldsAt(format['schema'], 'output_config.format.schema') as Record<string, unknown>
  untranslated.add('output_config.format')
  return undefined
}
