import { readFileSync } from 'node:fs'
import type { Catalogue, HostedTool } from '../../../tools/tool.ts'

/** What an agent wants to do, in its own words, and the tools that are right, as `server/tool`: none when no tool fits. */
export interface ToolNeed {
  /** Constants were chosen with the `tune` needs, and are held to the `gate` needs. */
  part: 'tune' | 'gate'
  /** Whether it shares words with the tool, or nothing fits. */
  kind: 'paraphrase' | 'shared' | 'none'
  need: string
  gold: string[]
}

export function toolNeeds(): ToolNeed[] {
  return linesOf('tool-needs.jsonl') as ToolNeed[]
}

/** A need that names an address or a file, or follows a turn (`context`) that does; `server/*` stands for all tools of a server. */
export interface PointingToolNeed {
  need: string
  context?: string
  gold: string[]
}

/** Written before pointers were read, over the servers of LiveMCPBench and `writtenTools`. */
export function pointingToolNeeds(): PointingToolNeed[] {
  return linesOf('pointing-needs.jsonl') as PointingToolNeed[]
}

/** Tools as servers for GitHub, Slack, PostgreSQL, browsers, calendars and the like describe theirs, written for these tests. */
export function writtenTools(): HostedTool[] {
  return (linesOf('tool-definitions.jsonl') as { server: string; name: string; description: string }[]).map(
    ({ server, name, description }) => hostedTool(`${server}/${name}`, description),
  )
}

/** A tool as the host would have it, from `server/tool`. */
export function hostedTool(id: string, description = '', more: Partial<HostedTool> = {}): HostedTool {
  const [server = '', tool = ''] = id.split('/')
  const inputSchema = { type: 'object' }
  return {
    name: `${server}_${tool}`,
    server,
    tool,
    description,
    inputSchema,
    definition: { name: tool, description, inputSchema },
    readOnly: true,
    hash: `${id} ${description}`,
    ...more,
  }
}

export function catalogueOf(tools: readonly HostedTool[]): Catalogue {
  const hash = JSON.stringify(tools.map((tool) => [tool.name, tool.hash, tool.quarantined]))
  return { tools, prompts: [], resources: [], templates: [], hash }
}

function linesOf(file: string): unknown[] {
  const text = readFileSync(new URL(`../../fixtures/${file}`, import.meta.url), 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}
