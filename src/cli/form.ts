import type { InputRequest } from '../../tools/tool.ts'
import { note } from './output.ts'
import { confirmed, hasPerson, question } from './question.ts'
import type { Terminal } from './terminal.ts'

interface Field {
  readonly type?: string
  readonly title?: string
  readonly description?: string
  readonly enum?: readonly unknown[]
}

/** Shows a form (MCP elicitation) to the person at the terminal. What cannot be shown or answered is declined. */
export async function answerInputRequest(request: InputRequest, terminal: Terminal): Promise<Record<string, unknown>> {
  if (request.method !== 'elicitation/create' || !hasPerson(terminal)) return { action: 'decline' }
  const { message, requestedSchema } = request.params as {
    message?: unknown
    requestedSchema?: { properties?: Record<string, Field>; required?: string[] }
  }
  note(terminal, String(message ?? 'An answer is needed'))
  const fields = Object.entries(requestedSchema?.properties ?? {})
  if (fields.length === 0) return { action: 'decline' }
  const content: Record<string, unknown> = {}
  for (const [name, field] of fields) {
    const value = await askField(name, field, terminal)
    if (value === undefined && requestedSchema?.required?.includes(name) === true) return { action: 'cancel' }
    if (value !== undefined) content[name] = value
  }
  return { action: 'accept', content }
}

async function askField(name: string, field: Field, terminal: Terminal): Promise<unknown> {
  const label = [field.title ?? name, field.description].filter((part) => part !== undefined && part !== '').join(': ')
  if (field.type === 'boolean') return confirmed(terminal, label)
  const choices = field.enum?.map(String)
  const text = await question(terminal, `${label}${choices === undefined ? '' : ` (${choices.join(', ')})`}: `)
  if (text === '') return undefined
  if (choices !== undefined) return choices.includes(text) ? text : undefined
  if (field.type === 'number' || field.type === 'integer') return Number.isFinite(Number(text)) ? Number(text) : undefined
  return text
}
