import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { HostedTool } from '../../tools/tool.ts'
import { folder, hostedWithoutSchema as hosted, read, string, strings, textOf } from '../tool-search/data.ts'

export interface Need {
  readonly id: string
  readonly text: string
  /** Exposed names of the right tools; none when no tool of `candidates` fits. */
  readonly gold: readonly string[]
  /** The tools that the row itself offers. */
  readonly candidates?: readonly string[] | undefined
}

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
