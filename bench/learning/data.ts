import { createHash } from 'node:crypto'
import { toolNeeds, writtenTools } from '../../test/support/search/needs.ts'
import type { HostedTool } from '../../tools/tool.ts'
import { hostedWithoutSchema as hosted, type Row, read, string, strings } from '../tool-search/data.ts'
import { publishedTools } from '../tool-search/published.ts'

/** A need with its right tools, by exposed name. */
export interface Need {
  readonly id: string
  readonly text: string
  readonly gold: readonly string[]
  /** The tool that was called before it in the same conversation. */
  readonly previousTool?: string | undefined
}

export interface NeedSet {
  readonly name: string
  readonly tools: readonly HostedTool[]
  readonly needs: readonly Need[]
}

export function metatool(): NeedSet {
  return {
    name: 'MetaTool, all rows',
    tools: read('metatool/tools.jsonl').map((tool) => hosted(tool, '')),
    needs: read('metatool/single_all.jsonl.gz').map((row) => ({
      id: string(row['id']),
      text: string(row['query']),
      gold: strings(row['gold']),
    })),
  }
}

/** Needs that ask for two tools each. */
export function metatoolTwo(): NeedSet {
  return {
    ...metatool(),
    name: 'MetaTool, two tools',
    needs: read('metatool/multi.jsonl').map((row) => ({ id: string(row['id']), text: string(row['query']), gold: strings(row['gold']) })),
  }
}

/** The whole instruction of a simulated user, and all tools that solve the task. */
export function tauBench(): NeedSet {
  return {
    name: 'tau-bench',
    tools: read('tau-bench/tools.jsonl').map((tool) => hosted(tool, string(tool['tool_id']).split('/')[0] ?? '')),
    needs: read('tau-bench/tasks.jsonl')
      .map((row) => ({ id: string(row['id']), text: string(row['instruction']), gold: [...new Set(strings(row['gold']))] }))
      .filter(({ gold }) => gold.length > 0),
  }
}

export function stableToolBench(): NeedSet {
  return {
    name: 'StableToolBench',
    tools: read('stabletoolbench/tools.jsonl').map((tool) => hosted(tool, string(tool['tool']))),
    needs: read('stabletoolbench/queries.jsonl').map((row) => ({
      id: string(row['id']),
      text: string(row['query']),
      gold: strings(row['gold']),
    })),
  }
}

/** One need a turn; a conversation stays in one part, since its id begins the ids of its turns. */
export function bfclMultiTurn(): NeedSet {
  const needs = read('bfcl/multiturn.jsonl').flatMap((conversation) => {
    let previousTool: string | undefined
    return (conversation['turns'] as Row[]).flatMap((turn, index): Need[] => {
      const gold = [...new Set(strings(turn['gold']))]
      const text = string(turn['user'] ?? '')
      const before = previousTool
      previousTool = strings(turn['gold']).at(-1) ?? previousTool
      if (gold.length === 0 || text.trim() === '') return []
      return [{ id: `${string(conversation['id'])}:turn${index}`, text, gold, previousTool: before }]
    })
  })
  const tools = read('bfcl/multiturn_tools.jsonl').map((tool) => hosted(tool, string(tool['tool_id']).split('/')[0] ?? ''))
  return { name: 'BFCL multi-turn', tools, needs }
}

export async function ownNeeds(): Promise<NeedSet> {
  const tools = [...(await publishedTools()), ...writtenTools()]
  const names = new Map(tools.map((tool) => [`${tool.server}/${tool.tool}`, tool.name]))
  const needs = toolNeeds().map(({ need, gold }) => ({
    id: need,
    text: need,
    gold: gold.flatMap((id) => names.get(id) ?? []),
  }))
  return { name: 'Own needs', tools, needs: needs.filter((need) => need.gold.length > 0) }
}

/** A number of 0–1 that follows from the id and the salt alone. */
export function shareOf(id: string, salt: string): number {
  return createHash('sha1').update(`${salt}${id}`).digest().readUInt32BE(0) / 2 ** 32
}
