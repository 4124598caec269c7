import { z } from 'zod'
import type { HostedTool } from '../../tools/tool.ts'
import { parseRows, refuse } from './labelled-rows.ts'

/** A need with the tools that are right for it, by exposed name; none when no tool fits. */
export interface LabelledNeed {
  readonly need: string
  readonly gold: readonly string[]
}

const text = (max: number) => z.string().min(1).max(max)
const toolRow = z.looseObject({
  tool_id: text(300).optional(),
  name: text(200),
  server: text(200).optional(),
  description: z.string().max(1_000_000).default(''),
  inputSchema: z.record(z.string(), z.unknown()).default({ type: 'object' }),
})
const golds = z.union([z.array(text(300)), z.literal('none').transform(() => []), z.null().transform(() => [])], {
  error: 'must be a list of names, or "none"',
})
const needRow = z
  .looseObject({ need: text(20_000).optional(), query: text(20_000).optional(), gold: golds.optional(), tools: golds.optional() })
  .refine((row) => (row.need === undefined) !== (row.query === undefined), 'must have exactly one of need and query')
  .refine((row) => (row.gold === undefined) !== (row.tools === undefined), 'must have exactly one of gold and tools')

/** @throws {LabelledDataError} With each faulty line. */
export function parseCatalogue(content: string, file: string): HostedTool[] {
  const rows = parseRows(content, file, toolRow)
  const lines = new Map<string, number>()
  const faults: string[] = []
  const tools = rows.map(({ row, line }): HostedTool => {
    const { tool_id: id, name, server = '', description, inputSchema } = row
    const exposed = id ?? (server === '' ? name : `${server}/${name}`)
    const first = lines.get(exposed)
    if (first === undefined) lines.set(exposed, line)
    else faults.push(`line ${line}: "${exposed}" stands in line ${first} already`)
    return { name: exposed, server, tool: name, description, inputSchema, definition: {}, readOnly: true, hash: exposed }
  })
  refuse(file, faults)
  if (tools.length === 0) refuse(file, ['it has no tool'])
  return tools
}

/**
 * Right tools may be named as the catalogue exposes them (`tool_id`), as `server/name`, or by a name that one tool alone has.
 *
 * @throws {LabelledDataError} With each faulty line.
 */
export function parseNeeds(content: string, file: string, tools: readonly HostedTool[]): LabelledNeed[] {
  const names = namesOf(tools)
  const faults: string[] = []
  const needs = parseRows(content, file, needRow).map(({ row, line }): LabelledNeed => {
    const gold = (row.gold ?? row.tools ?? []).flatMap((name) => {
      const [first, ...others] = names.get(name) ?? []
      if (first === undefined) faults.push(`line ${line}: no tool of the catalogue is called "${name}"`)
      if (others.length > 0) faults.push(`line ${line}: "${name}" may be ${[first, ...others].slice(0, 4).join(' or ')}`)
      return first ?? []
    })
    return { need: row.need ?? row.query ?? '', gold: [...new Set(gold)] }
  })
  refuse(file, faults)
  if (needs.length === 0) refuse(file, ['it has no need'])
  return needs
}

/** Exposed names by everything that a tool may be called. The exposed name itself is never in doubt. */
function namesOf(tools: readonly HostedTool[]): Map<string, string[]> {
  const names = new Map<string, string[]>()
  for (const tool of tools) {
    for (const name of new Set([`${tool.server}/${tool.tool}`, tool.tool])) names.set(name, [...(names.get(name) ?? []), tool.name])
  }
  for (const tool of tools) names.set(tool.name, [tool.name])
  return names
}
