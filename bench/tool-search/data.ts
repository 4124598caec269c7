import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'
import type { HostedTool } from '../../tools/tool.ts'

export const folder = process.env['SIGNALBOX_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url))
export const all = process.argv.includes('--all')

export interface Need {
  id: string
  text: string
  gold: readonly string[]
  /** What was said before it. */
  context?: string | undefined
  /** Tools that may be chosen, where the row has its own. */
  candidates?: readonly string[] | undefined
}

export type Row = Record<string, unknown>

export function hosted(tool: Row, server: string): HostedTool {
  const id = string(tool['tool_id'])
  const name = string(tool['name'])
  const description = string(tool['description'] ?? '')
  return { name: id, server, tool: name, description, inputSchema: schemaOf(tool), definition: { id }, readOnly: true, hash: id }
}

/** As `hosted`, but nothing is known of its parameters. */
export function hostedWithoutSchema(tool: Row, server: string): HostedTool {
  return { ...hosted(tool, server), inputSchema: {} }
}

/** StableToolBench lists parameters, the others have schemas or nothing. */
function schemaOf(tool: Row): Row {
  if (tool['inputSchema']) return tool['inputSchema'] as Row
  const parameters = [tool['required'], tool['optional']].flatMap((list) => (list ?? []) as Row[])
  return { type: 'object', properties: Object.fromEntries(parameters.map((parameter) => [string(parameter['name']), {}])) }
}

export function idOf(tool: HostedTool): string {
  return string(tool.definition['id'])
}

export function heldOut(rows: readonly Row[], key: string): Row[] {
  return rows.filter((one) => all || isHeldOut(string(one[key])))
}

/** The half that constants may be chosen on. */
export function isTuned(id: string): boolean {
  return !isHeldOut(id)
}

export function isHeldOut(id: string): boolean {
  return Number.parseInt(sha1(id).slice(0, 1), 16) >= 8
}

export function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex')
}

export function read(file: string): Row[] {
  const bytes = readFileSync(join(folder, file))
  const text = (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

export function textOf(messages: unknown): string {
  return (messages as { role: string; content: string }[])
    .filter((message) => message.role === 'user')
    .map((message) => message.content)
    .join('\n')
}

export function string(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`A string was expected in the data, received ${typeof value}`)
  return value
}

export function strings(value: unknown): string[] {
  if (!Array.isArray(value)) throw new TypeError(`A list was expected in the data, received ${typeof value}`)
  return value.map(string)
}
