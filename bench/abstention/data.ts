import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { HostedTool } from '../../tools/tool.ts'

export const folder = process.env['SIGNALBOX_DATA'] ?? fileURLToPath(new URL('../../../shared/data', import.meta.url))

export interface Need {
  readonly id: string
  readonly text: string
  /** Exposed names of the right tools; none when no tool of `candidates` fits. */
  readonly gold: readonly string[]
  /** The tools that the row itself offers. */
  readonly candidates?: readonly string[] | undefined
}

type Row = Record<string, unknown>

export function hasData(): boolean {
  return existsSync(join(folder, 'metatool'))
}

export function metatoolTools(): HostedTool[] {
  return read('metatool/tools.jsonl').map((tool) => hosted(tool, ''))
}

export function bfclTools(): HostedTool[] {
  return read('bfcl/tools.jsonl').map((tool) => hosted(tool, ''))
}

export function liveMcpTools(): HostedTool[] {
  return read('livemcpbench/tools.jsonl').map((tool) => hosted(tool, string(tool['server_id'])))
}

/** Every third of the sample: some 650 needs, as many as BFCL has. */
export function metatoolNeeds(): Need[] {
  const rows = read('metatool/single_sample.jsonl').filter((_, index) => index % 3 === 0)
  return rows.map((row) => ({
    id: string(row['id']),
    text: string(row['query']),
    gold: strings(row['gold']),
  }))
}

/** Each need twice: among its ten candidates none fits, and with the right one in place of the last, one does. */
export function metatoolNoneApplies(): Need[] {
  return read('metatool/none_applies.jsonl').flatMap((row): Need[] => {
    const [candidates, absent, text, id] = [strings(row['candidates']), string(row['absent_tool']), string(row['query']), string(row['id'])]
    return [
      { id, text, gold: [], candidates },
      { id, text, gold: [absent], candidates: [...candidates.slice(0, -1), absent] },
    ]
  })
}

/** Texts stand in several categories, so a text is its own id. */
export function bfclNeeds(file: 'queries' | 'irrelevance'): Need[] {
  return read(`bfcl/${file}.jsonl`).map((row) => {
    const text = textOf(row['messages'])
    return { id: text, text, gold: strings(row['gold']), candidates: strings(row['candidates']) }
  })
}

/** The half that constants may be chosen on: by the first hex digit of SHA-1(id), as in the other measurements. */
export function isTuned(id: string): boolean {
  return Number.parseInt(createHash('sha1').update(id).digest('hex').slice(0, 1), 16) < 8
}

function hosted(tool: Row, server: string): HostedTool {
  const id = string(tool['tool_id'])
  const description = string(tool['description'] ?? '')
  return { name: id, server, tool: string(tool['name']), description, inputSchema: {}, definition: { id }, readOnly: true, hash: id }
}

function read(file: string): Row[] {
  return readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Row)
}

function textOf(messages: unknown): string {
  return (messages as { role: string; content: string }[])
    .filter((message) => message.role === 'user')
    .map((message) => message.content)
    .join('\n')
}

function string(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError(`A string was expected in the data, received ${typeof value}`)
  return value
}

function strings(value: unknown): string[] {
  if (!Array.isArray(value)) throw new TypeError(`A list was expected in the data, received ${typeof value}`)
  return value.map(string)
}
