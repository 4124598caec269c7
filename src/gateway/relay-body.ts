import { computerToolName } from '../../models/computer/calls.ts'
import type { Deployment } from '../../models/deployment.ts'
import type { ClientFormat, ClientFormatName, ClientRequest, ReasoningFate } from '../../models/wire/client-format.ts'
import type { PassageChanges } from '../dispatch/passage.ts'
import { type fieldsOf, withFields } from './json-fields.ts'

/** A request as it came: its text, and what was read of it. */
export interface GivenBody {
  readonly text: string
  readonly fields: ReturnType<typeof fieldsOf>
  /** What the text holds, but for what is to be another for everybody. */
  readonly json: Readonly<Record<string, unknown>>
  readonly changed?: readonly string[] | undefined
  readonly request: ClientRequest
}

/** Where each format says how long an answer may be at most; of several the first that a body has. */
const limitFields: Readonly<Record<ClientFormatName, readonly [string, ...string[]]>> = {
  'anthropic-messages': ['max_tokens'],
  'openai-responses': ['max_output_tokens'],
  'openai-chat': ['max_completion_tokens', 'max_tokens'],
}

/**
 * The body for a deployment of the same format: the original text where nothing must be another, else with these values alone
 * exchanged in it.
 */
export function relayBody(
  format: ClientFormat,
  given: GivenBody,
  deployment: Deployment,
  changes: PassageChanges,
  reasoning: (raw: unknown) => ReasoningFate,
): string {
  const { text, json, request, changed = [] } = given
  const fate = changes.withoutReasoning ? () => 'drop' as const : reasoning
  const limit = changes.maxOutputTokens === request.maxOutputTokens ? undefined : changes.maxOutputTokens
  const rewritten = format.rewriteBody(json as Record<string, unknown>, {
    deployment: deployment.id,
    model: deployment.model,
    maxOutputTokens: limit,
    reasoning: fate,
    note: changes.note,
  })
  const values: Record<string, unknown> = Object.fromEntries(changed.map((name) => [name, json[name]]))
  for (const name of new Set([...Object.keys(json), ...Object.keys(rewritten)])) {
    if (rewritten[name] !== json[name]) values[name] = rewritten[name]
  }
  if (json['model'] !== deployment.model) values['model'] = deployment.model
  if (limit !== undefined) {
    const names = limitFields[format.name]
    values[names.find((name) => Object.hasOwn(rewritten, name)) ?? names[0]] = limit
  }
  if (changes.temperature !== request.temperature) values['temperature'] = changes.temperature
  const tools = json['tools']
  if (changes.tools !== undefined && Array.isArray(tools)) {
    const offered = new Set(request.tools.map(({ name }) => name))
    const left = tools.filter((tool) => !isHeldBack(tool, offered, changes.tools))
    if (left.length < tools.length) values['tools'] = left
  }
  if (Object.keys(values).length === 0) return text
  const { fields, repeated } = given.fields
  // A name that stands twice, or is to go: the text is written anew.
  const isSpliced = repeated.size === 0 && Object.values(values).every((value) => value !== undefined)
  return isSpliced ? withFields(text, { fields }, values) : JSON.stringify({ ...json, ...values })
}

/** A tool that the policy takes away. What the vendor runs itself has no name that a policy knows. */
function isHeldBack(tool: unknown, offered: ReadonlySet<string>, left: ReadonlySet<string> | undefined): boolean {
  const name = nameOf(tool)
  return name !== undefined && offered.has(name) && left?.has(name) === false
}

function nameOf(tool: unknown): string | undefined {
  if (typeof tool !== 'object' || tool === null) return undefined
  const { name, type, function: called, custom } = tool as Record<string, unknown>
  if (typeof name === 'string') return name
  // A vendor's computer has no name of its own in the newer forms.
  if (typeof type === 'string' && /^computer(?:_|$)/.test(type)) return computerToolName
  return nameOf(called ?? custom)
}
